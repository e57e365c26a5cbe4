#include "format/m3u8/writer.h"

#include <gtest/gtest.h>

#include <clocale>

namespace format::m3u8 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

base::WallTime at(std::string_view text) {
    return base::from_rfc3339(text).value();
}

Part part(std::string uri, bool independent = false) {
    return {.uri = std::move(uri), .duration = milliseconds(500), .independent = independent};
}

Segment segment(int number, Map map = {.uri = "init.mp4"}) {
    const std::string name = std::to_string(number);
    return {.start = {.map = std::move(map)},
            .parts = {part(name + ".0.m4s", true), part(name + ".1.m4s"), part(name + ".2.m4s"),
                      part(name + ".3.m4s")},
            .uri = name + ".m4s",
            .duration = seconds(2)};
}

// A show that began again at 14, with 16 in the making.
MediaPlaylist live() {
    MediaPlaylist playlist{
        .target_duration = seconds(2),
        .part_target = milliseconds(500),
        .server_control = {.can_block_reload = true,
                           .hold_back = seconds(6),
                           .part_hold_back = milliseconds(1500),
                           .can_skip_until = seconds(12)},
        .media_sequence = 12,
        .discontinuity_sequence = 3,
        .segments = {segment(12), segment(13), segment(14, {.uri = "init2.mp4"}),
                     segment(15, {.uri = "init2.mp4"})},
        .open = OpenSegment{.start = {.map = {.uri = "init2.mp4"}},
                            .parts = {part("16.0.m4s", true), part("16.1.m4s")}},
        .preload_hint = PreloadHint{.uri = "16.2.m4s"},
        .rendition_reports = {{.uri = "../audio/index.m3u8", .last_msn = 16, .last_part = 1}}};
    playlist.segments[0].start.program_date_time = at("2026-01-31T12:00:00.040Z");
    playlist.segments[2].start.program_date_time = at("2026-01-31T12:00:09.5Z");
    playlist.segments[2].start.discontinuity = true;
    playlist.segments[1].duration = Duration(1'966'667);
    return playlist;
}

TEST(WriteMedia, low_latency) {
    EXPECT_EQ(write(live(), Form::low_latency),
              "#EXTM3U\n"
              "#EXT-X-VERSION:6\n"
              "#EXT-X-TARGETDURATION:2\n"
              "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=1.5,HOLD-BACK=6\n"
              "#EXT-X-PART-INF:PART-TARGET=0.5\n"
              "#EXT-X-MEDIA-SEQUENCE:12\n"
              "#EXT-X-DISCONTINUITY-SEQUENCE:3\n"
              "#EXT-X-MAP:URI=\"init.mp4\"\n"
              "#EXT-X-PROGRAM-DATE-TIME:2026-01-31T12:00:00.040Z\n"
              "#EXTINF:2,\n"
              "12.m4s\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"13.0.m4s\",INDEPENDENT=YES\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"13.1.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"13.2.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"13.3.m4s\"\n"
              "#EXTINF:1.966667,\n"
              "13.m4s\n"
              "#EXT-X-DISCONTINUITY\n"
              "#EXT-X-MAP:URI=\"init2.mp4\"\n"
              "#EXT-X-PROGRAM-DATE-TIME:2026-01-31T12:00:09.500Z\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"14.0.m4s\",INDEPENDENT=YES\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"14.1.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"14.2.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"14.3.m4s\"\n"
              "#EXTINF:2,\n"
              "14.m4s\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"15.0.m4s\",INDEPENDENT=YES\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"15.1.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"15.2.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"15.3.m4s\"\n"
              "#EXTINF:2,\n"
              "15.m4s\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"16.0.m4s\",INDEPENDENT=YES\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"16.1.m4s\"\n"
              "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"16.2.m4s\"\n"
              "#EXT-X-RENDITION-REPORT:URI=\"../audio/index.m3u8\",LAST-MSN=16,LAST-PART=1\n");
}

