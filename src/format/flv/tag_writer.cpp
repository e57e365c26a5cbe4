#include <algorithm>

#include "base/byte_writer.h"
#include "codec/audio_config.h"
#include "format/flv/tag.h"
#include "format/flv/tag_codes.h"

namespace format::flv {
namespace {

using base::ByteWriter;
using media::Codec;
using media::Role;

constexpr std::int64_t max_composition_time_ms = 0x7fffff;

// The longest header we write: one byte, FourCC, SI24.
constexpr std::size_t max_header = 8;

std::int32_t composition_time_ms(media::Timestamp cts) {
    const std::int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(cts).count();
    return static_cast<std::int32_t>(std::clamp(ms, -max_composition_time_ms - 1, max_composition_time_ms));
}

std::uint8_t avc_packet_type_of(Role role) {
    if (role == Role::config) return avc_packet_type::sequence_header;
    return role == Role::end ? avc_packet_type::end_of_sequence : avc_packet_type::nalu;
}

// Sound rate, size and type for MP3, whose own header tells them. AAC always says 44 kHz, 16 bit, stereo
// (E.4.2.1: its configuration record tells the truth).
std::uint8_t mp3_first_byte(base::ByteView payload) {
    const auto mp3 = codec::read_mp3_header(payload);
    const int rate = mp3 ? mp3->sample_rate : 44'100;
    if (rate == 8'000)
        return static_cast<std::uint8_t>(sound_format::mp3_8khz << 4 | 0x02 | (mp3->channels > 1));
    const int code = rate >= 44'100 ? 3 : rate >= 22'050 ? 2 : 1;
    const bool stereo = !mp3 || mp3->channels > 1;
    return static_cast<std::uint8_t>(sound_format::mp3 << 4 | code << 2 | 0x02 | (stereo ? 1 : 0));
}

}  // namespace

base::Bytes write_video_tag(Codec codec, Role role, bool keyframe, media::Timestamp cts,
                            base::ByteView payload) {
    base::Bytes tag;
    tag.reserve(max_header + payload.size());
    ByteWriter writer(tag);
    // Configuration, end and metadata are said in key frame tags, as encoders do.
    const bool inter = role == Role::coded && !keyframe;
    const std::uint8_t frame_type = inter ? video_frame_type::inter : video_frame_type::key;
    const std::int32_t cts_ms = role == Role::coded ? composition_time_ms(cts) : 0;

    if (has_legacy_form(codec, role)) {
        writer.u8(frame_type << 4 | video_codec_id::avc)
            .u8(avc_packet_type_of(role))
            .i24(cts_ms)
            .bytes(payload);
        return tag;
    }
    const bool short_form = role == Role::coded && has_composition_time(codec) && cts_ms == 0;
    std::uint8_t packet_type = ex_packet_type::coded_frames;
    if (role == Role::config) packet_type = ex_packet_type::sequence_start;
    if (role == Role::end) packet_type = ex_packet_type::sequence_end;
    if (role == Role::metadata) packet_type = ex_packet_type::video_metadata;
    if (short_form) packet_type = ex_packet_type::video_coded_frames_x;
    writer.u8(ex_video_flag | frame_type << 4 | packet_type).u32(fourcc_of_codec(codec));
    if (packet_type == ex_packet_type::coded_frames && has_composition_time(codec)) writer.i24(cts_ms);
    writer.bytes(payload);
    return tag;
}

base::Bytes write_audio_tag(Codec codec, Role role, base::ByteView payload) {
    base::Bytes tag;
    tag.reserve(max_header + payload.size());
    ByteWriter writer(tag);
    if (has_legacy_form(codec, role)) {
        if (codec == Codec::mp3) {
            writer.u8(mp3_first_byte(payload)).bytes(payload);
        } else {
            writer.u8(sound_format::aac << 4 | 0x0f)
                .u8(role == Role::config ? aac_packet_type::sequence_header : aac_packet_type::raw)
                .bytes(payload);
        }
        return tag;
    }
    std::uint8_t packet_type = ex_packet_type::coded_frames;
    if (role == Role::config) packet_type = ex_packet_type::sequence_start;
    if (role == Role::end) packet_type = ex_packet_type::sequence_end;
    if (role == Role::metadata) packet_type = ex_packet_type::audio_multichannel_config;
    writer.u8(sound_format::ex_header << 4 | packet_type).u32(fourcc_of_codec(codec)).bytes(payload);
    return tag;
}

}  // namespace format::flv
