// Encrypts secrets at rest: AES-256-GCM, a random nonce per value, and the place of the value authenticated
// with it, so that a ciphertext moved to another row, column or table does not open. Immutable, any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace crypto {

// Where a secret lies.
struct Place {
    std::string_view table;
    std::string_view row;
    std::string_view column;
};

class SecretBox {
  public:
    // `key` is 32 bytes.
    explicit SecretBox(base::Secret key);

    // "v1:" and base64 of nonce (12 bytes), ciphertext and tag (16 bytes). The additional data is
    // "table|row|column|v1".
    base::Result<std::string> seal(const Place& place, const base::Secret& secret) const;
    // Fails closed on a wrong key, a changed byte or another place; the error names the place and nothing
    // secret.
    base::Result<base::Secret> open(const Place& place, std::string_view sealed) const;

  private:
    base::Secret key_;
};

}  // namespace crypto
