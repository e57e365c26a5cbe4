#include "hub/timeline.h"

#include <gtest/gtest.h>

namespace hub {
namespace {

using media::Kind;
using namespace std::chrono_literals;

class TimelineTest : public testing::Test {
  protected:
    // Places one frame after `passed` of real time; gives its time in milliseconds.
    std::int64_t place(Kind kind, std::uint32_t wire_ms, std::chrono::milliseconds passed = 20ms) {
        clock_.advance(passed);
        return timeline_.place(kind, wire_ms, clock_.now()).dts / 1ms;
    }

    base::ManualClock clock_;
    Timeline timeline_;
};

TEST_F(TimelineTest, starts_at_zero_wherever_the_encoder_starts) {
    EXPECT_EQ(place(Kind::video, 123'456), 0);
    EXPECT_EQ(place(Kind::audio, 123'460), 4);
    EXPECT_EQ(place(Kind::video, 123'496), 40);
}

TEST_F(TimelineTest, goes_on_through_every_wrap) {
    for (const std::uint64_t edge :
         {std::uint64_t{1} << 24, std::uint64_t{1} << 31, std::uint64_t{1} << 32}) {
        Timeline timeline;
        const std::uint64_t start = edge - 1'000;
        for (std::int64_t at = 0; at <= 2'000; at += 40) {
            clock_.advance(40ms);
            const auto wire = static_cast<std::uint32_t>(start + static_cast<std::uint64_t>(at));
            const auto placed = timeline.place(Kind::video, wire, clock_.now());
            ASSERT_EQ(placed.dts / 1ms, at) << edge;
            ASSERT_FALSE(placed.discontinuity);
        }
    }
}

TEST_F(TimelineTest, wraps_three_times_without_a_seam) {
    std::int64_t expected = 0;
    std::uint32_t wire = 0;
    place(Kind::video, wire);
    // Steps of 9.9 s stay below a jump: 49.7 days three times over.
    for (std::uint64_t total = 0; total < 3 * (std::uint64_t{1} << 32); total += 9'900) {
        wire += 9'900;
        expected += 9'900;
        ASSERT_EQ(place(Kind::video, wire, 9'900ms), expected);
    }
    EXPECT_EQ(timeline_.discontinuities(), 0u);
}

TEST_F(TimelineTest, a_jump_costs_the_time_that_passed_and_no_more) {
    for (const std::int64_t jump : {3'600'000, -3'600'000}) {
        Timeline timeline;
        timeline_ = timeline;
        std::uint32_t wire = 10'000'000;
        place(Kind::video, wire);
        EXPECT_EQ(place(Kind::video, wire += 40, 40ms), 40);
        wire = static_cast<std::uint32_t>(wire + jump);
        EXPECT_EQ(place(Kind::video, wire, 40ms), 80);
        EXPECT_EQ(place(Kind::video, wire + 40, 40ms), 120);
        EXPECT_EQ(timeline_.discontinuities(), 1u);
    }
}

TEST_F(TimelineTest, the_other_track_follows_a_jump_without_a_second_one) {
    place(Kind::video, 1'000);
    place(Kind::audio, 1'010);
    EXPECT_EQ(place(Kind::video, 3'601'040, 40ms), 50);  // an hour ahead, 40 ms after the last frame
    EXPECT_EQ(place(Kind::audio, 1'033, 0ms), 33);       // sound from before the jump comes late
    EXPECT_EQ(place(Kind::audio, 3'601'050, 0ms), 60);
    EXPECT_EQ(timeline_.discontinuities(), 1u);
}

TEST_F(TimelineTest, never_runs_backwards_within_a_kind) {
    place(Kind::video, 1'000);
    place(Kind::video, 1'080);
    EXPECT_EQ(place(Kind::video, 1'040), 80);
    EXPECT_EQ(timeline_.clamped(), 1u);
    // Sound may lie before a picture that came earlier.
    EXPECT_EQ(place(Kind::audio, 1'020), 20);
    EXPECT_EQ(timeline_.discontinuities(), 0u);
}

TEST_F(TimelineTest, an_encoder_that_returns_goes_on_after_the_time_it_was_away) {
    place(Kind::video, 500'000);
    EXPECT_EQ(place(Kind::video, 500'040), 40);
    timeline_.begin_publisher();
    EXPECT_EQ(place(Kind::video, 7, 3'000ms), 3'040);
    EXPECT_EQ(place(Kind::video, 47, 40ms), 3'080);
    EXPECT_EQ(timeline_.discontinuities(), 0u);
}

}  // namespace
}  // namespace hub
