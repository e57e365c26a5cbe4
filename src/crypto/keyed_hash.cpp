#include "crypto/keyed_hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>

namespace crypto {

base::Bytes hmac_sha256(const base::Secret& key, std::string_view text) {
    base::Bytes out(EVP_MAX_MD_SIZE);
    unsigned int size = 0;
    const base::ByteView bytes = base::as_bytes(text);
    // It fails only when memory is gone or libcrypto is broken: there is no going on then.
    if (!HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.size()), bytes.data(), bytes.size(),
              out.data(), &size))
        std::abort();
    out.resize(size);
    return out;
}

std::string KeyedHash::hex(std::string_view domain, const base::Secret& secret) const {
    // The zero byte ends the domain, so that no domain and text run into another pair.
    const base::Secret text(std::string(domain) + '\0' + secret.reveal());
    return base::to_hex(hmac_sha256(key_, text.reveal()));
}

}  // namespace crypto
