#include "crypto/jwt.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <set>
#include <vector>

#include "base/bytes.h"
#include "crypto/keyed_hash.h"

namespace crypto {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t fixed_now = 1'800'000'000;
const base::WallTime issue_time{seconds(fixed_now)};
const base::Secret signing_key(std::string(32, 'k'));
constexpr const char* good_header = R"({"alg":"HS256","typ":"JWT"})";

std::string base64url(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.pop_back();
    return text;
}

std::string signed_with(const base::Secret& key, std::string_view header, std::string_view payload) {
    const std::string text = base64url(header) + "." + base64url(payload);
    return text + "." + base64url(base::as_text(hmac_sha256(key, text)));
}

// A good payload, in which a forger replaces one member or adds some.
std::string payload(const std::string& replaced = {}, const std::string& by = {}) {
    const std::vector<std::pair<std::string, std::string>> members{
        {"iss", R"("everycast")"}, {"aud", R"("everycast-api")"}, {"typ", R"("access")"},
        {"sub", R"("us_1")"},      {"role", R"("admin")"},        {"sid", R"("family")"},
        {"iat", "1800000000"},     {"nbf", "1800000000"},         {"exp", "1800000900"},
    };
    std::string text;
    for (const auto& [name, value] : members) {
        const std::string& used = name == replaced ? by : value;
        if (used.empty()) continue;
        text += (text.empty() ? "{" : ",");
        text.append("\"").append(name).append("\":").append(used);
    }
    return text + "}";
}

AccessTokens tokens() {
    return AccessTokens(signing_key, {});
}

TEST(AccessTokens, ReadsWhatItIssued) {
    const base::Secret token =
        tokens()
            .issue({.subject = "us_1", .role = "broadcaster", .session_id = "family"}, issue_time)
            .value();
    const AccessClaims claims = tokens().verify(token.reveal(), issue_time).value();
    EXPECT_EQ(claims.subject, "us_1");
    EXPECT_EQ(claims.role, "broadcaster");
    EXPECT_EQ(claims.session_id, "family");
    EXPECT_EQ(claims.issued_at, issue_time);
    EXPECT_EQ(claims.expires_at, issue_time + minutes(15));
}

TEST(AccessTokens, AcceptsTheForgersOwnMaterialWhenNothingIsForged) {
    // Otherwise the table below would pass for the wrong reason.
    EXPECT_TRUE(tokens().verify(signed_with(signing_key, good_header, payload()), issue_time));
}

TEST(AccessTokens, LivesFifteenMinutesAndNoSecondMore) {
    const base::Secret token =
        tokens().issue({.subject = "u", .role = "r", .session_id = "s"}, issue_time).value();
    EXPECT_TRUE(tokens().verify(token.reveal(), issue_time + minutes(15) - seconds(1)));
    const auto late = tokens().verify(token.reveal(), issue_time + minutes(15));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().name, "token_expired");
}

TEST(AccessTokens, ForgivesClocksAMinute) {
    const base::Secret token =
        tokens().issue({.subject = "u", .role = "r", .session_id = "s"}, issue_time).value();
    EXPECT_TRUE(tokens().verify(token.reveal(), issue_time - seconds(60)));
    EXPECT_FALSE(tokens().verify(token.reveal(), issue_time - seconds(61)));
}

TEST(AccessTokens, NeverIssuesALongerLife) {
    const AccessTokens greedy(
        signing_key, {.issuer = "everycast", .audience = "everycast-api", .life = std::chrono::hours(24)});
    const base::Secret token =
        greedy.issue({.subject = "u", .role = "r", .session_id = "s"}, issue_time).value();
    EXPECT_EQ(greedy.verify(token.reveal(), issue_time).value().expires_at, issue_time + minutes(15));
}

TEST(AccessTokens, AreAllDifferent) {
    const AccessClaims claims{.subject = "u", .role = "r", .session_id = "s"};
    EXPECT_FALSE(tokens().issue(claims, issue_time).value() == tokens().issue(claims, issue_time).value());
}

struct Forgery {
    const char* what;
    std::string token;
};

