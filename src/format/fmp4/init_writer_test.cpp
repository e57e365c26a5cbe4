#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/samples.h"
#include "format/fmp4/init_segment.h"
#include "format/fmp4/samples.h"
#include "format/fmp4/test_boxes.h"

namespace format::fmp4 {
namespace {

using media::Codec;
using test::find;
using test::hex;
using test::plain;

TrackDescription track_of(Codec codec, std::string_view config) {
    const bool video = codec == Codec::h264 || codec == Codec::hevc || codec == Codec::av1;
    TrackDescription track{
        .id = 1, .codec = codec, .config = base::SharedBytes(base::from_hex(config)), .timescale = 90'000};
    if (video) {
        track.width = 1920;
        track.height = 1080;
    } else {
        track.timescale = 48'000;
        track.channels = 2;
        track.sample_rate = 48'000;
    }
    return track;
}

base::Bytes init_of(const std::vector<TrackDescription>& tracks) {
    auto init = write_init(tracks);
    EXPECT_TRUE(init) << init.error().message;
    return init.value_or(base::Bytes{});
}

base::Bytes init_of(Codec codec, std::string_view config) {
    return init_of({track_of(codec, config)});
}

const std::string avc = "0142c00dffe100186742c00dd90141fb0110000003001000000303c0f142a48001000568cb83cb20";
const std::string matrix = "00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000";

TEST(InitSegment, has_the_boxes_of_a_fragmented_file) {
    const base::Bytes init = init_of(
        {samples::describe(samples::stream("h264"), 1), samples::describe(samples::stream("opus"), 2)});
    EXPECT_EQ(test::list(init), "ftyp moov");
    EXPECT_EQ(test::list(find(init, "moov")), "mvhd trak trak mvex");
    EXPECT_EQ(test::list(find(init, "moov/trak.1")), "tkhd edts mdia");
    EXPECT_EQ(test::list(find(init, "moov/trak/mdia")), "mdhd hdlr minf");
    EXPECT_EQ(test::list(find(init, "moov/trak/mdia/minf")), "vmhd dinf stbl");
    EXPECT_EQ(test::list(find(init, "moov/trak.1/mdia/minf")), "smhd dinf stbl");
    EXPECT_EQ(test::list(find(init, "moov/trak/mdia/minf/stbl")), "stsd stts stsc stsz stco");
    EXPECT_EQ(test::list(find(init, "moov/mvex")), "trex trex");
}

TEST(InitSegment, names_the_brands_that_it_keeps_to) {
    const TrackDescription video = samples::describe(samples::stream("h264"), 1);
    const TrackDescription av1 = samples::describe(samples::stream("av1"), 2);
    const auto brands = [](const base::Bytes& init) {
        return std::string(base::as_text(find(init, "ftyp")));
    };
    const std::string common = std::string("iso6") + std::string(4, '\0') + "iso6iso5mp41hlsf";
    EXPECT_EQ(brands(init_of({video})), common + "cmfc");
    EXPECT_EQ(brands(init_of({video, av1})), common + "av01");
}

TEST(InitSegment, tells_of_a_video_track) {
    const base::Bytes init = init_of(Codec::h264, avc);
    EXPECT_EQ(hex(find(init, "moov/mvhd")),
              plain("00000000 00000000 00000000 000003e8 00000000 00010000 0100 0000 00000000 00000000" +
                    matrix + "00000000 00000000 00000000 00000000 00000000 00000000 00000002"));
    EXPECT_EQ(hex(find(init, "moov/trak/tkhd")),
              plain("00000007 00000000 00000000 00000001 00000000 00000000 00000000 00000000"
                    "0000 0000 0000 0000" +
                    matrix + "07800000 04380000"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/mdhd")),
              plain("00000000 00000000 00000000 00015f90 00000000 55c4 0000"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/hdlr")),
              plain("00000000 00000000 76696465 00000000 00000000 00000000 766964656f00"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/vmhd")), plain("00000001 0000 0000 0000 0000"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/dinf/dref")),
              plain("00000000 00000001 0000000c 75726c20 00000001"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/stbl/stts")), plain("00000000 00000000"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/stbl/stsc")), plain("00000000 00000000"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/stbl/stsz")), plain("00000000 00000000 00000000"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/stbl/stco")), plain("00000000 00000000"));
    EXPECT_EQ(hex(find(init, "moov/mvex/trex")),
              plain("00000000 00000001 00000001 00000000 00000000 00000000"));
}

TEST(InitSegment, tells_of_an_audio_track) {
    TrackDescription track = track_of(Codec::aac, "1190");
    track.id = 7;
    const base::Bytes init = init_of({track});
    EXPECT_EQ(hex(find(init, "moov/mvhd").last(4)), "00000008");
    EXPECT_EQ(hex(find(init, "moov/trak/tkhd")),
              plain("00000007 00000000 00000000 00000007 00000000 00000000 00000000 00000000"
                    "0000 0000 0100 0000" +
                    matrix + "00000000 00000000"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/mdhd")),
              plain("00000000 00000000 00000000 0000bb80 00000000 55c4 0000"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/hdlr")),
              plain("00000000 00000000 736f756e 00000000 00000000 00000000 617564696f00"));
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/smhd")), plain("00000000 0000 0000"));
    EXPECT_EQ(hex(find(init, "moov/mvex/trex").subspan(4, 4)), "00000007");
}

const std::string visual_fields =
    "000000000000 0001 00000000 00000000 00000000 00000000 0780 0438 00480000 00480000 00000000 0001"
    "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 0018 ffff";

TEST(InitSegment, gives_h264_its_record) {
    const base::Bytes init = init_of(Codec::h264, avc);
    const base::ByteView stsd = find(init, "moov/trak/mdia/minf/stbl/stsd");
    EXPECT_EQ(hex(stsd.first(8)), "0000000000000001");
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/stbl/stsd/avc1")),
              plain(visual_fields + "00000030 61766343" + avc));
}

TEST(InitSegment, gives_av1_its_record) {
    const base::Bytes init = init_of(Codec::av1, "81010c000a0b0000000cc4ff6700be0010");
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/stbl/stsd/av01")),
              plain(visual_fields + "00000019 61763143 81010c000a0b0000000cc4ff6700be0010"));
}

// `hvc1` promises that all parameter sets stand in the record, and what came over RTMP says no word of it.
TEST(InitSegment, marks_the_parameter_sets_of_hevc_as_complete) {
    const std::string head = "0101600000009000000000003cf000fcfdf8f800000f03";
    const std::string vps = "0001001840010c01ffff01600000030090000003000003003cba0240";
    const std::string sps =
        "0001002a42010101600000030090000003000003003ca00d88040724465ba4a4c2f0168080000003008000000c84";
    const std::string pps = "000100064401c073c189";
    const base::Bytes init = init_of(Codec::hevc, head + "20" + vps + "21" + sps + "22" + pps);
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/stbl/stsd/hvc1/hvcC")),
              head + "a0" + vps + "a1" + sps + "a2" + pps);

