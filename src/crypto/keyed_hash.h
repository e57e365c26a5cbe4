// HMAC-SHA256 under a key of the installation: finds a secret in the database without storing it. Without the
// key nobody can test guesses against a stolen table. Immutable, any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace crypto {

class KeyedHash {
  public:
    explicit KeyedHash(base::Secret key) : key_(std::move(key)) {}

    // 64 hexadecimal characters. `domain` ("stream-key", "refresh-token") keeps equal texts of different
    // kinds apart.
    std::string hex(std::string_view domain, const base::Secret& secret) const;

  private:
    base::Secret key_;
};

// The raw 32 bytes of HMAC-SHA256 (RFC 2104).
base::Bytes hmac_sha256(const base::Secret& key, std::string_view text);

}  // namespace crypto
