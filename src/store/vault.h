// The secrets' side of the store: encrypts what must be shown again, hashes what is only looked up. Owned by
// Store.
#pragma once

#include <string>

#include "crypto/key_ring.h"
#include "crypto/keyed_hash.h"
#include "crypto/secret_box.h"
#include "store/connection.h"

namespace store {

class Vault {
  public:
    explicit Vault(const crypto::KeyRing& keys)
        : box_(keys.key(crypto::Purpose::encryption)), hash_(keys.key(crypto::Purpose::lookup)) {}

    // Text for a column; empty for an empty secret. Throws a Failure.
    std::string seal(const crypto::Place& place, const base::Secret& secret) const {
        if (secret.empty()) return {};
        auto sealed = box_.seal(place, secret);
        if (!sealed) throw Failure{sealed.error()};
        return std::move(*sealed);
    }
    // Throws a Failure when the text was not sealed for this place under this key.
    base::Secret open(const crypto::Place& place, const std::string& sealed) const {
        if (sealed.empty()) return {};
        auto secret = box_.open(place, sealed);
        if (!secret) throw Failure{secret.error()};
        return std::move(*secret);
    }
    std::string hash(std::string_view domain, const base::Secret& secret) const {
        return hash_.hex(domain, secret);
    }

  private:
    crypto::SecretBox box_;
    crypto::KeyedHash hash_;
};

// The kinds of hashed secrets; part of what is stored.
inline constexpr std::string_view stream_key_domain = "stream-key";
inline constexpr std::string_view refresh_token_domain = "refresh-token";
inline constexpr std::string_view api_token_domain = "api-token";
inline constexpr std::string_view setup_code_domain = "setup-code";

}  // namespace store
