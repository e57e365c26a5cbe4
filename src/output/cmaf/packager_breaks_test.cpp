// Where a stream breaks off, changes, or lacks one kind of media for a while.
#include "output/cmaf/packager.h"

#include "output/cmaf/test_clip.h"

namespace output::cmaf {
namespace {

using namespace test;

// Another level: other bytes.
media::FramePtr other_pictures() {
    media::Frame other = *config_frame("h264");
    base::Bytes bytes(other.tag.view().begin(), other.tag.view().end());
    bytes[3] = 0x0b;
    other.tag = base::SharedBytes(std::move(bytes));
    return std::make_shared<const media::Frame>(std::move(other));
}

// How much later the first picture of a part is decoded than its first sound.
Timestamp lead_of_sound(const Part& part) {
    base::Bytes file = part.init->bytes;
    base::append(file, bytes_of(part));
    const auto fragments = scan(file);
    std::map<std::uint32_t, Timestamp> begins;
    for (const auto& run : fragments.at(0).runs)
        for (const InitTrack& track : part.init->tracks)
            if (track.id == run.track)
                begins[run.track] = from_ticks(static_cast<std::int64_t>(run.decode_time), track.timescale);
    return begins.at(video_track_id) - begins.at(audio_track_id);
}

TEST(PackagerBreaks, silence_that_no_segment_can_hold_is_a_gap) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.frames = 120});
    play(show, {.frames = 120, .from = 6'900ms});
    show.end();
    check(show);
    ASSERT_EQ(show.all<Discontinuity>().size(), 1u);
    EXPECT_EQ(show.all<Discontinuity>()[0].why, Discontinuity::Why::gap);
}

TEST(PackagerBreaks, a_track_that_comes_late_begins_with_the_next_keyframe) {
    Show show;
    show.announce("h264");
    play(show, {.frames = 120, .sound = false});
    show.announce("aac");
    play(show, {.frames = 60, .from = 4'000ms});
    play(show, {.frames = 60, .from = 6'000ms});
    show.end();
    check(show);
    const auto inits = show.all<InitChanged>();
    ASSERT_EQ(inits.size(), 2u);
    EXPECT_EQ(inits[0].init->tracks.size(), 1u);
    EXPECT_EQ(inits[1].init->tracks.size(), 2u);
    ASSERT_EQ(show.all<Discontinuity>().size(), 1u);
    EXPECT_EQ(show.all<Discontinuity>()[0].why, Discontinuity::Why::tracks_changed);
    // Its first sound came just after the keyframe at 4 s.
    EXPECT_EQ(show.frames(Kind::video).size(), 240u);
    EXPECT_GE(show.frames(Kind::audio).size(), 93u);
    for (const SegmentEnded& segment : show.all<SegmentEnded>()) EXPECT_TRUE(segment.independent);
}

TEST(PackagerBreaks, pictures_that_come_late_begin_with_a_keyframe) {
    Show show;
    show.announce("aac");
    play(show, {.frames = 90, .pictures = false});
    show.announce("h264");
    play(show, {.frames = 60, .from = 3'000ms});
    show.end();
    check(show);
    const auto inits = show.all<InitChanged>();
    ASSERT_EQ(inits.size(), 2u);
    EXPECT_EQ(inits[0].init->width, 0);
    EXPECT_EQ(inits[1].init->width, 64);
    EXPECT_EQ(show.frames(Kind::video).size(), 60u);
    EXPECT_GE(show.frames(Kind::audio).size(), 234u);
}

TEST(PackagerBreaks, announced_pictures_that_never_come_hold_up_sound_for_no_more_than_a_second) {
    Show show;
    show.announce("h264");
    show.announce("aac");
    for (int i = 0; i < 48; ++i) show.audio(Timestamp(i * 21'333));
    EXPECT_GE(show.parts().size(), 1u);
}

TEST(PackagerBreaks, a_track_that_goes_away_is_left_out_until_it_returns) {
    Show show;
    show.announce("h264");
    show.announce("aac");
    play(show, {.frames = 60});
    play(show, {.frames = 300, .sound = false, .from = 2s});
    play(show, {.frames = 120, .from = 12s});
    play(show, {.frames = 300, .pictures = false, .from = 16s});
    play(show, {.frames = 60, .from = 26s});
    show.end();
    check(show);
    std::vector<std::size_t> tracks;
    for (const InitChanged& changed : show.all<InitChanged>()) tracks.push_back(changed.init->tracks.size());
    EXPECT_EQ(tracks, (std::vector<std::size_t>{2, 1, 2, 1, 2}));
    EXPECT_EQ(show.frames(Kind::video).size(), 60u + 300 + 120 + 60);
}

TEST(PackagerBreaks, a_new_configuration_begins_with_the_next_keyframe) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.frames = 45});
    show.push(other_pictures(), 1'500ms);
    play(show, {.frames = 60, .from = 1'500ms});
    show.end();
    check(show);
    ASSERT_EQ(show.all<InitChanged>().size(), 2u);
    EXPECT_EQ(show.all<InitChanged>()[1].init->tracks[0].codec_string, "avc1.64000b");
    EXPECT_EQ(show.all<Discontinuity>().size(), 1u);
    const auto segments = show.all<SegmentEnded>();
    EXPECT_EQ(segments[0].duration, 1'500ms);
    EXPECT_EQ(segments[0].why, SegmentEnd::discontinuity);
    EXPECT_EQ(segments[1].start, 1'500ms);
    EXPECT_EQ(show.frames(Kind::video).size(), 105u);
}

TEST(PackagerBreaks, a_configuration_that_is_only_repeated_changes_nothing) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    for (int i = 0; i < 5; ++i) {
        play(show, {.frames = 60, .from = 2s * i});
        show.announce("aac");
        show.announce("h264");
    }
    show.end();
    check(show);
    EXPECT_EQ(show.all<InitChanged>().size(), 1u);
    EXPECT_EQ(show.all<Discontinuity>().size(), 0u);
    EXPECT_EQ(show.frames(Kind::video).size(), 300u);
}

TEST(PackagerBreaks, an_encoder_that_returns_is_a_discontinuity) {
    for (const Timestamp away : {Timestamp(700ms), Timestamp(20s)}) {
        Show show;
        show.announce("aac");
        show.announce("h264");
        play(show, {.frames = 60});
        show.announce("aac");
        show.announce("h264");
        play(show, {.frames = 60, .from = 2s + away});
        show.end();
        check(show);
        ASSERT_EQ(show.all<Discontinuity>().size(), 1u);
        EXPECT_EQ(show.all<Discontinuity>()[0].why,
                  away < 3s ? Discontinuity::Why::encoder_returned : Discontinuity::Why::gap);
        EXPECT_EQ(show.all<InitChanged>().size(), 1u);
        EXPECT_EQ(show.frames(Kind::video).size(), 120u);
        const auto segments = show.all<SegmentEnded>();
        ASSERT_EQ(segments.size(), 2u);
        EXPECT_EQ(segments[1].start, 2s + away);
        EXPECT_EQ(segments[1].program_date_time, show.begin + 2s + away);
        EXPECT_TRUE(segments[1].independent);
        EXPECT_FALSE(segments[0].over_target);
    }
}

TEST(PackagerBreaks, an_encoder_that_returns_as_another_is_one_discontinuity) {
    for (const Timestamp away : {Timestamp(700ms), Timestamp(2s), Timestamp(20s)})
        // How much earlier its sound is than its first picture, and comes.
        for (const Timestamp lead : {Timestamp(23ms), Timestamp(180ms), Timestamp(700ms)}) {
            SCOPED_TRACE(testing::Message() << away / 1ms << " ms away, sound " << lead / 1ms << " ms ahead");
            Show show;
            show.announce("aac");
            show.announce("h264");
            play(show, {.frames = 60});
            const Timestamp back = 2s + away;
            show.push(other_pictures(), back);
            show.announce("aac");
            std::size_t ahead = 0;
            for (Timestamp at = 0ms; at < lead; at += 21ms, ++ahead) show.audio(back + at);
            play(show, {.frames = 60, .from = back + lead});
            show.end();
            check(show);
            EXPECT_EQ(show.all<Discontinuity>().size(), 1u);
            ASSERT_EQ(show.all<InitChanged>().size(), 2u);
            EXPECT_EQ(show.frames(Kind::video).size(), 120u);
            const auto segments = show.all<SegmentEnded>();
            ASSERT_EQ(segments.size(), 2u);
            EXPECT_TRUE(segments[1].independent);
            const auto parts = show.parts();
            const auto first = std::find_if(parts.begin(), parts.end(),
                                            [](const PartPtr& part) { return part->init->id == 1; });
            EXPECT_TRUE((*first)->independent);
            if (lead <= max_sound_lead) {
                EXPECT_EQ(show.frames(Kind::audio).size(), 94 + ahead + 94);
                EXPECT_EQ(segments[1].start, back);
                EXPECT_EQ(lead_of_sound(**first), lead);
            } else {
                EXPECT_GT(lead_of_sound(**first), max_sound_lead - 22ms);
                EXPECT_LE(lead_of_sound(**first), max_sound_lead);
            }
            EXPECT_EQ(segments[1].program_date_time, show.begin + segments[1].start);
        }
}

TEST(PackagerBreaks, a_picture_that_is_stamped_before_the_sound_that_waits_for_it_comes_first) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.frames = 60});
    show.push(other_pictures(), 3s);
    show.announce("aac");
    show.audio(3'060ms);
    play(show, {.frames = 60, .sound = false, .from = 3s});
    show.end();
    check(show);
    EXPECT_EQ(show.all<Discontinuity>().size(), 1u);
    const auto segments = show.all<SegmentEnded>();
    ASSERT_EQ(segments.size(), 2u);
    EXPECT_EQ(segments[1].start, 3s);
    EXPECT_EQ(segments[1].program_date_time, show.begin + 3s);
}

TEST(PackagerBreaks, sound_waits_for_pictures_that_do_not_return_no_longer_than_a_second) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.frames = 60});
    show.push(other_pictures(), 4s);
    show.announce("aac");
    play(show, {.frames = 30, .pictures = false, .from = 4s});
    const auto before = show.parts().size();
    play(show, {.frames = 45, .pictures = false, .from = 5s});
    EXPECT_GT(show.parts().size(), before);
    play(show, {.frames = 60, .from = 6'500ms});
    show.end();
    check(show);
    EXPECT_EQ(show.frames(Kind::video).size(), 120u);
    EXPECT_GE(show.frames(Kind::audio).size(), 94u + 117u + 94u);
}

TEST(PackagerBreaks, sound_that_waits_is_not_taken_for_what_is_announced_after_it) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.frames = 60});
    show.push(other_pictures(), 4s);
    show.announce("aac");
    const auto old = show.audio(4s);
    media::Frame other = *config_frame("aac");
    other.tag = base::SharedBytes(base::from_hex("1210"));
    show.push(std::make_shared<const media::Frame>(other), 4s);
    const auto now = show.audio(4'021ms);
    play(show, {.frames = 60, .from = 4'042ms});
    show.end();
    check(show);
    const auto sounds = show.frames(Kind::audio);
    EXPECT_EQ(std::count(sounds.begin(), sounds.end(), old), 0);
    EXPECT_EQ(std::count(sounds.begin(), sounds.end(), now), 1);
    EXPECT_EQ(show.all<Discontinuity>().size(), 1u);
}

TEST(PackagerBreaks, a_short_hole_is_filled_by_the_frames_before_it) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.frames = 60});
    play(show, {.frames = 60, .from = 3s});
    show.end();
    check(show);
    EXPECT_EQ(show.all<Discontinuity>().size(), 0u);
    EXPECT_EQ(segment_ms(show).front(), 3'000);
}

TEST(PackagerBreaks, sound_that_is_ahead_of_a_change_stays_before_it) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.frames = 60, .skew = -100ms});
    const auto pushed = show.frames(Kind::audio).size();
    show.push(other_pictures(), 2s);
    show.video(2s, true);
    // 2 s and the 100 ms that it is ahead.
    EXPECT_LT(pushed, 94u);
    EXPECT_EQ(show.frames(Kind::audio).size(), 99u);
    show.end();
    check(show);
}

}  // namespace
}  // namespace output::cmaf
