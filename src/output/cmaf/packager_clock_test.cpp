#include "output/cmaf/packager.h"
#include "output/cmaf/test_show.h"

namespace output::cmaf {
namespace {

using namespace test;

void play(Show& show, Timestamp from, int pictures) {
    for (int i = 0; i < pictures; ++i) show.video(from + 40ms * i, i % 50 == 0);
}

TEST(PackagerClock, that_is_set_in_the_middle_of_a_segment_is_followed_by_the_next) {
    Show show;
    show.announce("h264");
    play(show, 0s, 75);
    show.set_clock(1h);
    play(show, 4s, 75);
    show.end();
    check(show);
    ASSERT_EQ(show.all<Discontinuity>().size(), 1u);
    EXPECT_EQ(show.all<Discontinuity>()[0].why, Discontinuity::Why::clock_set);
    EXPECT_EQ(show.all<InitChanged>().size(), 1u);
    for (const SegmentEnded& segment : show.all<SegmentEnded>())
        EXPECT_EQ(segment.program_date_time, show.begin + segment.start + (segment.start >= 4s ? 1h : 0h));
}

TEST(PackagerClock, that_is_set_before_anything_begins_is_no_break) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    show.video(0s, true);
    show.set_clock(-1h);
    play(show, 40ms, 100);
    show.end();
    check(show);
    EXPECT_TRUE(show.all<Discontinuity>().empty());
    EXPECT_EQ(show.all<SegmentEnded>().front().program_date_time, show.begin - 1h);
}

TEST(PackagerClock, that_is_set_while_the_encoder_is_away_makes_no_second_break) {
    Show show;
    show.announce("h264");
    play(show, 0s, 75);
    show.announce("h264");
    for (const auto by : {1h, 1h, -1h}) show.set_clock(by);
    play(show, 26s, 75);
    show.end();
    check(show);
    ASSERT_EQ(show.all<Discontinuity>().size(), 1u);
    EXPECT_EQ(show.all<Discontinuity>()[0].why, Discontinuity::Why::gap);
    EXPECT_EQ(show.all<SegmentEnded>().back().program_date_time,
              show.begin + 1h + show.all<SegmentEnded>().back().start);
}

TEST(PackagerClock, that_is_set_back_where_no_keyframe_comes_is_followed_as_well) {
    Show show;
    show.announce("h264");
    for (int i = 0; i < 1'000; ++i) {
        if (i == 400) show.set_clock(-1h);
        show.video(40ms * i, i == 0);
    }
    show.end();
    check(show);
    EXPECT_EQ(show.all<Discontinuity>().size(), 1u);
    const auto last = show.all<SegmentEnded>().back();
    EXPECT_EQ(last.program_date_time, show.begin - 1h + last.start);
}

}  // namespace
}  // namespace output::cmaf
