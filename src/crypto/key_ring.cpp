#include "crypto/key_ring.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstdlib>
#include <memory>

#include "crypto/keyed_hash.h"

namespace crypto {

namespace {

// The names are part of what is stored: changing one makes everything under it unreadable.
std::string_view info_of(Purpose purpose) {
    switch (purpose) {
        case Purpose::encryption:
            return "everycast encryption v1";
        case Purpose::lookup:
            return "everycast lookup v1";
        case Purpose::access_token:
            return "everycast access token v1";
        case Purpose::playback_token:
            return "everycast playback token v1";
        case Purpose::viewer_id:
            return "everycast viewer id v1";
        case Purpose::check:
            return "everycast check v1";
    }
    std::abort();
}

OSSL_PARAM octets(const char* name, std::string_view bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

bool run_kdf(const char* algorithm, OSSL_PARAM* params, std::string& out) {
    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, algorithm, nullptr),
                                                                EVP_KDF_free);
    if (!kdf) return false;
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()),
                                                                            EVP_KDF_CTX_free);
    return context && EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                     params) == 1;
}

}  // namespace

base::Result<KeyRing> KeyRing::derive(const base::Secret& encryption_key, base::ByteView salt,
                                      ScryptCost cost) {
    if (encryption_key.empty())
        return base::fail(base::ErrorCode::invalid_argument, "The encryption key is empty.");
    if (salt.size() != salt_size)
        return base::fail(base::ErrorCode::internal, "The salt of the encryption key is damaged.");

    // OpenSSL refuses a cost above this bound: 128 · n · r bytes, and some room.
    std::uint64_t memory = 128 * cost.n * cost.r * 2;
    OSSL_PARAM params[] = {
        octets(OSSL_KDF_PARAM_PASSWORD, encryption_key.reveal()),
        octets(OSSL_KDF_PARAM_SALT, base::as_text(salt)),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &cost.n),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_R, &cost.r),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_P, &cost.p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
        OSSL_PARAM_construct_end(),
    };
    std::string root(key_size, '\0');
    if (!run_kdf("SCRYPT", params, root))
        return base::fail(base::ErrorCode::internal,
                          "The keys could not be derived from the encryption key.");
    return KeyRing(base::Secret(std::move(root)));
}

base::Secret KeyRing::key(Purpose purpose) const {
    std::string digest = "SHA256";
    int mode =
        EVP_KDF_HKDF_MODE_EXPAND_ONLY;  // scrypt's output is uniform: nothing to extract (RFC 5869 §3.3)
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        octets(OSSL_KDF_PARAM_KEY, root_.reveal()),
        octets(OSSL_KDF_PARAM_INFO, info_of(purpose)),
        OSSL_PARAM_construct_end(),
    };
    std::string out(key_size, '\0');
    // A key of zeros must never be used: without libcrypto there is no going on.
    if (!run_kdf("HKDF", params, out)) std::abort();
    return base::Secret(std::move(out));
}

std::string KeyRing::check_value() const {
    return base::to_hex(hmac_sha256(key(Purpose::check), "everycast encryption key"));
}

}  // namespace crypto
