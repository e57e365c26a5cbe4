#include "output/counter_rate.h"

#include <gtest/gtest.h>

namespace output {
namespace {

using namespace std::chrono_literals;
const base::MonotonicTime start{1h};

TEST(CounterRate, one_look_tells_nothing) {
    CounterRate rate;
    EXPECT_EQ(rate.per_second(), 0);
    rate.look(start, 5'000);
    EXPECT_EQ(rate.per_second(), 0);
}

TEST(CounterRate, rate_is_exact_however_the_looks_fall) {
    CounterRate rate;
    rate.look(start, 1'000);
    rate.look(start + 100ms, 1'003);
    EXPECT_DOUBLE_EQ(rate.per_second(), 30);
    rate.look(start + 700ms, 1'021);
    EXPECT_DOUBLE_EQ(rate.per_second(), 30);
}

TEST(CounterRate, what_is_long_past_counts_no_more) {
    CounterRate rate;
    rate.look(start, 0);
    std::uint64_t total = 1'000'000;
    for (int i = 1; i <= 8; ++i) rate.look(start + i * 500ms, total += 15);
    EXPECT_DOUBLE_EQ(rate.per_second(), 30);
}

TEST(CounterRate, begins_anew) {
    CounterRate rate;
    for (int i = 0; i < 20; ++i) rate.look(start + i * 500ms, 1'000u * static_cast<unsigned>(i));
    rate.reset();
    rate.look(start + 60s, 100'000);
    EXPECT_EQ(rate.per_second(), 0);
    rate.look(start + 61s, 100'025);
    EXPECT_DOUBLE_EQ(rate.per_second(), 25);
}

TEST(CounterRate, two_looks_at_the_same_time_give_no_rate) {
    CounterRate rate;
    rate.look(start, 0);
    rate.look(start, 10);
    EXPECT_EQ(rate.per_second(), 0);
}

}  // namespace
}  // namespace output
