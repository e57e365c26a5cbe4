#include "crypto/playback_token.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <set>
#include <vector>

#include "base/ids.h"
#include "crypto/jwt.h"
#include "crypto/keyed_hash.h"

namespace crypto {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const base::WallTime now{seconds(1'800'000'000)};
const base::Secret key(std::string(32, 'k'));
const PlaybackTokens tokens(key);
const ViewerIds viewers(key);
constexpr const char* show = "4wPZx0N2mQe7RkT1yUvB3c";
constexpr const char* other_show = "9hLd8Wq6SxC5JfVnMz2GtY";
const std::string fan = "us_0123456789abcdefghijkl";

std::string base64url(base::ByteView bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.pop_back();
    return text;
}

// What a forger puts together: a token of these parts, signed with this key for this subject.
struct Parts {
    std::uint8_t kind = 1;
    std::uint32_t expires = 1'800'000'300;
    std::string session = std::string(12, 's');
    std::string user = fan;
    std::string mark = "pt1.";
    base::Secret with = key;
    std::string subject = show;
    std::size_t signature = 16;
};

std::string forge(const Parts& parts) {
    base::Bytes body{parts.kind};
    for (int shift = 24; shift >= 0; shift -= 8)
        body.push_back(static_cast<std::uint8_t>(parts.expires >> shift));
    base::append(body, base::as_bytes(parts.session));
    base::append(body, base::as_bytes(parts.user));
    std::string text{'\0', static_cast<char>(parts.subject.size())};
    text += parts.subject;
    text += base::as_text(body);
    base::Bytes signature = hmac_sha256(parts.with, text);
    signature.resize(parts.signature);
    base::append(body, signature);
    return parts.mark + base64url(body);
}

TEST(PlaybackTokens, ReadWhatTheyIssued) {
    const PlaybackSession session = random_playback_session();
    const std::string token = tokens.issue(show, fan, session, now);
    const auto claims = tokens.read(show, token, now);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->user_id, fan);
    EXPECT_EQ(claims->session, session);
    EXPECT_EQ(claims->expires_at, now + minutes(5));
    EXPECT_LE(token.size(), max_playback_token_size);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_."),
              std::string::npos)
        << "a URL carries it as it is";
    // Whoever goes on playing may show it longer: that is for the caller to see.
    EXPECT_TRUE(tokens.read(show, token, now + minutes(90)));
}

TEST(PlaybackTokens, LiveNoLongerThanFiveMinutes) {
    const auto claims = tokens.read(show, tokens.issue(show, fan, {}, now, minutes(60)), now);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->expires_at, now + minutes(5));
}

TEST(PlaybackTokens, AcceptTheForgersOwnMaterialWhenNothingIsForged) {
    // Otherwise the table below would pass for the wrong reason.
    ASSERT_TRUE(tokens.read(show, forge({}), now));
}

