#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "platform/advice.h"

namespace platform {
namespace {

constexpr base::WallTime now{std::chrono::seconds(1'790'000'000)};

std::vector<std::string> codes(const std::vector<Advice>& advice) {
    std::vector<std::string> result;
    result.reserve(advice.size());
    for (const Advice& one : advice) result.push_back(one.code);
    return result;
}

const Platform& the(std::string_view id) {
    const Platform* platform = find(id);
    EXPECT_NE(platform, nullptr) << id;
    return *platform;
}

struct Key {
    const char* platform;
    const char* text;
    std::vector<std::string> codes;
};

TEST(CheckKey, knows_what_keys_look_like) {
    const Key keys[] = {
        {"youtube", "a1b2-c3d4-e5f6-g7h8-i9j0", {}},
        {"youtube", "a1b2-c3d4-e5f6-g7h8", {}},
        {"youtube", "a1b2-c3d4-e5f6", {"key_looks_wrong"}},
        {"youtube", "a1b2-c3d4-e5f6-g7h8-i9j0-k1l2", {"key_looks_wrong"}},
        {"youtube", "a1b2-c3d4-e5f6-g7h8-i9j", {"key_looks_wrong"}},
        {"youtube", "a1b2-c3d4-e5f6-g7h8-i9j0 ", {"key_looks_wrong"}},
        {"youtube", "live_44322889_a34ub37c8ajv98a0", {"key_looks_wrong"}},
        {"twitch", "live_44322889_a34ub37c8ajv98a0", {}},
        {"twitch", "live_44322889_a34ub37c8ajv98a0?bandwidthtest=true", {}},
        {"twitch", "live_a34ub37c8ajv98a0", {"key_looks_wrong"}},
        {"twitch", "myname", {"key_looks_wrong"}},
        {"facebook", "FB-1234567890123456-0-AbCdEfGhIjKlMnOp", {}},
        {"facebook", "1234567890123456?s_bl=1&s_psm=1&s_sc=1234&s_sw=0&s_vt=api-s&a=AbyzXy-_9", {}},
        {"facebook", "1234567890123456", {"key_looks_wrong"}},
        {"kick", "sk_us-west-2_aBcDeFgHiJkL_mNoPqRsTuVwXyZ", {}},
        {"kick", "us-west-2_aBcDeFgHiJkL", {"key_looks_wrong"}},
        {"instagram", "IG-17912345678901234-0-AbCdEfGhIjKlMnOp", {}},
        {"instagram", "17912345678901234?s_bl=0&s_sw=0&a=AbcD", {}},
        {"instagram", "FB-17912345678901234-0-AbCdEfGhIjKlMnOp", {"key_looks_wrong"}},
        {"tiktok", "stream-1234567890123456789?a=b&expire=7fffffff&sign=0123456789abcdef", {}},
        {"tiktok", "stream-1234567890123456789", {"key_looks_wrong"}},
        {"cloudflare", "2fb3cb9f17e68a2568d6ebed8d5505eak3ceaf8c9b1f395e1b76b79332497cada", {}},
        {"cloudflare", "short", {"key_looks_wrong"}},
        {"custom", "any?thing&goes=/here%20", {}},
        {"custom", "two words", {"key_looks_wrong"}},
        {"custom", "", {}},
        {"youtube", "", {}},
        {"twitch", "rtmp://live.twitch.tv/app/live_44322889_a34ub37c8ajv98a0", {"key_is_a_url"}},
        {"custom", "rtmp://host/live/key", {"key_is_a_url"}},
    };
    for (const Key& key : keys) {
        const auto advice = check_key(the(key.platform), base::Secret(key.text), now);
        EXPECT_EQ(codes(advice), key.codes) << key.platform << " " << key.text;
        for (const Advice& one : advice)
            EXPECT_TRUE(one.message.find(key.text) == std::string::npos) << one.message;
    }
}

TEST(CheckKey, takes_its_own_placeholders_for_keys) {
    for (const Platform& platform : catalogue()) {
        if (platform.key.looks_right("two words")) ADD_FAILURE() << platform.id;
        const bool is_example = platform.key.placeholder.find(' ') == std::string_view::npos;
        if (is_example) {
            EXPECT_TRUE(platform.key.looks_right(platform.key.placeholder)) << platform.id;
        }
    }
}

TEST(CheckKey, reads_the_end_of_a_tiktok_key) {
    const auto check = [](std::string_view expire) {
        return codes(check_key(the("tiktok"),
                               base::Secret("stream-123456?x=1&" + std::string(expire) + "&sign=ab"), now));
    };
    const std::vector<std::string> expired{"key_expired"};
    const std::vector<std::string> fine;
    // 1 790 000 000 is 6ab13b80.
    EXPECT_EQ(check("expire=6ab13b80"), expired);
    EXPECT_EQ(check("expire=6ab13b81"), fine);
    EXPECT_EQ(check("expire=00000001"), expired);
    EXPECT_EQ(check("expire=ffffffff"), fine);
    EXPECT_EQ(check("expire="), fine);
    EXPECT_EQ(check("expire=xyz"), fine);
    EXPECT_EQ(check("expire=1ffffffff"), fine);
    EXPECT_EQ(check("noexpire=1"), fine);
    EXPECT_EQ(codes(check_key(the("tiktok"), base::Secret("stream-123456?sign=ab&expire=1"), now)), expired);
    // Only TikTok's keys are known to speak of it.
    EXPECT_EQ(codes(check_key(the("custom"), base::Secret("k?expire=1"), now)), fine);
}

}  // namespace
}  // namespace platform
