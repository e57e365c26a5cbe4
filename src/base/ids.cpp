#include "base/ids.h"

#include <sodium.h>

#include <cstdlib>

namespace base {
namespace {

void ensure_generator() {
    static const bool ready = sodium_init() >= 0;
    if (!ready) std::abort();
}

}  // namespace

std::string random_id(std::string_view prefix) {
    static constexpr std::string_view alphabet =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static constexpr int length = 22;
    ensure_generator();
    std::string id(prefix);
    for (int i = 0; i < length; ++i) id.push_back(alphabet[randombytes_uniform(alphabet.size())]);
    return id;
}

std::string random_hex(std::size_t count) {
    return to_hex(random_bytes(count / 2));
}

Bytes random_bytes(std::size_t count) {
    ensure_generator();
    Bytes bytes(count);
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

}  // namespace base