    // Without them they come in the stream, and `hev1` says so.
    const base::Bytes bare = init_of(Codec::hevc, head.substr(0, 44) + "01" + "20" + vps);
    EXPECT_EQ(hex(find(bare, "moov/trak/mdia/minf/stbl/stsd/hev1/hvcC")),
              head.substr(0, 44) + "01" + "a0" + vps);
}

TEST(InitSegment, wraps_any_audio_specific_config_in_descriptors) {
    const std::string audio_fields = "000000000000 0001 00000000 00000000 0002 0010 0000 0000 bb800000";
    const base::Bytes plainest = init_of(Codec::aac, "1190");
    EXPECT_EQ(
        hex(find(plainest, "moov/trak/mdia/minf/stbl/stsd/mp4a")),
        plain(audio_fields + "00000027 65736473 00000000 03 19 0000 00 04 11 40 15 000000 00000000 00000000"
                             "05 02 1190 06 01 02"));

    // A program config element with the longest comment there is: its lengths take two bytes.
    base::Bytes config = base::from_hex("118004c80500011900");
    config.push_back(0xff);
    config.insert(config.end(), 255, 0x41);
    const std::string text = hex(config);
    const base::Bytes init = init_of(Codec::aac, text);
    EXPECT_EQ(
        hex(find(init, "moov/trak/mdia/minf/stbl/stsd/mp4a/esds")),
        plain("00000000 03 8222 0000 00 04 8219 40 15 000000 00000000 00000000 05 8209" + text + "06 01 02"));
}

TEST(InitSegment, says_sample_rates_that_16_bits_hold) {
    TrackDescription track = track_of(Codec::aac, "103856e500");
    track.channels = 8;
    track.sample_rate = track.timescale = 96'000;
    const base::Bytes init = init_of({track});
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/minf/stbl/stsd/mp4a").subspan(16, 12)),
              "000800100000000000000000");
    EXPECT_EQ(hex(find(init, "moov/trak/mdia/mdhd").subspan(12, 4)), "00017700");
}

