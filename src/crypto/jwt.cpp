#include "crypto/jwt.h"

#include <openssl/crypto.h>
#include <sodium.h>

#include <jwt/jwt.hpp>

#include "base/ids.h"
#include "crypto/keyed_hash.h"

namespace crypto {

namespace {

// RFC 9068 §2.1: the type tells an access token from every other JWT under the same issuer.
constexpr const char* access_type = "access";
constexpr std::size_t max_claim_size = 256;

std::string to_base64url(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.pop_back();  // its zero
    return text;
}

// The only header we write, and the only one we read (compared as bytes): there is no algorithm to choose and
// no place for kid, jku, jwk or x5u.
const std::string& pinned_header() {
    static const std::string header = to_base64url(R"({"alg":"HS256","typ":"JWT"})");
    return header;
}

std::int64_t seconds_of(base::WallTime time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

tl::unexpected<base::Error> refused() {
    return base::fail(
        {base::ErrorCode::unauthenticated, "The access token is not valid. Sign in again.", "token_invalid"});
}

tl::unexpected<base::Error> expired() {
    return base::fail({base::ErrorCode::unauthenticated,
                       "The access token has expired. Refresh it or sign in again.", "token_expired"});
}

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<std::string> text_claim(const nlohmann::json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_string()) return std::nullopt;
    std::string text = found->get<std::string>();
    if (text.empty() || text.size() > max_claim_size) return std::nullopt;
    return text;
}

std::optional<std::int64_t> time_claim(const nlohmann::json& claims, const char* name) {
    constexpr std::int64_t year9999 = 253'402'300'799;
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_number_unsigned()) return std::nullopt;
    const std::uint64_t seconds = found->get<std::uint64_t>();
    if (seconds > year9999) return std::nullopt;
    return static_cast<std::int64_t>(seconds);
}

}  // namespace

AccessTokens::AccessTokens(base::Secret key, JwtSettings settings)
    : key_(std::move(key)), settings_(std::move(settings)) {
    settings_.life = std::clamp(settings_.life, std::chrono::seconds(1), max_access_token_life);
}

base::Result<base::Secret> AccessTokens::issue(const AccessClaims& claims, base::WallTime now) const {
    const std::int64_t issued = seconds_of(now);
    jwt::jwt_object object{jwt::params::algorithm("HS256"), jwt::params::secret(key_.reveal())};
    object.add_claim("iss", settings_.issuer)
        .add_claim("aud", settings_.audience)
        .add_claim("typ", access_type)
        .add_claim("sub", claims.subject)
        .add_claim("role", claims.role)
        .add_claim("sid", claims.session_id)
        .add_claim("jti", base::random_hex(16))
        .add_claim("iat", issued)
        .add_claim("nbf", issued)
        .add_claim("exp", issued + settings_.life.count());
    std::error_code error;
    base::Secret token(object.signature(error));
    if (error || !token.reveal().starts_with(pinned_header() + "."))
        return base::fail(base::ErrorCode::internal, "An access token could not be signed.");
    return token;
}

base::Result<AccessClaims> AccessTokens::verify(std::string_view token, base::WallTime now) const {
    if (token.size() > max_token_size) return refused();
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last)
        return refused();
    if (token.substr(0, first) != pinned_header()) return refused();
    // Before anything of it is parsed, and in constant time, which cpp-jwt's own comparison is not. The text
    // is compared, not the bytes it stands for, so that a signature has one spelling.
    const base::Bytes digest = hmac_sha256(key_, token.substr(0, last));
    if (!same(to_base64url(base::as_text(digest)), token.substr(last + 1))) return refused();

    nlohmann::json json;
    try {
        std::error_code error;
        const jwt::jwt_object object =
            jwt::decode(jwt::string_view(token.data(), token.size()), jwt::params::algorithms({"HS256"}),
                        error, jwt::params::secret(key_.reveal()), jwt::params::verify(false));
        if (error) return refused();
        json = object.payload().create_json_obj();
    } catch (const std::exception&) {
        return refused();
    }

    if (text_claim(json, "iss") != settings_.issuer || text_claim(json, "aud") != settings_.audience ||
        text_claim(json, "typ") != access_type)
        return refused();
    const auto subject = text_claim(json, "sub");
    const auto role = text_claim(json, "role");
    const auto session = text_claim(json, "sid");
    const auto issued = time_claim(json, "iat");
    const auto not_before = time_claim(json, "nbf");
    const auto expires = time_claim(json, "exp");
    if (!subject || !role || !session || !issued || !not_before || !expires) return refused();
    const std::int64_t leeway = clock_leeway.count();
    const std::int64_t at = seconds_of(now);
    if (*not_before > at + leeway || *issued > at + leeway) return refused();
    if (*expires <= *issued || *expires - *issued > max_access_token_life.count()) return refused();
    if (*expires <= at) return expired();

    AccessClaims claims;
    claims.subject = *subject;
    claims.role = *role;
    claims.session_id = *session;
    claims.issued_at = base::WallTime(std::chrono::seconds(*issued));
    claims.expires_at = base::WallTime(std::chrono::seconds(*expires));
    return claims;
}

}  // namespace crypto
