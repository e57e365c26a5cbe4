#include "base/secret.h"

#include <openssl/crypto.h>

namespace base {

// A short string lives inside its object, so a move would leave a copy behind: copy and wipe instead.
Secret::Secret(Secret&& other) noexcept : text_(other.text_) {  // NOLINT(performance-move-constructor-init)
    other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        wipe();
        text_ = other.text_;
    }
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        text_ = other.text_;
        other.wipe();
    }
    return *this;
}

std::string Secret::masked() const {
    static constexpr std::string_view dots = "••••••••";
    static constexpr std::size_t shortest_with_tail = 12;
    std::string text(dots);
    if (text_.size() >= shortest_with_tail) text += text_.substr(text_.size() - 4);
    return text;
}

bool operator==(const Secret& a, const Secret& b) {
    return a.text_.size() == b.text_.size() &&
           CRYPTO_memcmp(a.text_.data(), b.text_.data(), a.text_.size()) == 0;
}

void Secret::wipe() noexcept {
    OPENSSL_cleanse(text_.data(), text_.size());
    text_.clear();
}

}  // namespace base
