// Tag bodies good and hostile, each with what reading it gives: one list for the unit tests and for the fuzz
// targets' seeds. Enhanced ones follow the layouts of Enhanced RTMP v2 byte by byte.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "media/frame.h"

namespace format::flv::samples {

struct Frame {
    media::Codec codec;
    media::Role role;
    bool keyframe;
    int track;
    std::int64_t cts_us;
    std::string_view payload;  // hexadecimal
    // The frame's own tag where it is not the body itself.
    std::string_view tag = {};
};

struct Good {
    std::string_view name;
    media::Kind kind;
    std::string_view body;  // hexadecimal
    std::vector<Frame> frames;
};

struct Bad {
    std::string_view name;
    media::Kind kind;
    std::string_view body;
    base::ErrorCode code;
    std::string_view says;  // part of the message
};

namespace detail {
inline constexpr auto video = media::Kind::video;
inline constexpr auto audio = media::Kind::audio;
inline constexpr auto config = media::Role::config;
inline constexpr auto coded = media::Role::coded;
inline constexpr auto metadata = media::Role::metadata;
inline constexpr auto end = media::Role::end;
using enum media::Codec;
}  // namespace detail

inline const std::vector<Good>& good() {
    using namespace detail;
    static const std::vector<Good> table{
        // Legacy (FLV 10.1, E.4.3.1, E.4.2.1).
        {"avc_sequence_header", video, "170000000001640028", {{h264, config, false, 0, 0, "01640028"}}},
        {"avc_sequence_header_of_an_inter_tag",
         video,
         "270000000001640028",
         {{h264, config, false, 0, 0, "01640028"}}},
        {"avc_keyframe", video, "1701000000000000026588", {{h264, coded, true, 0, 0, "000000026588"}}},
        {"avc_inter_frame_with_composition_time",
         video,
         "27010000420000000241",
         {{h264, coded, false, 0, 66'000, "0000000241"}}},
        {"avc_negative_composition_time", video, "2701ffffdf41", {{h264, coded, false, 0, -33'000, "41"}}},
        {"avc_disposable_frame", video, "370100000001", {{h264, coded, false, 0, 0, "01"}}},
        {"avc_generated_keyframe", video, "470100000065", {{h264, coded, true, 0, 0, "65"}}},
        {"avc_end_of_sequence", video, "1702000000", {{h264, end, false, 0, 0, ""}}},
        {"avc_nothing_coded", video, "2701000000", {}},
        {"legacy_command", video, "5700", {}},
        {"legacy_command_of_another_codec", video, "5200", {}},
        {"video_nothing_at_all", video, "", {}},
        {"aac_sequence_header", audio, "af001190", {{aac, config, false, 0, 0, "1190"}}},
        {"aac_raw", audio, "af012110", {{aac, coded, true, 0, 0, "2110"}}},
        {"aac_said_to_be_mono", audio, "ae0121", {{aac, coded, true, 0, 0, "21"}}},
        {"aac_nothing_coded", audio, "af01", {}},
        {"mp3", audio, "2ffffb9064", {{mp3, coded, true, 0, 0, "fffb9064"}}},
        {"mp3_8_khz", audio, "e2ffe318c4", {{mp3, coded, true, 0, 0, "ffe318c4"}}},
        {"mp3_nothing_coded", audio, "2f", {}},
        {"audio_nothing_at_all", audio, "", {}},

        // Enhanced video.
        {"hevc_sequence_start", video, "906876633101016000", {{hevc, config, false, 0, 0, "01016000"}}},
        {"hevc_keyframe", video, "9168766331000021ca", {{hevc, coded, true, 0, 33'000, "ca"}}},
        {"hevc_inter_frame", video, "a168766331ffffffca", {{hevc, coded, false, 0, -1'000, "ca"}}},
        {"hevc_keyframe_x", video, "9368766331ca", {{hevc, coded, true, 0, 0, "ca"}}},
        {"hevc_inter_frame_x", video, "a368766331ca", {{hevc, coded, false, 0, 0, "ca"}}},
        {"hevc_sequence_end", video, "9268766331", {{hevc, end, false, 0, 0, ""}}},
        {"hevc_colour", video, "946876633102000963", {{hevc, metadata, false, 0, 0, "02000963"}}},
        {"colour_of_a_command_tag", video, "d46876633102000963", {{hevc, metadata, false, 0, 0, "02000963"}}},
        {"hevc_nothing_coded", video, "a368766331", {}},
        {"vvc_keyframe", video, "9176766331000001ca", {{vvc, coded, true, 0, 1'000, "ca"}}},
        {"av1_sequence_start", video, "90617630318100", {{av1, config, false, 0, 0, "8100"}}},
        {"av1_keyframe_has_no_composition_time", video, "91617630310a0b", {{av1, coded, true, 0, 0, "0a0b"}}},
        {"vp9_inter_frame", video, "a176703039ca", {{vp9, coded, false, 0, 0, "ca"}}},
        {"vp8_keyframe", video, "9176703038ca", {{vp8, coded, true, 0, 0, "ca"}}},
        {"avc_in_enhanced_form_becomes_legacy",
         video,
         "9161766331000021ca",
         {{h264, coded, true, 0, 33'000, "ca", "1701000021ca"}}},
        {"avc_sequence_start_becomes_legacy",
         video,
         "906176633101640028",
         {{h264, config, false, 0, 0, "01640028", "170000000001640028"}}},
        {"avc_sequence_end_becomes_legacy",
         video,
         "9261766331",
         {{h264, end, false, 0, 0, "", "1702000000"}}},
        {"avc_colour_stays_enhanced",
         video,
         "946176633102000963",
         {{h264, metadata, false, 0, 0, "02000963"}}},
        {"start_of_seek", video, "d000", {}},
        {"end_of_seek", video, "d101", {}},

        // ModEx: 999 999 ns on top; an unknown one; one with a size of 16 bits.
        {"nanoseconds", video, "a7020f423f0368766331ca", {{hevc, coded, false, 0, 999, "ca"}}},
        {"nanoseconds_add_to_composition_time",
         video,
         "a70200c3500168766331000001ca",
         {{hevc, coded, false, 0, 1'050, "ca"}}},
        {"unknown_mod_ex_is_skipped", video, "a700aa1368766331ca", {{hevc, coded, false, 0, 0, "ca"}}},
        {"mod_ex_with_more_data_than_it_needs",
         video,
         "a7040003e8ffff0368766331ca",
         {{hevc, coded, false, 0, 1, "ca"}}},
        {"two_mod_ex", video, "a700aa17020003e80368766331ca", {{hevc, coded, false, 0, 1, "ca"}}},
        {"audio_nanoseconds", audio, "97020003e8014f707573ca", {{opus, coded, true, 0, 1, "ca"}}},

        // Multitrack.
        {"one_track", video, "96006876633101 01016000", {{hevc, config, false, 1, 0, "01016000"}}},
        {"one_track_of_track_0_becomes_plain",
         video,
         "96036876633100ca",
         {{hevc, coded, true, 0, 0, "ca", "9368766331ca"}}},
        {"one_track_of_avc", video, "a601617663310200002141", {{h264, coded, false, 2, 33'000, "41"}}},
        {"many_tracks",
         video,
         "961168766331 00 000004 000021ca 01 000005 000000cbcc",
         {{hevc, coded, true, 0, 33'000, "ca", "9168766331000021ca"},
          {hevc, coded, true, 1, 0, "cbcc", "96016876633101000000cbcc"}}},
        {"many_tracks_of_many_codecs",
         video,
         "a623 61766331 00 000001 41 61763031 05 000002 0a0b",
         {{h264, coded, false, 0, 0, "41", "270100000041"},
          {av1, coded, false, 5, 0, "0a0b", "a603 61763031 05 0a0b"}}},
        {"many_tracks_one_empty",
         video,
         "a61368766331 00 000000 01 000001 cb",
         {{hevc, coded, false, 1, 0, "cb", "a6036876633101cb"}}},
        {"multitrack_after_mod_ex", video, "a7020003e8060368766331 03ca", {{hevc, coded, false, 3, 1, "ca"}}},
        {"audio_one_track", audio, "95016d703461 01 2110", {{aac, coded, true, 1, 0, "2110"}}},
        {"audio_track_0_becomes_legacy",
         audio,
         "95016d703461 00 2110",
         {{aac, coded, true, 0, 0, "2110", "af012110"}}},
        {"audio_many_tracks_many_codecs",
         audio,
         "9520 6d703461 00 000002 1190 4f707573 01 000002 4f70",
         {{aac, config, false, 0, 0, "1190", "af001190"},
          {opus, config, false, 1, 0, "4f70", "95004f707573014f70"}}},

        // Enhanced audio.
        {"opus_sequence_start", audio, "904f7075734f707573", {{opus, config, false, 0, 0, "4f707573"}}},
        {"opus_coded", audio, "914f707573fc", {{opus, coded, true, 0, 0, "fc"}}},
        {"opus_sequence_end", audio, "924f707573", {{opus, end, false, 0, 0, ""}}},
        {"opus_native_channels",
         audio,
         "944f707573010200000003",
         {{opus, metadata, false, 0, 0, "010200000003"}}},
        {"opus_custom_channels", audio, "944f70757302020001", {{opus, metadata, false, 0, 0, "02020001"}}},
        {"opus_unspecified_channels", audio, "944f7075730002", {{opus, metadata, false, 0, 0, "0002"}}},
        {"flac_sequence_start", audio, "90664c6143664c6143", {{flac, config, false, 0, 0, "664c6143"}}},
        {"ac3_coded", audio, "9161632d330b77", {{ac3, coded, true, 0, 0, "0b77"}}},
        {"eac3_empty_sequence_start", audio, "9065632d33", {{eac3, config, false, 0, 0, ""}}},
        {"aac_in_enhanced_form_becomes_legacy",
         audio,
         "916d7034612110",
         {{aac, coded, true, 0, 0, "2110", "af012110"}}},
        {"aac_sequence_end_stays_enhanced", audio, "926d703461", {{aac, end, false, 0, 0, ""}}},
        {"mp3_in_enhanced_form_becomes_legacy",
         audio,
         "912e6d7033fffb9064",
         {{mp3, coded, true, 0, 0, "fffb9064", "2ffffb9064"}}},
    };
    return table;
}

inline const std::vector<Bad>& bad() {
    using namespace detail;
    constexpr auto malformed = base::ErrorCode::malformed;
    constexpr auto unsupported = base::ErrorCode::unsupported;
    constexpr auto limit = base::ErrorCode::limit_exceeded;
    static const std::vector<Bad> table{
        {"avc_without_a_packet_type", video, "17", malformed, "truncated video"},
        {"avc_without_a_composition_time", video, "17010000", malformed, "truncated video"},
        {"avc_empty_sequence_header", video, "1700000000", malformed, "empty sequence header"},
        {"avc_packet_type_3", video, "170300000000", malformed, "packet type"},
        {"avc_frame_type_0", video, "070100000065", malformed, "frame type"},
        {"avc_frame_type_6", video, "670100000065", malformed, "frame type"},
        {"sorenson", video, "2200", unsupported, "Sorenson H.263"},
        {"screen_video", video, "1300", unsupported, "Screen Video"},
        {"vp6", video, "1400", unsupported, "On2 VP6"},
        {"hevc_by_codec_id_12", video, "1c0000000001", unsupported, "HEVC"},
        {"codec_id_15", video, "1f00", unsupported, "unknown codec"},
        {"aac_without_a_packet_type", audio, "af", malformed, "truncated audio"},
        {"aac_packet_type_2", audio, "af0200", malformed, "AAC packet type"},
        {"aac_empty_sequence_header", audio, "af00", malformed, "empty sequence header"},
        {"pcm", audio, "0f00", unsupported, "PCM"},
        {"speex", audio, "b600", unsupported, "Speex"},
        {"nellymoser", audio, "6200", unsupported, "Nellymoser"},
        {"g711", audio, "7200", unsupported, "G.711"},

        {"ex_without_a_fourcc", video, "90", malformed, "truncated video"},
        {"ex_with_half_a_fourcc", video, "906876", malformed, "truncated video"},
        {"ex_unknown_fourcc", video, "9078787878", unsupported, "\"xxxx\""},
        {"ex_unprintable_fourcc", video, "9000ff0a22", unsupported, "\"???\"\""},
        {"ex_audio_fourcc_in_video", video, "906d70346100", unsupported, "\"mp4a\""},
        {"ex_video_fourcc_in_audio", audio, "906876633100", unsupported, "\"hvc1\""},
        {"ex_empty_sequence_start", video, "9068766331", malformed, "empty sequence header"},
        {"ex_cut_in_the_composition_time", video, "91687663310000", malformed, "truncated video"},
        {"ex_frame_type_0", video, "8168766331000000ca", malformed, "frame type"},
        {"ex_mpeg2ts", video, "956176303100", unsupported, "MPEG-2 TS"},
        {"ex_packet_type_8", video, "986876633100", unsupported, "(8)"},
        {"ex_audio_packet_type_3", audio, "934f70757300", unsupported, "(3)"},
        {"ex_audio_packet_type_6", audio, "964f70757300", unsupported, "(6)"},
        {"ex_command_without_its_byte", video, "d0", malformed, "truncated video"},
        {"channels_of_an_unknown_order", audio, "944f7075730302", malformed, "multichannel"},
        {"channels_without_their_mask", audio, "944f7075730102000000", malformed, "multichannel"},
        {"channels_without_their_map", audio, "944f7075730204000102", malformed, "multichannel"},
        {"channels_missing", audio, "944f707573", malformed, "multichannel"},

        {"mod_ex_alone", video, "a7", malformed, "truncated video"},
        {"mod_ex_longer_than_the_body", video, "a7ff00ffff00", malformed, "truncated video"},
        {"mod_ex_without_what_follows", video, "a700aa", malformed, "truncated video"},
        {"mod_ex_nanoseconds_of_2_bytes", video, "a70100000368766331ca", malformed, "nanosecond"},
        {"mod_ex_of_a_million_nanoseconds", video, "a7020f42400368766331ca", malformed, "nanosecond"},
        {"nine_mod_ex", video, "a700aa1700aa1700aa1700aa1700aa1700aa1700aa1700aa1700aa1368766331ca", limit,
         "ModEx"},

        {"multitrack_alone", video, "96", malformed, "truncated video"},
        {"multitrack_in_multitrack", video, "96066876633100", malformed, "inside a multitrack"},
        {"mod_ex_in_multitrack", video, "96076876633100", malformed, "inside a multitrack"},
        {"multitrack_type_3", video, "96336876633100", unsupported, "multitrack type"},
        {"multitrack_without_a_track", video, "960168766331", malformed, "truncated video"},
        {"many_tracks_without_a_size", video, "961168766331 00 0000", malformed, "truncated video"},
        {"many_tracks_one_past_the_end", video, "961368766331 00 000003 caca", malformed, "truncated video"},
        {"many_tracks_composition_time_past_the_track", video,
         "961168766331 00 000002 0000 01 000004 000000ca", malformed, "truncated video"},
        {"many_codecs_unknown_second", video, "a623 61766331 00 000001 41 78787878 05 000001 0a", unsupported,
         "\"xxxx\""},
        {"seventeen_tracks", audio,
         "95114f707573 00000001ca 01000001ca 02000001ca 03000001ca 04000001ca 05000001ca 06000001ca "
         "07000001ca 08000001ca "
         "09000001ca 0a000001ca 0b000001ca 0c000001ca 0d000001ca 0e000001ca 0f000001ca 10000001ca",
         limit, "more than 16 tracks"},
    };
    return table;
}

}  // namespace format::flv::samples