std::vector<Forgery> forgeries() {
    const std::string good = signed_with(signing_key, good_header, payload());
    const std::string head = good.substr(0, good.find('.'));
    const std::string body = good.substr(head.size() + 1, good.rfind('.') - head.size() - 1);
    const std::string tail = good.substr(good.rfind('.') + 1);
    const auto header = [](const char* json) { return signed_with(signing_key, json, payload()); };
    const auto unsigned_header = [&](const char* json) { return base64url(json) + "." + body + "."; };
    const auto claim = [](const char* name, const char* value) {
        return signed_with(signing_key, good_header, payload(name, value));
    };
    std::string flipped = tail;
    flipped[0] = flipped[0] == 'A' ? 'B' : 'A';
    std::string respelt = tail;  // the same bytes: the last character's two low bits carry nothing
    respelt.back() = static_cast<char>(respelt.back() + 1);

    return {
        {"nothing", ""},
        {"a dot", "."},
        {"two dots", ".."},
        {"three dots", "..."},
        {"words", "not a token"},
        {"header alone", head},
        {"no signature part", head + "." + body},
        {"empty signature", head + "." + body + "."},
        {"empty body", head + ".." + tail},
        {"empty header", "." + body + "." + tail},
        {"four parts", good + "." + tail},
        {"a space before", " " + good},
        {"a newline after", good + "\n"},
        {"a zero after", good + std::string(1, '\0')},
        {"padding after", good + "="},
        {"flipped signature", head + "." + body + "." + flipped},
        {"signature cut", good.substr(0, good.size() - 1)},
        {"signature spelt otherwise", head + "." + body + "." + respelt},
        {"body of another", head + "." + base64url(payload("sub", R"("us_2")")) + "." + tail},
        {"another key", signed_with(base::Secret(std::string(32, 'x')), good_header, payload())},
        {"the empty key", signed_with(base::Secret(), good_header, payload())},
        {"the key 'secret'", signed_with(base::Secret("secret"), good_header, payload())},
        {"too long", signed_with(signing_key, good_header,
                                 payload("sub", ("\"" + std::string(4096, 'a') + "\"").c_str()))},

        {"alg none, unsigned", unsigned_header(R"({"alg":"none","typ":"JWT"})")},
        {"alg None, unsigned", unsigned_header(R"({"alg":"None","typ":"JWT"})")},
        {"alg NONE, unsigned", unsigned_header(R"({"alg":"NONE","typ":"JWT"})")},
        {"alg nOnE, unsigned", unsigned_header(R"({"alg":"nOnE","typ":"JWT"})")},
        {"alg empty, unsigned", unsigned_header(R"({"alg":"","typ":"JWT"})")},
        {"alg missing, unsigned", unsigned_header(R"({"typ":"JWT"})")},
        {"alg none, signed", header(R"({"alg":"none","typ":"JWT"})")},
        {"alg null", header(R"({"alg":null,"typ":"JWT"})")},
        {"alg a number", header(R"({"alg":256,"typ":"JWT"})")},
        {"alg a list", header(R"({"alg":["HS256"],"typ":"JWT"})")},
        {"alg HS384", header(R"({"alg":"HS384","typ":"JWT"})")},
        {"alg HS512", header(R"({"alg":"HS512","typ":"JWT"})")},
        {"alg RS256", header(R"({"alg":"RS256","typ":"JWT"})")},
        {"alg ES256", header(R"({"alg":"ES256","typ":"JWT"})")},
        {"alg EdDSA", header(R"({"alg":"EdDSA","typ":"JWT"})")},
        {"alg hs256", header(R"({"alg":"hs256","typ":"JWT"})")},
        {"alg twice", header(R"({"alg":"HS256","alg":"none","typ":"JWT"})")},
        {"typ missing", header(R"({"alg":"HS256"})")},
        {"typ JWE", header(R"({"alg":"HS256","typ":"JWE"})")},
        {"kid", header(R"({"alg":"HS256","kid":"1","typ":"JWT"})")},
        {"kid traversal", header(R"({"alg":"HS256","kid":"../../dev/null","typ":"JWT"})")},
        {"kid SQL", header(R"({"alg":"HS256","kid":"' UNION SELECT 'k","typ":"JWT"})")},
        {"jku", header(R"({"alg":"HS256","jku":"https://evil.example/keys","typ":"JWT"})")},
        {"jwk", header(R"({"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"},"typ":"JWT"})")},
        {"x5u", header(R"({"alg":"HS256","typ":"JWT","x5u":"https://evil.example/c.pem"})")},
        {"x5c", header(R"({"alg":"HS256","typ":"JWT","x5c":["AAAA"]})")},
        {"crit", header(R"({"alg":"HS256","crit":["exp"],"typ":"JWT"})")},
        {"b64 false", header(R"({"alg":"HS256","b64":false,"typ":"JWT"})")},
        {"header with spaces", header(R"({"alg": "HS256", "typ": "JWT"})")},
        {"header no JSON", header("HS256")},

        {"body no JSON", signed_with(signing_key, good_header, "us_1")},
        {"body a list", signed_with(signing_key, good_header, "[]")},
        {"body a text", signed_with(signing_key, good_header, R"("us_1")")},
        {"body null", signed_with(signing_key, good_header, "null")},
        {"body empty object", signed_with(signing_key, good_header, "{}")},
        {"body cut", signed_with(signing_key, good_header, payload().substr(0, 40))},
        {"body deep", signed_with(signing_key, good_header, std::string(1000, '['))},
        {"iss of another", claim("iss", R"("othercast")")},
        {"iss missing", claim("iss", "")},
        {"iss a list", claim("iss", R"(["everycast"])")},
        {"aud swapped", claim("aud", R"("everycast-playback")")},
        {"aud missing", claim("aud", "")},
        {"aud a list", claim("aud", R"(["everycast-api"])")},
        {"typ refresh", claim("typ", R"("refresh")")},
        {"typ claim missing", claim("typ", "")},
        {"sub missing", claim("sub", "")},
        {"sub empty", claim("sub", R"("")")},
        {"sub a number", claim("sub", "1")},
        {"sub null", claim("sub", "null")},
        {"role missing", claim("role", "")},
        {"role a list", claim("role", R"(["admin"])")},
        {"sid missing", claim("sid", "")},
        {"iat missing", claim("iat", "")},
        {"iat in the future", claim("iat", "1800000061")},
        {"iat a text", claim("iat", R"("1800000000")")},
        {"nbf missing", claim("nbf", "")},
        {"nbf in the future", claim("nbf", "1800000061")},
        {"exp missing", claim("exp", "")},
        {"exp passed", claim("exp", "1800000000")},
        {"exp negative", claim("exp", "-1")},
        {"exp a fraction", claim("exp", "1800000900.5")},
        {"exp a text", claim("exp", R"("1800000900")")},
        {"exp null", claim("exp", "null")},
        {"exp beyond all clocks", claim("exp", "18446744073709551615")},
        {"exp a second too far", claim("exp", "1800000901")},
        {"exp in ten years", claim("exp", "2115360000")},
        {"iat after exp", claim("iat", "1800000950")},
    };
}

TEST(AccessTokens, RefusesEveryForgery) {
    const std::vector<Forgery> table = forgeries();
    EXPECT_GE(table.size(), 60u);
    std::set<std::string> different;
    for (const Forgery& forgery : table) {
        EXPECT_TRUE(different.insert(forgery.token).second) << forgery.what << " is in the table twice";
        const auto claims = tokens().verify(forgery.token, issue_time);
        ASSERT_FALSE(claims) << forgery.what;
        EXPECT_EQ(claims.error().code, base::ErrorCode::unauthenticated) << forgery.what;
    }
}

TEST(AccessTokens, RefusesTokensOfAnotherIssuer) {
    const AccessTokens other(signing_key, {.issuer = "staging", .audience = "everycast-api"});
    const base::Secret token =
        other.issue({.subject = "u", .role = "r", .session_id = "s"}, issue_time).value();
    EXPECT_TRUE(other.verify(token.reveal(), issue_time));
    EXPECT_FALSE(tokens().verify(token.reveal(), issue_time));
}

}  // namespace
}  // namespace crypto