TEST(WriteMedia, plain_form_of_the_same) {
    EXPECT_EQ(write(live(), Form::plain),
              "#EXTM3U\n"
              "#EXT-X-VERSION:6\n"
              "#EXT-X-TARGETDURATION:2\n"
              "#EXT-X-SERVER-CONTROL:HOLD-BACK=6\n"
              "#EXT-X-MEDIA-SEQUENCE:12\n"
              "#EXT-X-DISCONTINUITY-SEQUENCE:3\n"
              "#EXT-X-MAP:URI=\"init.mp4\"\n"
              "#EXT-X-PROGRAM-DATE-TIME:2026-01-31T12:00:00.040Z\n"
              "#EXTINF:2,\n"
              "12.m4s\n"
              "#EXTINF:1.966667,\n"
              "13.m4s\n"
              "#EXT-X-DISCONTINUITY\n"
              "#EXT-X-MAP:URI=\"init2.mp4\"\n"
              "#EXT-X-PROGRAM-DATE-TIME:2026-01-31T12:00:09.500Z\n"
              "#EXTINF:2,\n"
              "14.m4s\n"
              "#EXTINF:2,\n"
              "15.m4s\n");
}

// 13 ended 5 s before the edge, 14 ended 3 s before.
TEST(WriteMedia, delta_update) {
    MediaPlaylist playlist = live();
    playlist.server_control.can_skip_until = seconds(4);
    EXPECT_EQ(write_delta(playlist),
              "#EXTM3U\n"
              "#EXT-X-VERSION:9\n"
              "#EXT-X-TARGETDURATION:2\n"
              "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=4,PART-HOLD-BACK=1.5,HOLD-BACK=6\n"
              "#EXT-X-PART-INF:PART-TARGET=0.5\n"
              "#EXT-X-MEDIA-SEQUENCE:12\n"
              "#EXT-X-DISCONTINUITY-SEQUENCE:3\n"
              "#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n"
              "#EXT-X-DISCONTINUITY\n"
              "#EXT-X-MAP:URI=\"init2.mp4\"\n"
              "#EXT-X-PROGRAM-DATE-TIME:2026-01-31T12:00:09.500Z\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"14.0.m4s\",INDEPENDENT=YES\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"14.1.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"14.2.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"14.3.m4s\"\n"
              "#EXTINF:2,\n"
              "14.m4s\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"15.0.m4s\",INDEPENDENT=YES\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"15.1.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"15.2.m4s\"\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"15.3.m4s\"\n"
              "#EXTINF:2,\n"
              "15.m4s\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"16.0.m4s\",INDEPENDENT=YES\n"
              "#EXT-X-PART:DURATION=0.5,URI=\"16.1.m4s\"\n"
              "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"16.2.m4s\"\n"
              "#EXT-X-RENDITION-REPORT:URI=\"../audio/index.m3u8\",LAST-MSN=16,LAST-PART=1\n");
}

TEST(WriteMedia, a_boundary_is_passed_only_beyond_it) {
    MediaPlaylist playlist = live();
    // 13 ends 5 s before the edge.
    playlist.server_control.can_skip_until = seconds(5);
    EXPECT_NE(write_delta(playlist).find("SKIPPED-SEGMENTS=1\n"), std::string::npos);
    playlist.server_control.can_skip_until = seconds(5) - Duration(1);
    EXPECT_NE(write_delta(playlist).find("SKIPPED-SEGMENTS=2\n"), std::string::npos);
}

// 6.2.5.1: without a boundary, with everything inside it, and at the end.
TEST(WriteMedia, a_delta_update_that_may_skip_nothing_is_the_whole_playlist) {
    MediaPlaylist playlist = live();
    EXPECT_EQ(write_delta(playlist), write(playlist, Form::low_latency));
    playlist.server_control.can_skip_until = seconds(1);
    playlist.ended = true;
    EXPECT_EQ(write_delta(playlist), write(playlist, Form::low_latency));
    playlist.ended = false;
    playlist.server_control.can_skip_until.reset();
    EXPECT_EQ(write_delta(playlist), write(playlist, Form::low_latency));
}

