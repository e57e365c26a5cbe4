// The numbers of FLV tag bodies (FLV 10.1, E.4.2.1 and E.4.3.1; Enhanced RTMP v2, "Enhanced Audio" and
// "Enhanced Video"), shared by the tag's reader and writer and by nobody else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "media/frame.h"

namespace format::flv {

namespace video_frame_type {
inline constexpr std::uint8_t key = 1;
inline constexpr std::uint8_t inter = 2;
inline constexpr std::uint8_t disposable_inter = 3;
inline constexpr std::uint8_t generated_key = 4;
inline constexpr std::uint8_t command = 5;
}  // namespace video_frame_type

namespace video_codec_id {
inline constexpr std::uint8_t avc = 7;
}

namespace avc_packet_type {
inline constexpr std::uint8_t sequence_header = 0;
inline constexpr std::uint8_t nalu = 1;
inline constexpr std::uint8_t end_of_sequence = 2;
}  // namespace avc_packet_type

namespace sound_format {
inline constexpr std::uint8_t mp3 = 2;
inline constexpr std::uint8_t ex_header = 9;
inline constexpr std::uint8_t aac = 10;
inline constexpr std::uint8_t mp3_8khz = 14;
}  // namespace sound_format

namespace aac_packet_type {
inline constexpr std::uint8_t sequence_header = 0;
inline constexpr std::uint8_t raw = 1;
}  // namespace aac_packet_type

// The first four and mod_ex mean the same in audio and video.
namespace ex_packet_type {
inline constexpr std::uint8_t sequence_start = 0;
inline constexpr std::uint8_t coded_frames = 1;
inline constexpr std::uint8_t sequence_end = 2;
inline constexpr std::uint8_t video_coded_frames_x = 3;
inline constexpr std::uint8_t video_metadata = 4;
inline constexpr std::uint8_t video_mpeg2ts_sequence_start = 5;
inline constexpr std::uint8_t video_multitrack = 6;
inline constexpr std::uint8_t audio_multichannel_config = 4;
inline constexpr std::uint8_t audio_multitrack = 5;
inline constexpr std::uint8_t mod_ex = 7;
}  // namespace ex_packet_type

namespace multitrack_type {
inline constexpr std::uint8_t one_track = 0;
inline constexpr std::uint8_t many_tracks = 1;
inline constexpr std::uint8_t many_tracks_many_codecs = 2;
}  // namespace multitrack_type

namespace mod_ex_type {
inline constexpr std::uint8_t timestamp_offset_nano = 0;
}

inline constexpr std::uint8_t ex_video_flag = 0x80;

constexpr std::uint32_t fourcc(std::string_view text) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[0])) << 24 |
           static_cast<std::uint32_t>(static_cast<unsigned char>(text[1])) << 16 |
           static_cast<std::uint32_t>(static_cast<unsigned char>(text[2])) << 8 |
           static_cast<std::uint32_t>(static_cast<unsigned char>(text[3]));
}

struct FourccOfCodec {
    media::Codec codec;
    media::Kind kind;
    std::uint32_t fourcc;
};

inline constexpr std::array<FourccOfCodec, 12> fourccs{{
    {media::Codec::h264, media::Kind::video, fourcc("avc1")},
    {media::Codec::hevc, media::Kind::video, fourcc("hvc1")},
    {media::Codec::vvc, media::Kind::video, fourcc("vvc1")},
    {media::Codec::av1, media::Kind::video, fourcc("av01")},
    {media::Codec::vp8, media::Kind::video, fourcc("vp08")},
    {media::Codec::vp9, media::Kind::video, fourcc("vp09")},
    {media::Codec::aac, media::Kind::audio, fourcc("mp4a")},
    {media::Codec::mp3, media::Kind::audio, fourcc(".mp3")},
    {media::Codec::opus, media::Kind::audio, fourcc("Opus")},
    {media::Codec::flac, media::Kind::audio, fourcc("fLaC")},
    {media::Codec::ac3, media::Kind::audio, fourcc("ac-3")},
    {media::Codec::eac3, media::Kind::audio, fourcc("ec-3")},
}};

constexpr std::optional<media::Codec> codec_of_fourcc(media::Kind kind, std::uint32_t code) {
    for (const FourccOfCodec& entry : fourccs)
        if (entry.kind == kind && entry.fourcc == code) return entry.codec;
    return std::nullopt;
}

// 0 for a codec without one.
constexpr std::uint32_t fourcc_of_codec(media::Codec codec) {
    for (const FourccOfCodec& entry : fourccs)
        if (entry.codec == codec) return entry.fourcc;
    return 0;
}

// Only these codecs' coded frames carry a composition time (SI24).
constexpr bool has_composition_time(media::Codec codec) {
    return codec == media::Codec::h264 || codec == media::Codec::hevc || codec == media::Codec::vvc;
}

// What a codec of FLV's own time can say without an ExHeader.
constexpr bool has_legacy_form(media::Codec codec, media::Role role) {
    switch (codec) {
        case media::Codec::h264:
            return role == media::Role::config || role == media::Role::coded || role == media::Role::end;
        case media::Codec::aac:
            return role == media::Role::config || role == media::Role::coded;
        case media::Codec::mp3:
            return role == media::Role::coded;
        default:
            return false;
    }
}

}  // namespace format::flv