std::vector<std::string> forged_tokens() {
    std::vector<std::string> forged{
        "",
        "pt1.",
        "pt1.AAAA",
        "pt1",
        ".",
        "null",
        "undefined",
        "admin",
        "../../etc/passwd",
        "' OR 1=1 --",
        std::string(10'000, 'A'),
        "pt1." + std::string(196, 'A'),
        std::string("pt1.\0AAAA", 9),
    };
    const auto add = [&](auto change) {
        Parts parts;
        change(parts);
        forged.push_back(forge(parts));
    };
    add([](Parts& p) { p.kind = 0; });
    add([](Parts& p) { p.kind = 2; });
    add([](Parts& p) { p.kind = 255; });
    add([](Parts& p) { p.expires += 62; });
    add([](Parts& p) { p.expires = 0xFFFF'FFFF; });
    add([](Parts& p) { p.expires = 0x8000'0000; });
    add([](Parts& p) { p.session.pop_back(), p.user.clear(); });
    add([](Parts& p) { p.user.clear(); });
    add([](Parts& p) { p.user = std::string(65, 'u'); });
    add([](Parts& p) { p.user = std::string(500, 'u'); });
    add([](Parts& p) { p.mark = ""; });
    add([](Parts& p) { p.mark = "pt2."; });
    add([](Parts& p) { p.mark = "PT1."; });
    add([](Parts& p) { p.mark = " pt1."; });
    add([](Parts& p) { p.with = base::Secret(std::string(32, 'j')); });
    add([](Parts& p) { p.with = base::Secret(std::string(31, 'k')); });
    add([](Parts& p) { p.with = base::Secret(std::string(32, '\0')); });
    add([](Parts& p) { p.with = base::Secret("secret"); });
    add([](Parts& p) { p.subject = other_show; });
    add([](Parts& p) { p.subject = std::string(show) + "x"; });
    add([](Parts& p) { p.subject = ""; });
    add([](Parts& p) { p.subject = "as_0123456789abcdefghijkl"; });
    add([](Parts& p) { p.signature = 0; });
    add([](Parts& p) { p.signature = 4; });
    add([](Parts& p) { p.signature = 15; });
    add([](Parts& p) { p.signature = 32; });

    // A good one, damaged; each character stands for bits that are signed.
    const std::string good = forge({});
    for (std::size_t i = 4; i < good.size(); i += 6) {
        std::string bent = good;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        forged.push_back(bent);
    }
    forged.push_back(good + "A");
    forged.push_back(good + "=");
    forged.push_back(good + ".");
    forged.push_back(good + " ");
    forged.push_back(good.substr(0, good.size() - 1));
    forged.push_back("Bearer " + good);
    std::string standard = good;
    std::replace(standard.begin(), standard.end(), '_', '/');
    std::replace(standard.begin(), standard.end(), '-', '+');
    if (standard != good) forged.push_back(standard);
    // What is signed with our key for something else.
    forged.push_back(viewers.issue(show, now));
    forged.push_back("pt1." + viewers.issue(show, now));
    const AccessTokens access(key, {});
    const auto jwt = access.issue({.subject = fan, .role = "admin", .session_id = "s"}, now).value();
    forged.push_back(jwt.reveal());
    forged.push_back("pt1." + jwt.reveal());
    forged.push_back("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c18xIn0.");
    return forged;
}

TEST(PlaybackTokens, RefuseForgedOnes) {
    const auto forged = forged_tokens();
    ASSERT_GE(forged.size(), 60u);
    for (std::size_t i = 0; i < forged.size(); ++i)
        EXPECT_FALSE(tokens.read(show, forged[i], now)) << i << ": " << forged[i].substr(0, 200);
}

TEST(PlaybackTokens, AreNoAccessTokens) {
    const AccessTokens access(key, {});
    EXPECT_FALSE(access.verify(tokens.issue(show, fan, {}, now), now));
    EXPECT_FALSE(access.verify(viewers.issue(show, now), now));
}

TEST(ViewerIds, AreKnownAgainForTheirPlaybackIdAlone) {
    const std::string text = viewers.issue(show, now);
    EXPECT_EQ(text.size(), 44u);
    const auto id = ViewerIds::parse(text);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->issued_s, 1'800'000'000u);
    EXPECT_TRUE(viewers.is_ours(show, *id));
    EXPECT_FALSE(viewers.is_ours(other_show, *id));
    EXPECT_FALSE(ViewerIds(base::Secret(std::string(32, 'j'))).is_ours(show, *id));
    EXPECT_NE(viewers.issue(show, now), text) << "each player has its own";
}

TEST(ViewerIds, ThatWereForgedAreNotOurs) {
    const std::string good = viewers.issue(show, now);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bent = good;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        const auto id = ViewerIds::parse(bent);
        EXPECT_FALSE(id && viewers.is_ours(show, *id)) << i;
    }
    for (const std::string& text :
         {std::string(), std::string("x"), good + "A", good.substr(1), std::string(44, 'A'),
          tokens.issue(show, fan, {}, now), std::string(100'000, 'A')})
        EXPECT_FALSE(ViewerIds::parse(text)) << text.substr(0, 100);
}

}  // namespace
}  // namespace crypto
