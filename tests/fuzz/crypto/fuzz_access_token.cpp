// Access tokens. The first byte says what the rest is: a token as it came, or the claims of one that is
// signed with the right key and the right header, so that what stands behind the signature is reached too.
// Nothing is taken but what the installation itself could have issued.
#include <sodium.h>

#include <string>

#include "base/bytes.h"
#include "crypto/jwt.h"
#include "crypto/keyed_hash.h"
#include "fuzz/require.h"
#include "fuzz/surroundings.h"

using namespace crypto;

namespace {

const base::WallTime now{std::chrono::seconds(1'800'000'000)};
constexpr std::uint8_t is_claims = 1;

const base::Secret& key() {
    static const base::Secret secret(std::string(32, 'k'));
    return secret;
}

const AccessTokens& tokens() {
    static const AccessTokens made(key(), {});
    return made;
}

std::string base64url(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.pop_back();
    return text;
}

std::string signed_claims(std::string_view claims) {
    static const std::string header = base64url(R"({"alg":"HS256","typ":"JWT"})");
    const std::string text = header + "." + base64url(claims);
    return text + "." + base64url(base::as_text(hmac_sha256(key(), text)));
}

bool has_good_signature(std::string_view token) {
    const std::size_t last = token.rfind('.');
    return last != std::string_view::npos &&
           base64url(base::as_text(hmac_sha256(key(), token.substr(0, last)))) == token.substr(last + 1);
}

void check(const AccessClaims& claims) {
    using std::chrono::seconds;
    fuzz::require(!claims.subject.empty() && !claims.role.empty() && !claims.session_id.empty());
    fuzz::require(claims.expires_at > now && claims.issued_at <= now + clock_leeway);
    fuzz::require(claims.expires_at > claims.issued_at &&
                  claims.expires_at - claims.issued_at <= max_access_token_life);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    fuzz::without_chance();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest = base::as_text({data + 1, size - 1});
    const std::string token = data[0] & is_claims ? signed_claims(rest) : std::string(rest);
    const auto claims = tokens().verify(token, now);
    if (!claims) {
        fuzz::require(claims.error().code == base::ErrorCode::unauthenticated);
        return 0;
    }
    fuzz::require(token.size() <= max_token_size && has_good_signature(token));
    check(*claims);
    const auto again = tokens().issue(*claims, now);
    fuzz::require(again.has_value());
    // Long claims are taken as they are, and may be too long for a token of our own.
    if (again->size() > max_token_size) return 0;
    const auto read_again = tokens().verify(again->reveal(), now);
    fuzz::require(read_again && read_again->subject == claims->subject && read_again->role == claims->role &&
                  read_again->session_id == claims->session_id);
    return 0;
}
