#include <string>

#include "format/flv/enhanced_tag.h"
#include "format/flv/tag.h"

namespace format::flv {
namespace {

using base::ByteReader;
using base::ErrorCode;
using media::Codec;
using media::Frame;
using media::Kind;
using media::Role;
using media::Timestamp;

using Frames = std::vector<Frame>;

std::string legacy_video_codec_name(std::uint8_t id) {
    switch (id) {
        case 1:
            return "JPEG";
        case 2:
            return "Sorenson H.263";
        case 3:
            return "Screen Video";
        case 4:
            return "On2 VP6";
        case 5:
            return "On2 VP6 with alpha";
        case 6:
            return "Screen Video 2";
        case 12:
            return "HEVC under the unofficial codec id 12";
        case 13:
            return "AV1 under the unofficial codec id 13";
        default:
            return "an unknown codec";
    }
}

std::string legacy_sound_format_name(std::uint8_t format) {
    switch (format) {
        case 0:
            return "PCM";
        case 1:
            return "ADPCM";
        case 3:
            return "PCM (little endian)";
        case 4:
            return "Nellymoser 16 kHz";
        case 5:
            return "Nellymoser 8 kHz";
        case 6:
            return "Nellymoser";
        case 7:
            return "G.711 A-law";
        case 8:
            return "G.711 mu-law";
        case 11:
            return "Speex";
        case 13:
            return "Opus under the unofficial sound format 13";
        case 15:
            return "a device specific sound";
        default:
            return "an unknown sound format";
    }
}

Frames one_frame(Frame frame, const base::SharedBytes& body, const ByteReader& reader) {
    if (!carries_something(frame, reader.rest())) return {};
    frame.payload_offset = static_cast<std::uint32_t>(reader.position());
    frame.tag = body;
    return {std::move(frame)};
}

}  // namespace

base::Result<Frames> read_video_tag(const base::SharedBytes& body, Timestamp dts) {
    if (body.empty()) return Frames{};
    ByteReader reader(body.view());
    const std::uint8_t first = reader.u8();
    const std::uint8_t frame_type = first >> 4 & 0x07;
    if (first & ex_video_flag) {
        ExHeader header{.kind = Kind::video, .frame_type = frame_type};
        header.packet_type = first & 0x0f;
        return read_enhanced_tag(header, body, dts, reader);
    }

    const std::uint8_t codec_id = first & 0x0f;
    if (frame_type == video_frame_type::command) return Frames{};
    if (codec_id != video_codec_id::avc)
        return base::fail(ErrorCode::unsupported, "the encoder sends " + legacy_video_codec_name(codec_id) +
                                                      " video (FLV codec id " + std::to_string(codec_id) +
                                                      "), which is not supported: set it to H.264");
    const std::uint8_t packet_type = reader.u8();
    const std::int32_t composition_time = reader.i24();
    if (reader.failed()) return truncated(Kind::video);
    Frame frame;
    frame.kind = Kind::video;
    frame.codec = Codec::h264;
    frame.dts = dts;
    switch (packet_type) {
        case avc_packet_type::sequence_header:
            if (reader.at_end()) return base::fail(ErrorCode::malformed, "an empty sequence header");
            frame.role = Role::config;
            break;
        case avc_packet_type::nalu:
            if (!is_coded(frame_type))
                return base::fail(ErrorCode::malformed, "a video tag with a frame type that does not exist");
            frame.role = Role::coded;
            frame.keyframe = is_key(frame_type);
            frame.cts = std::chrono::milliseconds(composition_time);
            break;
        case avc_packet_type::end_of_sequence:
            frame.role = Role::end;
            break;
        default:
            return base::fail(ErrorCode::malformed, "an AVC packet type that does not exist");
    }
    return one_frame(std::move(frame), body, reader);
}

base::Result<Frames> read_audio_tag(const base::SharedBytes& body, Timestamp dts) {
    if (body.empty()) return Frames{};
    ByteReader reader(body.view());
    const std::uint8_t first = reader.u8();
    const std::uint8_t format = first >> 4;
    Frame frame;
    frame.kind = Kind::audio;
    frame.dts = dts;
    switch (format) {
        case sound_format::ex_header: {
            ExHeader header{.kind = Kind::audio};
            header.packet_type = first & 0x0f;
            return read_enhanced_tag(header, body, dts, reader);
        }
        case sound_format::mp3:
        case sound_format::mp3_8khz:
            frame.codec = Codec::mp3;
            frame.role = Role::coded;
            frame.keyframe = true;
            break;
        case sound_format::aac: {
            const std::uint8_t packet_type = reader.u8();
            if (reader.failed()) return truncated(Kind::audio);
            if (packet_type > aac_packet_type::raw)
                return base::fail(ErrorCode::malformed, "an AAC packet type that does not exist");
            frame.codec = Codec::aac;
            frame.role = packet_type == aac_packet_type::sequence_header ? Role::config : Role::coded;
            frame.keyframe = frame.role == Role::coded;
            if (frame.role == Role::config && reader.at_end())
                return base::fail(ErrorCode::malformed, "an empty sequence header");
            break;
        }
        default:
            return base::fail(ErrorCode::unsupported,
                              "the encoder sends " + legacy_sound_format_name(format) +
                                  " audio (FLV sound format " + std::to_string(format) +
                                  "), which is not supported: set it to AAC");
    }
    return one_frame(std::move(frame), body, reader);
}

}  // namespace format::flv
