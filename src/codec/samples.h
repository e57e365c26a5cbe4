// Configuration records as real encoders write them, with what ffprobe says of each: one list for the unit
// tests and for the fuzz targets' seeds. Made with ffmpeg 5.1 (libx264, libx265, SVT-AV1, libaom, libvpx,
// libopus, LAME, FLAC); SEI is left out of the hvcC. The AAC records that ffmpeg does not make are written by
// hand after ISO 14496-3.
#pragma once

#include <string_view>
#include <vector>

#include "media/frame.h"

namespace codec::samples {

struct Video {
    std::string_view name;
    media::Codec codec;
    std::string_view record;
    std::string_view profile;
    std::string_view codec_string;
    int width;
    int height;
    double fps;
    bool b_frames_possible;
};

inline const std::vector<Video> video{
    {"av1_aom10", media::Codec::av1, "81004c000a0b000000043d06d4daf94040", "Main 2.0", "av01.0.00M.10", 322,
     182, 0, false},
    {"av1_aom444", media::Codec::av1, "812000000a0a200000043cfeccdaf902", "High 2.0", "av01.1.00M.08", 320,
     180, 0, false},
    {"av1_svt", media::Codec::av1, "81010c000a0b0000000cc4ff6700be0010", "Main 2.1", "av01.0.01M.08", 640,
     360, 0, false},
    {"avc_422_10", media::Codec::h264,
     "017a001effe1001c677a001eb6cd940a03db016a020202800000030080000018078b16cb01000668ebe3cb22c0fefafa00",
     "High 4:2:2 3.0", "avc1.7a001e", 640, 480, 24.0 / 1, true},
    {"avc_444", media::Codec::h264,
     "01f4000dffe1001a67f4000d919b282a10f1f1f80880000003008000001e078a14cb01000668ebe3c44844fff8f800",
     "High 4:4:4 Predictive 1.3", "avc1.f4000d", 322, 242, 30.0 / 1, true},
    {"avc_base", media::Codec::h264,
     "0142c00dffe100186742c00dd90141fb0110000003001000000303c0f142a48001000568cb83cb20",
     "Constrained Baseline 1.3", "avc1.42c00d", 320, 240, 30.0 / 1, false},
    {"avc_cqm", media::Codec::h264,
     "0164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000768ebe3cb3002c0fdf8f800",
     "High 3.0", "avc1.64001e", 640, 360, 30.0 / 1, true},
    {"avc_high_1080p60", media::Codec::h264,
     "0164002affe1001b6764002aacd940780227e5c044000003000400000301e03c60c65801000468ef8fcbfdf8f800",
     "High 4.2", "avc1.64002a", 1920, 1080, 60.0 / 1, true},
    {"avc_interlaced", media::Codec::h264,
     "0164001effe1001c6764001eacd940b424dff8020001688000000300800000190f8a14cb01000668fba3cb22c0fdf8f800",
     "High 3.0", "avc1.64001e", 720, 576, 25.0 / 1, true},
    {"avc_main_ntsc_cbr", media::Codec::h264,
     "014d401fffe10022674d401feca02802dd808800001f4800075303130007a12000f427261803c60c658001000468efbc80",
     "Main 3.1", "avc1.4d401f", 1280, 720, 30000.0 / 1001, true},
    {"avc_nob", media::Codec::h264,
     "0164001effe1001a6764001eacb201405ff2e022000003000200000300641e2c5c9001000668ebc3cb22c0fdf8f800",
     "High 3.0", "avc1.64001e", 640, 360, 25.0 / 1, false},
    {"avc_odd", media::Codec::h264,
     "01640015ffe1001b67640015acd941b08792230110000003001000000301e0f162d96001000668ebe3cb22c0fdf8f800",
     "High 2.1", "avc1.640015", 426, 242, 15.0 / 1, true},
    {"avc_portrait", media::Codec::h264,
     "0142c028ffe100196742c028da01100f1e5f0110000003001000000303c0f1832a01000468ce0fc8",
     "Constrained Baseline 4.0", "avc1.42c028", 1080, 1920, 30.0 / 1, false},
    {"hevc_422", media::Codec::hevc,
     "0104080000009d08000000005af000fcfefafa00000f03200001001740010c01ffff0408000003009d0800000300005a9598092"
     "10001002a4201010408000003009d0800000300005ab0050201e1365959a4932bc05a0200000300020000030030102200010007"
     "4401c172b46240",
     "Range Extensions 3.0", "hvc1.4.10.L90.9d.8", 640, 480, 24.0 / 1, true},
    {"hevc_hrd", media::Codec::hevc,
     "0101600000009000000000005df000fcfdf8f800000f03200001001840010c01ffff01600000030090000003000003005d95980"
     "9210001003542010101600000030090000003000003005da006b201e1d796566924e5780b4040000003004000000c9805261b80"
     "03d090007a132022000100074401c172b46240",
     "Main 3.1", "hvc1.1.6.L93.90", 854, 480, 50.0 / 1, true},
    {"hevc_main", media::Codec::hevc,
     "0101600000009000000000005df000fcfdf8f800000f03200001001840010c01ffff01600000030090000003000003005d95940"
     "9210001002b42010101600000030090000003000003005da00280802d16595952930bc05a020000030002000003003c10220001"
     "00064401c073c189",
     "Main 3.1", "hvc1.1.6.L93.90", 1280, 720, 30.0 / 1, true},
    {"hevc_main10_ntsc", media::Codec::hevc,
     "0102200000009000000000007bf000fcfdfafa00000f03200001001840010c01ffff02200000030090000003000003007b95940"
     "9210001002b42010102200000030090000003000003007ba003c0801107cad965654a4c2f01680800001f480007530040220001"
     "00064401c073c189",
     "Main 10 4.1", "hvc1.2.4.L123.90", 1920, 1080, 60000.0 / 1001, true},
    {"hevc_nob", media::Codec::hevc,
     "0101600000009000000000003cf000fcfdf8f800000f03200001001840010c01ffff01600000030090000003000003003cba024"
     "0210001002a42010101600000030090000003000003003ca00d88040724465ba4a4c2f0168080000003008000000c8422000100"
     "064401c073c189",
     "Main 2.0", "hvc1.1.6.L60.90", 426, 242, 25.0 / 1, false},
    {"vp9", media::Codec::vp9, "010000000015820202020000", "Profile 0 2.1", "vp09.00.21.08", 0, 0, 0, false},
    {"vp8_bare", media::Codec::vp8, "000a820202020000", "Profile 0 1.0", "vp08.00.10.08", 0, 0, 0, false},
    {"vp9_10", media::Codec::vp9, "01000000020ba20202020000", "Profile 2 1.1", "vp09.02.11.10", 0, 0, 0,
     false},
};

struct Audio {
    std::string_view name;
    media::Codec codec;
    std::string_view record;
    std::string_view codec_string;
    int sample_rate;
    int channels;
};

inline const std::vector<Audio> audio{
    {"aac_44_stereo", media::Codec::aac, "121056e500", "mp4a.40.2", 44'100, 2},
    {"aac_48_surround", media::Codec::aac, "11b056e500", "mp4a.40.2", 48'000, 6},
    {"aac_8_mono", media::Codec::aac, "158856e500", "mp4a.40.2", 8'000, 1},
    {"aac_96_seven_one", media::Codec::aac, "103856e500", "mp4a.40.2", 96'000, 8},
    {"aac_two_bytes", media::Codec::aac, "1190", "mp4a.40.2", 48'000, 2},
    {"he_aac_explicit", media::Codec::aac, "2b118800", "mp4a.40.5", 48'000, 2},
    {"he_aac_v2_explicit", media::Codec::aac, "eb098800", "mp4a.40.29", 48'000, 2},
    {"he_aac_compatible", media::Codec::aac, "131056e598", "mp4a.40.5", 48'000, 2},
    {"he_aac_v2_compatible", media::Codec::aac, "130856e59d4880", "mp4a.40.29", 48'000, 2},
    {"aac_escaped_rate", media::Codec::aac, "178049d408", "mp4a.40.2", 37'800, 1},
    {"he_aac_escaped_rate", media::Codec::aac, "2b17805dc00800", "mp4a.40.5", 48'000, 2},
    {"aac_program_config", media::Codec::aac, "118004c8050001190000", "mp4a.40.2", 48'000, 6},
    {"aac_low_delay", media::Codec::aac, "f8e8400000", "mp4a.40.39", 44'100, 2},
    {"opus_stereo", media::Codec::opus, "4f707573486561640102380180bb0000000000", "opus", 48'000, 2},
    {"opus_surround", media::Codec::opus, "4f707573486561640106380180bb00000000010402000401020305", "opus",
     48'000, 6},
    {"flac_block", media::Codec::flac,
     "664c614300000022120012000004a30005080ac442f0000022745d105ceb212ad5d36e4f5608def3d8b7", "flac", 44'100,
     2},
    {"flac_bare", media::Codec::flac,
     "664c6143120012000004a30005080ac442f0000022745d105ceb212ad5d36e4f5608def3d8b7", "flac", 44'100, 2},
};

// First bytes of MP3 frames; read_mp3_header() reads them.
inline const std::vector<Audio> mp3{
    {"mp3_44_stereo", media::Codec::mp3, "fffb90640000026b", "mp3", 44'100, 2},
    {"mp3_22_mono", media::Codec::mp3, "fff340c400146886", "mp3", 22'050, 1},
    {"mp3_48_joint", media::Codec::mp3, "fffb9444", "mp3", 48'000, 2},
    {"mp3_8_mono", media::Codec::mp3, "ffe318c4", "mp3", 8'000, 1},
};

}  // namespace codec::samples
