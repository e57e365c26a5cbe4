#include "crypto/secret_box.h"

#include <gtest/gtest.h>

#include <array>

namespace crypto {
namespace {

constexpr Place sealed_place{"stations", "st_1", "stream_key"};
const base::Secret key_rule(std::string(32, 'k'));

TEST(SecretBox, OpensWhatItSealed) {
    const SecretBox box(key_rule);
    const std::array texts{std::string("0123456789abcdef0123456789abcdef"), std::string(),
                           std::string("a?b&c=d/e%20"), std::string("zero\0inside", 11),
                           std::string(64 * 1024, 'x')};
    for (const std::string& text : texts) {
        const auto sealed = box.seal(sealed_place, base::Secret(text));
        ASSERT_TRUE(sealed);
        EXPECT_TRUE(sealed->starts_with("v1:"));
        EXPECT_TRUE(text.empty() || sealed->find(text) == std::string::npos);
        const auto opened = box.open(sealed_place, *sealed);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->reveal(), text);
    }
}

TEST(SecretBox, NeverSealsTheSameWayTwice) {
    const SecretBox box(key_rule);
    EXPECT_NE(box.seal(sealed_place, base::Secret("same")).value(),
              box.seal(sealed_place, base::Secret("same")).value());
}

// A ciphertext that somebody with write access to the database moved does not open at its new place.
TEST(SecretBox, IsBoundToItsPlace) {
    const SecretBox box(key_rule);
    const std::string sealed = box.seal(sealed_place, base::Secret("secret of st_1")).value();
    for (const Place other : {Place{"stations", "st_2", "stream_key"}, Place{"stations", "st_1", "other"},
                              Place{"livestreams", "st_1", "stream_key"}}) {
        const auto opened = box.open(other, sealed);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().message.find("secret of"), std::string::npos);
    }
}

TEST(SecretBox, RefusesAnotherKey) {
    const std::string sealed = SecretBox(key_rule).seal(sealed_place, base::Secret("text")).value();
    EXPECT_FALSE(SecretBox(base::Secret(std::string(32, 'K'))).open(sealed_place, sealed));
    EXPECT_FALSE(SecretBox(base::Secret("short")).open(sealed_place, sealed));
    EXPECT_FALSE(SecretBox(base::Secret("short")).seal(sealed_place, base::Secret("text")));
}

TEST(SecretBox, RefusesEveryChangedCharacter) {
    const SecretBox box(key_rule);
    const std::string sealed = box.seal(sealed_place, base::Secret("0123456789")).value();
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(box.open(sealed_place, changed)) << i;
    }
}

TEST(SecretBox, RefusesWhatItNeverWrote) {
    const SecretBox box(key_rule);
    const std::string sealed = box.seal(sealed_place, base::Secret("0123456789")).value();
    for (const std::string& text :
         {std::string(), std::string("v1:"), std::string("v1:AAAA"), std::string("v2:") + sealed.substr(3),
          sealed.substr(0, sealed.size() - 4), sealed + "AAAA", sealed + " ", std::string("plain text"),
          "v1:" + std::string(200'000, 'A')})
        EXPECT_FALSE(box.open(sealed_place, text)) << text.substr(0, 40);
}

TEST(SecretBox, BoundsWhatItSeals) {
    const auto sealed = SecretBox(key_rule).seal(sealed_place, base::Secret(std::string(64 * 1024 + 1, 'x')));
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error().code, base::ErrorCode::too_large);
}

}  // namespace
}  // namespace crypto
