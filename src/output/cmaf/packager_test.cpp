#include "output/cmaf/packager.h"

#include "output/cmaf/test_clip.h"

namespace output::cmaf {
namespace {

using namespace test;

TEST(Packager, makes_parts_and_segments_of_a_usual_stream) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.frames = 30 * 6});
    show.end();
    check(show);
    EXPECT_EQ(segment_ms(show), (std::vector<std::int64_t>{2'000, 2'000, 2'016}));
    const auto parts = show.parts();
    // Sound reaches a little further than the pictures.
    ASSERT_EQ(parts.size(), 13u);
    for (std::size_t i = 0; i < 12; ++i) {
        EXPECT_EQ(parts[i]->start, 500ms * i);
        if (i != 11) {
            EXPECT_EQ(parts[i]->duration, 500ms);
        }
        EXPECT_EQ(parts[i]->independent, i % 4 == 0);
        EXPECT_EQ(parts[i]->program_date_time, show.begin + 500ms * i);
    }
    EXPECT_EQ(show.frames(Kind::video).size(), 180u);
    EXPECT_EQ(show.frames(Kind::audio).size(), 282u);
    const auto inits = show.all<InitChanged>();
    ASSERT_EQ(inits.size(), 1u);
    EXPECT_EQ(inits[0].init->width, 64);
    EXPECT_EQ(inits[0].init->height, 48);
    EXPECT_EQ(inits[0].init->channels, 2);
    EXPECT_EQ(inits[0].init->tracks[0].codec_string, "avc1.64000a");
    EXPECT_EQ(inits[0].init->tracks[1].codec_string, "mp4a.40.2");
}

TEST(Packager, gives_a_part_out_when_the_next_frame_begins) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    show.audio(0ms);
    for (int i = 0; i <= 12; ++i) {
        EXPECT_EQ(show.parts().size(), 0u);
        show.video(40ms * i, i == 0);
    }
    ASSERT_EQ(show.parts().size(), 1u);
    EXPECT_EQ(show.parts()[0]->duration, 480ms);
}

TEST(Packager, keeps_the_frames_and_copies_none) {
    Show show;
    show.announce("h264");
    std::vector<media::FramePtr> pushed;
    for (int i = 0; i < 100; ++i) pushed.push_back(show.video(40ms * i, i % 50 == 0));
    show.end();
    EXPECT_EQ(show.frames(Kind::video), pushed);
}

struct Rate {
    std::int64_t fps;
    std::int64_t part_ms;  // of every part but a segment's last
};

class PartsOfRate : public testing::TestWithParam<Rate> {};

TEST_P(PartsOfRate, last_as_long_as_they_may) {
    for (const bool sound : {false, true}) {
        Show show;
        if (sound) show.announce("aac");
        show.announce("h264");
        play(
            show,
            {.fps = GetParam().fps, .gop = GetParam().fps * 2, .frames = GetParam().fps * 9, .sound = sound});
        show.end();
        check(show);
        const auto parts = show.parts();
        for (std::size_t i = 0; parts[i]->start < 8s; ++i) {
            EXPECT_LE(parts[i]->duration, 500ms);
            if (parts[i + 1]->index != 0) {
                EXPECT_GE(parts[i]->duration, 1ms * GetParam().part_ms) << sound;
            }
        }
        for (const SegmentEnded& segment : show.all<SegmentEnded>()) EXPECT_TRUE(segment.independent);
    }
}

INSTANTIATE_TEST_SUITE_P(Rates, PartsOfRate,
                         testing::Values(Rate{24, 458}, Rate{25, 480}, Rate{30, 466}, Rate{50, 480},
                                         Rate{60, 483}, Rate{15, 466}, Rate{10, 500}, Rate{120, 491}));

TEST(Packager, cuts_pictures_that_are_far_apart_where_sound_begins) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.fps = 1, .gop = 4, .frames = 20});
    show.end();
    check(show);
    const auto parts = show.parts();
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        EXPECT_FALSE(parts[i]->over_target);
        if (parts[i + 1]->index != 0) {
            EXPECT_GE(parts[i]->duration, 425ms) << i;
        }
    }
    EXPECT_EQ(show.frames(Kind::video).size(), 20u);
}