// OpusHead has its bytes the other way round.
TEST(InitSegment, turns_opus_head_round) {
    const base::Bytes stereo = init_of(Codec::opus, "4f707573486561640102380144ac000000ff00");
    EXPECT_EQ(hex(find(stereo, "moov/trak/mdia/minf/stbl/stsd/Opus")),
              plain("000000000000 0001 00000000 00000000 0002 0010 0000 0000 bb800000"
                    "00000013 644f7073 00 02 0138 0000ac44 ff00 00"));
    const base::Bytes surround =
        init_of(Codec::opus, "4f707573486561640106380180bb00000000010402000401020305");
    EXPECT_EQ(hex(find(surround, "moov/trak/mdia/minf/stbl/stsd/Opus/dOps")),
              plain("00 06 0138 0000bb80 0000 01 04 02 000401020305"));
}

TEST(InitSegment, begins_where_the_edit_says) {
    TrackDescription track = track_of(Codec::opus, "4f707573486561640102380180bb0000000000");
    track.edit_start = 312;
    const base::Bytes init = init_of({track});
    EXPECT_EQ(hex(find(init, "moov/trak/edts/elst")), plain("00000000 00000001 00000000 00000138 0001 0000"));
}

TEST(InitSegment, takes_every_configuration_of_its_codecs) {
    for (const auto& sample : codec::samples::video) {
        const bool ours =
            sample.codec == Codec::h264 || sample.codec == Codec::hevc || sample.codec == Codec::av1;
        TrackDescription track = track_of(sample.codec, sample.record);
        const auto init = write_init(std::vector{track});
        EXPECT_EQ(init.has_value(), ours) << sample.name;
        if (init) {
            EXPECT_EQ(test::list(*init), "ftyp moov");
        }
    }
    for (const auto& sample : codec::samples::audio) {
        const auto init = write_init(std::vector{track_of(sample.codec, sample.record)});
        EXPECT_EQ(init.has_value(), sample.codec != Codec::flac) << sample.name;
        if (init) {
            EXPECT_EQ(test::list(*init), "ftyp moov");
        }
    }
}

TEST(InitSegment, names_a_codec_that_it_does_not_write) {
    for (const auto& [codec, name] : {std::pair{Codec::vp9, "VP9"}, std::pair{Codec::mp3, "MP3"},
                                      std::pair{Codec::flac, "FLAC"}, std::pair{Codec::vvc, "VVC"}}) {
        const auto init = write_init(std::vector{track_of(codec, "00")});
        ASSERT_FALSE(init);
        EXPECT_EQ(init.error().code, base::ErrorCode::unsupported);
        EXPECT_THAT(init.error().message, testing::HasSubstr(name));
    }
}

TEST(InitSegment, refuses_what_no_player_could_use) {
    const auto code_of = [](const std::vector<TrackDescription>& tracks) {
        const auto init = write_init(tracks);
        return init ? base::ErrorCode::internal : init.error().code;
    };
    const auto with = [&](auto change) {
        TrackDescription track = track_of(Codec::h264, avc);
        change(track);
        return code_of({track});
    };
    using base::ErrorCode;
    EXPECT_EQ(code_of({}), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of({track_of(Codec::h264, avc), track_of(Codec::aac, "1190")}),
              ErrorCode::invalid_argument);
    EXPECT_EQ(with([](auto& track) { track.id = 0; }), ErrorCode::invalid_argument);
    EXPECT_EQ(with([](auto& track) { track.timescale = 0; }), ErrorCode::invalid_argument);
    EXPECT_EQ(with([](auto& track) { track.width = 0; }), ErrorCode::invalid_argument);
    EXPECT_EQ(with([](auto& track) { track.height = 65'536; }), ErrorCode::invalid_argument);
    EXPECT_EQ(with([](auto& track) { track.edit_start = 0x8000'0000; }), ErrorCode::invalid_argument);
    EXPECT_EQ(with([](auto& track) { track.config = {}; }), ErrorCode::malformed);
    EXPECT_EQ(code_of({track_of(Codec::aac, "11")}), ErrorCode::malformed);
    EXPECT_EQ(code_of({track_of(Codec::opus, "4f7075734865616401")}), ErrorCode::malformed);
    EXPECT_EQ(with([](auto& track) { track.config = base::SharedBytes(base::Bytes(max_config_size + 1)); }),
              ErrorCode::limit_exceeded);

    std::vector<TrackDescription> tracks;
    for (std::uint32_t id = 1; id <= max_tracks; ++id) {
        tracks.push_back(track_of(Codec::h264, avc));
        tracks.back().id = id;
    }
    EXPECT_TRUE(write_init(tracks));
    tracks.push_back(tracks.front());
    tracks.back().id = max_tracks + 1;
    EXPECT_EQ(code_of(tracks), ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace format::fmp4
