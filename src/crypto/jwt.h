// Access tokens: JWTs (RFC 7519) signed with HS256 and nothing else. Immutable, any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace crypto {

struct AccessClaims {
    std::string subject;     // user id (sub)
    std::string role;        // admin, broadcaster, viewer
    std::string session_id;  // refresh family (sid)
    base::WallTime issued_at{};
    base::WallTime expires_at{};
};

struct JwtSettings {
    std::string issuer = "everycast";
    std::string audience = "everycast-api";
    // At most max_access_token_life.
    std::chrono::seconds life{15 * 60};
};

inline constexpr std::chrono::seconds max_access_token_life{15 * 60};
inline constexpr std::chrono::seconds clock_leeway{60};
inline constexpr std::size_t max_token_size = 2048;

class AccessTokens {
  public:
    // `key` is KeyRing::key(Purpose::access_token).
    AccessTokens(base::Secret key, JwtSettings settings);

    // issued_at and expires_at of `claims` are ignored: from `now`, for `life`.
    base::Result<base::Secret> issue(const AccessClaims& claims, base::WallTime now) const;
    // unauthenticated on anything wrong: signature, algorithm, a header that names keys, issuer, audience,
    // type, times (60 s of leeway for nbf and iat, none for exp), life, or a claim missing or of another
    // type.
    base::Result<AccessClaims> verify(std::string_view token, base::WallTime now) const;

  private:
    base::Secret key_;
    JwtSettings settings_;
};

}  // namespace crypto
