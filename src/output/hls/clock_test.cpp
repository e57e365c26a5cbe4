// The wall clock is set while a show runs: numbers go on, dates are true again behind a discontinuity, and
// nobody waits longer or shorter for it.
#include "output/hls/test_stage.h"

namespace output::hls {
namespace {

using namespace test;

base::WallTime date_of(const ListedSegment& segment) {
    const auto date = base::from_rfc3339(segment.date);
    EXPECT_TRUE(date) << segment.date;
    return date.value_or(base::WallTime{});
}

class HlsClock : public testing::TestWithParam<std::chrono::hours> {};

TEST_P(HlsClock, that_is_set_breaks_dates_and_nothing_else) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(9s);
    const Listed before = stage.list();
    const Asked next = stage.ask_media(before.segments.back().msn + 1);
    stage.clock.set_wall(stage.clock.wall() + GetParam());
    encoder.run(100ms);
    EXPECT_FALSE(next.answered()) << "what is waited for is not there yet";
    encoder.run(4'900ms);
    EXPECT_TRUE(next.answered() && next.result());

    const Listed after = stage.list();
    EXPECT_GE(after.media_sequence(), before.media_sequence());
    EXPECT_GE(after.discontinuity_sequence(), before.discontinuity_sequence());
    std::size_t breaks = 0;
    for (std::size_t i = 1; i < after.segments.size(); ++i) {
        const ListedSegment& one = after.segments[i - 1];
        const ListedSegment& two = after.segments[i];
        const std::chrono::duration<double> step = date_of(two) - date_of(one);
        const std::chrono::duration<double> expected = two.discontinuity ? GetParam() + 0s : 0s;
        EXPECT_NEAR(step.count(), one.duration + expected.count(), 0.01) << two.msn;
        EXPECT_EQ(two.map, one.map) << "the media is the same";
        breaks += two.discontinuity ? 1 : 0;
    }
    EXPECT_EQ(breaks, 1u);
    const std::chrono::duration<double> age = stage.clock.wall() - date_of(after.segments.back());
    EXPECT_NEAR(age.count(), after.segments.back().duration, 2.1) << "true again";
    // Segments that were listed before have their names, and their bytes.
    for (const ListedSegment& segment : before.segments)
        EXPECT_TRUE(stage.ask(segment.uri).result()) << segment.uri;
}

TEST_P(HlsClock, that_is_set_moves_no_deadline) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(6'100ms);
    const Asked late = stage.ask_media(stage.list().segments.back().msn + 2);
    stage.clock.set_wall(stage.clock.wall() + GetParam());
    // Three target durations, as ever.
    stage.pass(5'800ms);
    EXPECT_FALSE(late.answered());
    stage.pass(600ms);
    EXPECT_EQ(late.error(), base::ErrorCode::unavailable);
}

INSTANTIATE_TEST_SUITE_P(ByAnHour, HlsClock, testing::Values(std::chrono::hours(1), std::chrono::hours(-1)));

}  // namespace
}  // namespace output::hls
