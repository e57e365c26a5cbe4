#include "crypto/secret_box.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <memory>

#include "base/bytes.h"
#include "base/ids.h"
#include "crypto/key_ring.h"

namespace crypto {

namespace {

constexpr std::string_view sealed_version = "v1";
constexpr std::string_view prefix = "v1:";
// NIST SP 800-38D §5.2.1.1 and §8.2: 96-bit nonces; drawn at random they are good for 2^32 values under one
// key.
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t max_secret_size = 64 * 1024;
constexpr std::size_t max_sealed_size = max_secret_size * 2;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string additional_data(const Place& place) {
    std::string text;
    for (const std::string_view part : {place.table, place.row, place.column}) text.append(part).append("|");
    return text.append(sealed_version);
}

std::string to_base64(const std::string& bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), octets(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // its zero
    return text;
}

std::string from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(octets(bytes), bytes.size(), text.data(), text.size(), nullptr, &size, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text.data() + text.size())
        return {};
    bytes.resize(size);
    return bytes;
}

tl::unexpected<base::Error> cannot_open(const Place& place) {
    return base::fail(base::ErrorCode::internal,
                      "A stored secret (" + std::string(place.table) + "." + std::string(place.column) +
                          " of " + std::string(place.row) +
                          ") cannot be decrypted: it was changed, moved or written under "
                          "another encryption key. Enter it again, or restore the database with its key.");
}

}  // namespace

SecretBox::SecretBox(base::Secret key) : key_(std::move(key)) {}

base::Result<std::string> SecretBox::seal(const Place& place, const base::Secret& secret) const {
    const auto failed = [] {
        return base::fail(base::ErrorCode::internal, "A secret could not be encrypted.");
    };
    if (key_.size() != key_size) return failed();
    if (secret.size() > max_secret_size)
        return base::fail(base::ErrorCode::too_large, "A secret may have at most 64 KiB.");

    const base::Bytes nonce = base::random_bytes(nonce_size);
    const std::string aad = additional_data(place);
    std::string body(secret.size(), '\0');
    std::string tag(tag_size, '\0');
    int size = 0;
    const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    if (!cipher ||
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(key_.reveal()), nonce.data()) !=
            1 ||
        EVP_EncryptUpdate(cipher.get(), nullptr, &size, octets(aad), static_cast<int>(aad.size())) != 1 ||
        EVP_EncryptUpdate(cipher.get(), octets(body), &size, octets(secret.reveal()),
                          static_cast<int>(secret.size())) != 1 ||
        EVP_EncryptFinal_ex(cipher.get(), octets(tag), &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag.data()) != 1)
        return failed();
    return std::string(prefix) + to_base64(std::string(base::as_text(nonce)) + body + tag);
}

base::Result<base::Secret> SecretBox::open(const Place& place, std::string_view sealed) const {
    if (key_.size() != key_size || sealed.size() > max_sealed_size || !sealed.starts_with(prefix))
        return cannot_open(place);
    const std::string bytes = from_base64(sealed.substr(prefix.size()));
    if (bytes.size() < nonce_size + tag_size) return cannot_open(place);

    const std::string_view view(bytes);
    const std::string_view nonce = view.substr(0, nonce_size);
    const std::string_view body = view.substr(nonce_size, view.size() - nonce_size - tag_size);
    std::string tag(view.substr(view.size() - tag_size));
    const std::string aad = additional_data(place);
    std::string text(body.size(), '\0');
    std::string rest(tag_size, '\0');
    int size = 0;
    const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    const bool good =
        cipher &&
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(key_.reveal()), octets(nonce)) ==
            1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &size, octets(aad), static_cast<int>(aad.size())) == 1 &&
        EVP_DecryptUpdate(cipher.get(), octets(text), &size, octets(body), static_cast<int>(body.size())) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), octets(rest), &size) == 1;
    base::Secret secret(std::move(text));  // wiped also when it is not good
    if (!good) return cannot_open(place);
    return secret;
}

}  // namespace crypto