TEST(Packager, says_so_when_one_picture_is_longer_than_a_part) {
    Show show;
    show.announce("h264");
    for (int i = 0; i < 6; ++i) show.video(1s * i, i % 2 == 0);
    show.end();
    check(show);
    for (const PartPtr& part : show.parts())
        if (part->start < 5s) {
            EXPECT_TRUE(part->over_target);
        }
    for (const SegmentEnded& segment : show.all<SegmentEnded>()) EXPECT_TRUE(segment.over_target);
}

TEST(Packager, makes_segments_as_long_as_groups_of_pictures) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.fps = 25, .gop = 200, .frames = 25 * 24});
    show.end();
    check(show);
    const auto lengths = segment_ms(show);
    ASSERT_EQ(lengths.size(), 3u);
    EXPECT_EQ(lengths[0], 8'000);
    EXPECT_EQ(lengths[1], 8'000);
    for (const SegmentEnded& segment : show.all<SegmentEnded>()) EXPECT_TRUE(segment.independent);
}

TEST(Packager, waits_for_the_target_where_keyframes_are_close) {
    Show show;
    show.announce("h264");
    play(show, {.fps = 25, .gop = 15, .frames = 25 * 6 + 1, .sound = false});
    show.end();
    check(show);
    EXPECT_EQ(segment_ms(show).front(), 2'400);
}

TEST(Packager, a_keyframe_a_little_early_ends_its_segment) {
    Show show;
    show.announce("h264");
    for (int i = 0; i < 200; ++i) show.video(39ms * i + 30ms * (i / 50), i % 50 == 0);
    show.end();
    check(show);
    const auto lengths = segment_ms(show);
    ASSERT_EQ(lengths.size(), 4u);
    EXPECT_EQ(lengths[0], 1'980);
    EXPECT_EQ(lengths[1], 1'980);
}

TEST(Packager, cuts_a_segment_that_no_keyframe_ends) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.fps = 30, .gop = 100'000, .frames = 30 * 40});
    show.end();
    check(show);
    const auto segments = show.all<SegmentEnded>();
    ASSERT_EQ(segments.size(), 4u);
    EXPECT_EQ(segments[0].why, SegmentEnd::too_long);
    EXPECT_EQ(segments[0].duration, 12s);
    EXPECT_TRUE(segments[0].independent);
    EXPECT_FALSE(segments[1].independent);
    EXPECT_EQ(show.all<Discontinuity>().size(), 0u);
}

TEST(Packager, no_segment_is_longer_than_the_target_duration_that_the_first_one_decides) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    // Three groups of two seconds, one of ten, and two seconds again.
    play(show, {.frames = 180});
    play(show, {.gop = 300, .frames = 300, .from = 6s});
    play(show, {.frames = 180, .from = 16s});
    show.end();
    check(show);
    const auto segments = show.all<SegmentEnded>();
    Timestamp at = 0s;
    for (const SegmentEnded& segment : segments) {
        EXPECT_EQ(segment.target_duration, 2s);
        EXPECT_LT(segment.duration, 2'500ms);
        // Where there is a keyframe a segment begins with it again.
        if (at >= 16s) {
            EXPECT_TRUE(segment.independent) << at / 1ms;
        }
        at += segment.duration;
    }
    EXPECT_TRUE(std::any_of(segments.begin(), segments.end(),
                            [](const SegmentEnded& segment) { return segment.start == 16s; }));
}

TEST(Packager, a_longer_group_decides_the_target_duration_only_when_it_is_the_first) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    play(show, {.gop = 150, .frames = 300});
    play(show, {.frames = 120, .from = 10s});
    show.end();
    check(show);
    for (const SegmentEnded& segment : show.all<SegmentEnded>()) EXPECT_EQ(segment.target_duration, 5s);
    EXPECT_EQ(segment_ms(show), (std::vector<std::int64_t>{5'000, 5'000, 2'000, 2'016}));
}

TEST(Packager, cuts_a_segment_that_grows_too_heavy) {
    Show show;
    show.announce("h264");
    const std::size_t megabyte = 1 << 20;
    for (int i = 0; i < 250; ++i) show.video(40ms * i, i == 0, 0us, megabyte / 2);
    show.end();
    check(show);
    for (const SegmentEnded& segment : show.all<SegmentEnded>()) EXPECT_LE(segment.size, max_segment_weight);
    EXPECT_EQ(show.all<SegmentEnded>().front().why, SegmentEnd::too_large);
    EXPECT_EQ(show.frames(Kind::video).size(), 250u);
}

TEST(Packager, a_flood_of_tiny_frames_is_cut_into_bounded_parts) {
    for (const bool pictures : {true, false}) {
        Show show;
        show.announce(pictures ? "h264" : "aac");
        for (int i = 0; i < 200'000; ++i) {
            const Timestamp at = i * 1us;
            if (pictures)
                show.video(at, i == 0);
            else
                show.audio(at);
        }
        show.end();
        check(show);
        for (const PartPtr& part : show.parts()) EXPECT_LE(part->frames.size(), max_part_samples + 1);
        for (const SegmentEnded& segment : show.all<SegmentEnded>())
            EXPECT_LE(segment.size, max_segment_weight / 10);
        EXPECT_EQ(show.frames(pictures ? Kind::video : Kind::audio).size(), 200'000u);
    }
}

TEST(Packager, cuts_sound_alone_by_time) {
    Show show;
    show.announce("aac");
    play(show, {.frames = 30 * 10, .pictures = false});
    show.end();
    check(show);
    const auto segments = show.all<SegmentEnded>();
    ASSERT_GE(segments.size(), 5u);
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        EXPECT_GE(segments[i].duration, 1'750ms);
        EXPECT_LE(segments[i].duration, 2'250ms);
        EXPECT_TRUE(segments[i].independent);
        EXPECT_EQ(segments[i].why, SegmentEnd::target_reached);
    }
    for (const PartPtr& part : show.parts()) EXPECT_TRUE(part->independent);
    EXPECT_EQ(show.all<InitChanged>().size(), 1u);
    EXPECT_EQ(show.all<InitChanged>()[0].init->width, 0);
}

TEST(Packager, begins_with_a_keyframe_and_the_sound_from_there_on) {
    Show show;
    show.announce("aac");
    show.announce("h264");
    for (int i = 0; i < 4; ++i) show.audio(21ms * i);
    show.video(30ms, false);
    const auto keyframe = show.video(63ms, true);
    const auto sound = show.audio(84ms);
    show.end();
    check(show);
    EXPECT_EQ(show.frames(Kind::video), (std::vector{keyframe}));
    EXPECT_EQ(show.frames(Kind::audio).size(), 2u);
    EXPECT_EQ(show.frames(Kind::audio).back(), sound);
    EXPECT_EQ(show.parts()[0]->start, 0us);
}

TEST(Packager, pictures_out_of_order_are_never_shown_before_the_beginning) {
    for (const Timestamp shift : {Timestamp(0ms), Timestamp(-40ms), Timestamp(-120ms), Timestamp(80ms)}) {
        Show show;
        show.announce("aac");
        show.announce("h264");
        const std::vector<Timestamp> offsets{0ms, 80ms, -40ms, -40ms};
        for (int i = 0; i < 100; ++i) {
            show.audio(40ms * i);
            show.video(40ms * i, i % 48 == 0, offsets[static_cast<std::size_t>(i % 4)] + shift);
        }
        show.end();
        check(show);
        EXPECT_EQ(show.parts()[0]->start, std::max(-shift, Timestamp(0)));
    }
}

TEST(Packager, a_picture_from_before_the_beginning_is_shown_at_the_beginning) {
    Show show;
    show.announce("h264");
    // The thirteenth begins a part: the checker looks at the first of each.
    for (int i = 0; i < 20; ++i) show.video(40ms * i, i == 0, i == 12 ? -600ms : 0ms);
    show.end();
    check(show);
    EXPECT_EQ(show.parts().at(1)->start, 480ms);
}

TEST(Packager, counts_samples_of_sound_for_a_day_without_drift) {
    Packager packager({});
    packager.push({config_frame("aac"), 0us}, {});
    const auto frame = coded_frame(Kind::audio, Codec::aac, true);
    constexpr std::int64_t count = 24 * 3'600 * 48'000LL / 1'024;
    std::uint64_t samples = 0;
    std::uint32_t segments = 0;
    Timestamp end{0};
    const auto drain = [&] {
        while (const auto event = packager.next_event()) {
            ASSERT_FALSE(std::holds_alternative<Discontinuity>(*event));
            if (std::holds_alternative<SegmentEnded>(*event)) ++segments;
            if (const auto* ready = std::get_if<PartReady>(&*event)) {
                samples += ready->part->frames.size();
                ASSERT_EQ(ready->part->start, end);
                end += ready->part->duration;
                ASSERT_NEAR(static_cast<double>(end.count()), static_cast<double>(samples) * 1'024e6 / 48'000,
                            1);
            }
        }
    };
    for (std::int64_t i = 0; i < count; ++i) {
        // Rounded to milliseconds, and shaken.
        packager.push({frame, std::chrono::milliseconds(i * 1'024 / 48 + i * 7 % 31)}, {});
        drain();
    }
    packager.end();
    drain();
    EXPECT_EQ(samples, static_cast<std::uint64_t>(count));
    EXPECT_NEAR(static_cast<double>(end.count()), 86'400e6, 21'334);
    EXPECT_GT(segments, 40'000u);
}

TEST(Packager, sound_whose_clock_is_off_is_brought_back_to_its_stamps) {
    for (const std::int64_t frame_us : {21'300, 21'366}) {
        Show show;
        show.announce("aac");
        for (std::int64_t i = 0; i < 40'000; ++i) show.audio(Timestamp(i * frame_us / 1'000 * 1'000));
        show.end();
        check(show);
        const auto last = show.parts().back();
        const Timestamp end = last->start + last->duration;
        EXPECT_LE(std::chrono::abs(end - Timestamp(40'000 * frame_us)), audio_resync + 22ms);
    }
}

TEST(Packager, leaves_out_what_cannot_be_carried_and_says_it_once) {
    Show show;
    show.announce("h264");
    for (int i = 0; i < 120; ++i) {
        show.push(coded_frame(Kind::audio, Codec::mp3, true), 40ms * i);
        show.video(40ms * i, i % 50 == 0);
    }
    show.end();
    check(show);
    const auto out = show.all<TrackLeftOut>();
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].codec, Codec::mp3);
    EXPECT_EQ(show.frames(Kind::video).size(), 120u);
    EXPECT_EQ(show.frames(Kind::audio).size(), 0u);

    Show broken;
    media::Frame config = *config_frame("h264");
    config.tag = base::SharedBytes(base::from_hex("0164"));
    broken.announce("aac");
    for (int i = 0; i < 120; ++i) {
        if (i % 40 == 0) broken.push(std::make_shared<const media::Frame>(config), 0us);
        broken.video(21ms * i, i == 0);
        broken.audio(21ms * i);
    }
    broken.end();
    check(broken);
    EXPECT_EQ(broken.all<TrackLeftOut>().size(), 1u);
    EXPECT_EQ(broken.frames(Kind::audio).size(), 120u);
}

TEST(Packager, leaves_out_tracks_beside_the_main_ones) {
    Show show;
    show.announce("h264");
    for (int i = 0; i < 60; ++i) {
        media::Frame second = *coded_frame(Kind::video, Codec::h264, true);
        second.track = 1;
        show.push(std::make_shared<const media::Frame>(second), 40ms * i);
        show.video(40ms * i, i % 50 == 0);
    }
    show.end();
    check(show);
    EXPECT_EQ(show.frames(Kind::video).size(), 60u);
}

TEST(Packager, carries_every_codec) {
    for (const std::string_view video : {"h264", "hevc", "av1"})
        for (const std::string_view audio : {"aac", "opus"}) {
            Show show;
            show.announce(video);
            show.announce(audio);
            for (int i = 0; i < 200; ++i) {
                show.push(coded_frame(Kind::audio, config_frame(audio)->codec, true), 20ms * i);
                if (i % 2 == 0)
                    show.push(coded_frame(Kind::video, config_frame(video)->codec, i % 100 == 0), 20ms * i);
            }
            show.end();
            check(show);
            EXPECT_EQ(show.frames(Kind::video).size(), 100u) << video;
            EXPECT_EQ(show.frames(Kind::audio).size(), 200u) << audio;
        }
}

TEST(Packager, numbers_go_on_where_another_packager_stopped) {
    Show show({.first_msn = 41});
    show.announce("h264");
    play(show, {.frames = 130, .sound = false});
    show.end();
    check(show);
    EXPECT_EQ(show.all<SegmentEnded>().back().msn, 43u);
}

TEST(Packager, ends_what_is_shorter_than_its_patience) {
    Show show;
    show.announce("h264");
    show.video(0ms, true);
    show.end();
    check(show);
    EXPECT_EQ(show.parts().size(), 1u);
    Show empty;
    empty.end();
    EXPECT_TRUE(empty.events.empty());
}

}  // namespace
}  // namespace output::cmaf
