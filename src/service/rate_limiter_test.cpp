#include "service/rate_limiter.h"

#include <gtest/gtest.h>

namespace service {
namespace {

using namespace std::chrono_literals;

TEST(RateLimiter, lets_so_many_through_in_a_sliding_window) {
    base::ManualClock clock;
    RateLimiter limiter(clock, 3, 60s);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(limiter.try_count("a"));
        clock.advance(10s);
    }
    // The first was 30 s ago: it leaves the window in 30 s.
    EXPECT_EQ(limiter.try_count("a"), 30s);
    EXPECT_FALSE(limiter.try_count("b"));
    clock.advance(30s);
    EXPECT_FALSE(limiter.try_count("a"));
    EXPECT_EQ(limiter.wait("a"), 10s);
}

TEST(RateLimiter, forgets_on_success) {
    base::ManualClock clock;
    RateLimiter limiter(clock, 1, 60s);
    limiter.count("a");
    EXPECT_TRUE(limiter.wait("a"));
    limiter.forget("a");
    EXPECT_FALSE(limiter.wait("a"));
}

TEST(RateLimiter, remembers_a_bounded_number_of_keys) {
    base::ManualClock clock;
    RateLimiter limiter(clock, 1, 60s);
    for (std::size_t i = 0; i < RateLimiter::max_keys + 10; ++i) limiter.count(std::to_string(i));
    EXPECT_TRUE(limiter.wait(std::to_string(RateLimiter::max_keys + 9)));
}

TEST(ClientNetwork, is_an_address_without_its_port) {
    EXPECT_EQ(client_network("203.0.113.7:50122"), "203.0.113.7");
    EXPECT_EQ(client_network("203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(client_network("[::ffff:203.0.113.7]:50122"), "203.0.113.7");
    EXPECT_EQ(client_network("[2001:db8:1:2:3:4:5:6]:80"), client_network("2001:db8:1:2:ffff::1"));
    EXPECT_NE(client_network("2001:db8:1:2::1"), client_network("2001:db8:1:3::1"));
}

}  // namespace
}  // namespace service