TEST(WriteMedia, a_playlist_that_has_ended_hints_at_nothing) {
    MediaPlaylist playlist = live();
    playlist.ended = true;
    playlist.open.reset();
    const std::string text = write(playlist, Form::low_latency);
    EXPECT_EQ(text.find("PRELOAD-HINT"), std::string::npos);
    EXPECT_TRUE(text.ends_with("LAST-PART=1\n#EXT-X-ENDLIST\n"));
    EXPECT_TRUE(write(playlist, Form::plain).ends_with("15.m4s\n#EXT-X-ENDLIST\n"));
}

TEST(WriteMedia, recording_with_byte_ranges) {
    const Map map{.uri = "video.mp4", .range = ByteRange{.length = 1024, .offset = 0}};
    const MediaPlaylist playlist{
        .target_duration = seconds(6),
        .type = PlaylistType::vod,
        .independent_segments = true,
        .segments = {{.start = {.map = map},
                      .uri = "video.mp4",
                      .duration = Duration(6'000'001),
                      .range = ByteRange{.length = 70'000, .offset = 1024}},
                     {.start = {.map = map},
                      .uri = "video.mp4",
                      .duration = Duration(2'500'000),
                      .gap = true,
                      .range = ByteRange{.length = 20'000'000'000, .offset = 71'024}}},
        .ended = true};
    EXPECT_EQ(write(playlist, Form::low_latency),
              "#EXTM3U\n"
              "#EXT-X-VERSION:6\n"
              "#EXT-X-TARGETDURATION:6\n"
              "#EXT-X-PLAYLIST-TYPE:VOD\n"
              "#EXT-X-INDEPENDENT-SEGMENTS\n"
              "#EXT-X-MEDIA-SEQUENCE:0\n"
              "#EXT-X-MAP:URI=\"video.mp4\",BYTERANGE=\"1024@0\"\n"
              "#EXT-X-BYTERANGE:70000@1024\n"
              "#EXTINF:6.000001,\n"
              "video.mp4\n"
              "#EXT-X-GAP\n"
              "#EXT-X-BYTERANGE:20000000000@71024\n"
              "#EXTINF:2.5,\n"
              "video.mp4\n"
              "#EXT-X-ENDLIST\n");
    EXPECT_EQ(write(playlist, Form::plain), write(playlist, Form::low_latency));
}

TEST(WriteMedia, parts_of_one_resource_and_their_hint) {
    MediaPlaylist playlist{.target_duration = seconds(2),
                           .part_target = milliseconds(500),
                           .type = PlaylistType::event,
                           .open = OpenSegment{.start = {.map = {.uri = "i.mp4"}}}};
    playlist.open->parts = {{.uri = "0.m4s",
                             .duration = milliseconds(480),
                             .independent = true,
                             .range = ByteRange{.length = 700, .offset = 0}},
                            {.uri = "0.m4s", .duration = milliseconds(20), .gap = true}};
    playlist.preload_hint = PreloadHint{.uri = "0.m4s", .range_start = 700};
    const std::string text = write(playlist, Form::low_latency);
    EXPECT_NE(text.find("#EXT-X-PLAYLIST-TYPE:EVENT\n"), std::string::npos);
    EXPECT_TRUE(
        text.ends_with("#EXT-X-MAP:URI=\"i.mp4\"\n"
                       "#EXT-X-PART:DURATION=0.48,URI=\"0.m4s\",BYTERANGE=\"700@0\",INDEPENDENT=YES\n"
                       "#EXT-X-PART:DURATION=0.02,URI=\"0.m4s\",GAP=YES\n"
                       "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"0.m4s\",BYTERANGE-START=700\n"))
        << text;
    playlist.preload_hint = PreloadHint{.type = PreloadHint::Type::map, .uri = "i2.mp4", .range_length = 900};
    EXPECT_TRUE(
        write(playlist, Form::low_latency)
            .ends_with(
                "#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"i2.mp4\",BYTERANGE-START=0,BYTERANGE-LENGTH=900\n"));
    // Without a whole segment there is nothing that the plain form could show.
    EXPECT_EQ(write(playlist, Form::plain),
              "#EXTM3U\n#EXT-X-VERSION:1\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:EVENT\n"
              "#EXT-X-MEDIA-SEQUENCE:0\n");
}

// Section 8.
TEST(WriteMedia, version_is_the_least_that_will_do) {
    const auto version = [](const MediaPlaylist& playlist, Form form = Form::low_latency) {
        const std::string text = write(playlist, form);
        const std::size_t begin = text.find("VERSION:") + 8;
        return text.substr(begin, text.find('\n', begin) - begin);
    };
    MediaPlaylist playlist{.segments = {{.uri = "0.ts", .duration = seconds(1)}}};
    EXPECT_EQ(version(playlist), "1");
    playlist.segments[0].duration = milliseconds(1001);
    EXPECT_EQ(version(playlist), "3");
    playlist.segments[0].range = ByteRange{.length = 1, .offset = 0};
    EXPECT_EQ(version(playlist), "4");
    playlist.open = OpenSegment{.start = {.map = {.uri = "i"}}};
    EXPECT_EQ(version(playlist, Form::plain), "4");
    EXPECT_EQ(version(playlist), "6");
    playlist.open.reset();
    playlist.segments[0].start.map.uri = "i";
    EXPECT_EQ(version(playlist, Form::plain), "6");
}

TEST(WriteMedia, durations_are_exact) {
    const auto duration = [](Duration value) {
        const MediaPlaylist playlist{.segments = {{.uri = "0", .duration = value}}};
        const std::string text = write(playlist, Form::plain);
        const std::size_t begin = text.find("#EXTINF:") + 8;
        return text.substr(begin, text.find(',', begin) - begin);
    };
    // A locale with a comma, where there is one.
    for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}) std::setlocale(LC_ALL, name);
    EXPECT_EQ(duration(Duration(0)), "0");
    EXPECT_EQ(duration(Duration(1)), "0.000001");
    EXPECT_EQ(duration(Duration(100'000)), "0.1");
    EXPECT_EQ(duration(Duration(999'999)), "0.999999");
    EXPECT_EQ(duration(Duration(10'000'000)), "10");
    EXPECT_EQ(duration(Duration(2'002'000)), "2.002");
    EXPECT_EQ(duration(Duration(-5)), "0");
    EXPECT_EQ(duration(Duration::max()), "9223372036854.775807");
    std::setlocale(LC_ALL, "C");
}

TEST(TargetDuration, is_rounded_and_at_least_a_second) {
    EXPECT_EQ(target_duration_for(Duration(0)), seconds(1));
    EXPECT_EQ(target_duration_for(Duration(2'499'999)), seconds(2));
    EXPECT_EQ(target_duration_for(Duration(2'500'000)), seconds(3));
}

TEST(WriteMultivariant, audio_groups_and_variants) {
    const MultivariantPlaylist playlist{
        .independent_segments = true,
        .audio = {{.group_id = "aac",
                   .name = "English",
                   .language = "en",
                   .is_default = true,
                   .channels = 2,
                   .uri = "en/index.m3u8"},
                  {.group_id = "aac", .name = "Deutsch", .language = "de", .autoselect = true},
                  {.group_id = "aac", .name = "Kommentar"}},
        .variants = {{.uri = "1080/index.m3u8",
                      .bandwidth = 6'500'000,
                      .average_bandwidth = 6'000'000,
                      .codecs = "avc1.640028,mp4a.40.2",
                      .resolution = Resolution{.width = 1920, .height = 1080},
                      .frame_rate = FrameRate{.numerator = 30'000, .denominator = 1001},
                      .audio_group = "aac"},
                     {.uri = "audio.m3u8", .bandwidth = 128'000}}};
    EXPECT_EQ(
        write(playlist),
        "#EXTM3U\n"
        "#EXT-X-VERSION:4\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT="
        "YES,"
        "CHANNELS=\"2\",URI=\"en/index.m3u8\"\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"Deutsch\",LANGUAGE=\"de\",DEFAULT=NO,AUTOSELECT="
        "YES\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"Kommentar\",DEFAULT=NO,AUTOSELECT=NO\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=6500000,AVERAGE-BANDWIDTH=6000000,CODECS=\"avc1.640028,mp4a.40.2\","
        "RESOLUTION=1920x1080,FRAME-RATE=29.970,AUDIO=\"aac\"\n"
        "1080/index.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=128000\n"
        "audio.m3u8\n");
}

TEST(WriteMultivariant, frame_rates_have_three_decimals) {
    const auto rate = [](FrameRate value) {
        const std::string text = write(MultivariantPlaylist{.variants = {{.uri = "v", .frame_rate = value}}});
        const std::size_t begin = text.find("FRAME-RATE=") + 11;
        return text.substr(begin, text.find('\n', begin) - begin);
    };
    EXPECT_EQ(rate({.numerator = 25}), "25.000");
    EXPECT_EQ(rate({.numerator = 24'000, .denominator = 1001}), "23.976");
    EXPECT_EQ(rate({.numerator = 15, .denominator = 2}), "7.500");
    EXPECT_EQ(rate({.numerator = 4'000'000'000, .denominator = 1}), "4000000000.000");
    EXPECT_EQ(rate({.numerator = 30, .denominator = 0}), "30.000");
}

// 4.1, 4.2, 4.3: nothing of a name leaves its quotes.
TEST(WriteMultivariant, names_cannot_break_out) {
    const auto shown = [](std::string text) {
        const std::string playlist =
            write(MultivariantPlaylist{.audio = {{.group_id = "a", .name = std::move(text)}}});
        const std::size_t begin = playlist.find("NAME=") + 5;
        return playlist.substr(begin, playlist.find(",DEFAULT") - begin);
    };
    EXPECT_EQ(shown("a \"loud\" one"), "\"a 'loud' one\"");
    EXPECT_EQ(shown("a\r\n#EXT-X-ENDLIST\n"), "\"a  #EXT-X-ENDLIST \"");
    EXPECT_EQ(shown(std::string("\0\t\x1f\x7f.", 5)), "\"    .\"");
    EXPECT_EQ(shown("{$token} {x} {"), "\"($token} {x} {\"");
    EXPECT_EQ(shown("Französisch 日本語 🎵"), "\"Französisch 日本語 🎵\"");
    // C1 controls, and what is no UTF-8: a lone tail, overlong, a surrogate, too high, cut off.
    EXPECT_EQ(shown("\xc2\x85\xc2\x9f\xc2\xa0"), "\"  \xc2\xa0\"");
    EXPECT_EQ(shown("\x80\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82"), "\"????????????\"");
    EXPECT_EQ(shown("\xe0\x80\xaf\xf0\x80\x80\xaf\xff"), "\"????????\"");
}

TEST(WriteMedia, uris_cannot_break_out) {
    const auto line_of = [](std::string text) {
        MediaPlaylist playlist{.segments = {{.uri = text}}};
        playlist.segments[0].start.map.uri = text;
        const std::string written = write(playlist, Form::plain);
        const std::size_t begin = written.find("#EXTINF:0,\n") + 11;
        const std::string line = written.substr(begin, written.size() - begin - 1);
        EXPECT_NE(written.find("#EXT-X-MAP:URI=\"" + line + "\"\n"), std::string::npos) << written;
        return line;
    };
    EXPECT_EQ(line_of("https://cdn.example.org:8443/a/b.m4s?token=a%2Fb&x=[1]~*'(!)$;,+@#f"),
              "https://cdn.example.org:8443/a/b.m4s?token=a%2Fb&x=[1]~*'(!)$;,+@#f");
    EXPECT_EQ(line_of("a\" \r\n{$b}\\<>^`|"), "a%22%20%0D%0A%7B$b%7D%5C%3C%3E%5E%60%7C");
    EXPECT_EQ(line_of("#EXT-X-ENDLIST"), "%23EXT-X-ENDLIST");
    EXPECT_EQ(line_of("ü\x7f"), "%C3%BC%7F");
    EXPECT_EQ(line_of(std::string("a\0b", 3)), "a%00b");
}

}  // namespace
}  // namespace format::m3u8
