#include "storage/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>

namespace storage {
namespace {

template <class Digest>
Digest digest(const EVP_MD* kind, base::ByteView bytes) {
    Digest result{};
    unsigned size = 0;
    // It fails only when the library is broken: what is signed or compared with zeros would be wrong.
    if (EVP_Digest(bytes.data(), bytes.size(), result.data(), &size, kind, nullptr) != 1 ||
        size != result.size())
        std::abort();
    return result;
}

}  // namespace

Md5 md5(base::ByteView bytes) {
    return digest<Md5>(EVP_md5(), bytes);
}

struct Md5Stream::Context {
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> state{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Md5Stream::Md5Stream() : context_(std::make_unique<Context>()) {
    if (EVP_DigestInit_ex(context_->state.get(), EVP_md5(), nullptr) != 1) std::abort();
}

Md5Stream::~Md5Stream() = default;

void Md5Stream::add(base::ByteView bytes) {
    if (EVP_DigestUpdate(context_->state.get(), bytes.data(), bytes.size()) != 1) std::abort();
}

Md5 Md5Stream::finish() {
    Md5 result{};
    if (EVP_DigestFinal_ex(context_->state.get(), result.data(), nullptr) != 1) std::abort();
    return result;
}

Sha256 sha256(base::ByteView bytes) {
    return digest<Sha256>(EVP_sha256(), bytes);
}

Sha256 hmac_sha256(base::ByteView key, base::ByteView text) {
    Sha256 result{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text.data(), text.size(), result.data(),
             &size) == nullptr ||
        size != result.size())
        std::abort();
    return result;
}

std::string base64(base::ByteView bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

}  // namespace storage
