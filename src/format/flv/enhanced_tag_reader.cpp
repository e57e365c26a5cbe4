#include <string>

#include "base/limit_hits.h"
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

constexpr std::uint32_t max_nano_offset = 999'999;

std::string kind_name(Kind kind) {
    return kind == Kind::video ? "video" : "audio";
}

// FourCC as text for an error: bytes from outside are shown only when they are printable.
std::string fourcc_text(std::uint32_t code) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        const char c = static_cast<char>(code >> shift & 0xff);
        text.push_back(c >= ' ' && c <= '~' ? c : '?');
    }
    return text;
}

// The frame's fields but for its tag; `reader` stands at the payload's own header (composition time) and is
// left at the codec's bytes.
base::Result<Frame> describe(const ExHeader& header, Codec codec, std::uint8_t track, Timestamp dts,
                             ByteReader& reader) {
    namespace type = ex_packet_type;
    Frame frame;
    frame.kind = header.kind;
    frame.codec = codec;
    frame.track = track;
    frame.dts = dts;
    frame.cts = header.nano_offset;
    const bool video = header.kind == Kind::video;
    const auto coded = [&]() -> base::Result<> {
        frame.role = Role::coded;
        if (video && !is_coded(header.frame_type))
            return base::fail(ErrorCode::malformed, "a video tag with a frame type that does not exist");
        frame.keyframe = !video || is_key(header.frame_type);
        return {};
    };

    switch (header.packet_type) {
        case type::sequence_start:
            frame.role = Role::config;
            break;
        case type::sequence_end:
            frame.role = Role::end;
            break;
        case type::coded_frames: {
            if (auto ok = coded(); !ok) return base::fail(std::move(ok.error()));
            if (has_composition_time(codec)) frame.cts += std::chrono::milliseconds(reader.i24());
            break;
        }
        case type::video_coded_frames_x: {
            if (!video)
                return base::fail(ErrorCode::unsupported, "an audio packet type that is not known (3)");
            if (auto ok = coded(); !ok) return base::fail(std::move(ok.error()));
            break;
        }
        case type::video_metadata: {  // for audio: the multichannel configuration
            frame.role = Role::metadata;
            if (video) break;
            ByteReader look(reader.rest());
            const std::uint8_t order = look.u8();
            const std::uint8_t channels = look.u8();
            if (order == 1) look.skip(4);
            if (order == 2) look.skip(channels);
            if (look.failed() || order > 2)
                return base::fail(ErrorCode::malformed,
                                  "an audio tag with a malformed multichannel configuration");
            break;
        }
        case type::video_mpeg2ts_sequence_start:
            return base::fail(ErrorCode::unsupported,
                              "a sequence start in MPEG-2 TS form is not supported: send the codec's own "
                              "configuration record");
        default:
            return base::fail(ErrorCode::unsupported, "an enhanced " + kind_name(header.kind) +
                                                          " packet type that is not known (" +
                                                          std::to_string(header.packet_type) + ")");
    }
    if (reader.failed()) return truncated(header.kind);
    if (frame.role == Role::config && reader.at_end() && codec != Codec::mp3 && codec != Codec::ac3 &&
        codec != Codec::eac3)
        return base::fail(ErrorCode::malformed, "an empty sequence header");
    return frame;
}

// The tag of a frame that leaves a multitrack body, or that can be said in the older form which every peer
// reads.
void give_own_tag(Frame& frame, base::ByteView payload) {
    base::Bytes plain = frame.kind == Kind::video
                            ? write_video_tag(frame.codec, frame.role, frame.keyframe, frame.cts, payload)
                            : write_audio_tag(frame.codec, frame.role, payload);
    frame.payload_offset = static_cast<std::uint32_t>(plain.size() - payload.size());
    frame.tag = base::SharedBytes(std::move(plain));
}

// One track other than 0 as a OneTrack body: what the plain tag says, with the multitrack fields put in.
void give_one_track_tag(Frame& frame, const ExHeader& header, base::ByteView from_track_payload,
                        std::size_t own_header) {
    base::Bytes tag;
    const std::uint8_t multitrack =
        frame.kind == Kind::video ? ex_packet_type::video_multitrack : ex_packet_type::audio_multitrack;
    tag.reserve(7 + from_track_payload.size());
    tag.push_back(frame.kind == Kind::video
                      ? static_cast<std::uint8_t>(ex_video_flag | header.frame_type << 4 | multitrack)
                      : static_cast<std::uint8_t>(sound_format::ex_header << 4 | multitrack));
    tag.push_back(static_cast<std::uint8_t>(multitrack_type::one_track << 4 | header.packet_type));
    const std::uint32_t code = fourcc_of_codec(frame.codec);
    for (int shift = 24; shift >= 0; shift -= 8) tag.push_back(static_cast<std::uint8_t>(code >> shift));
    tag.push_back(frame.track);
    frame.payload_offset = static_cast<std::uint32_t>(tag.size() + own_header);
    base::append(tag, from_track_payload);
    frame.tag = base::SharedBytes(std::move(tag));
}

base::Result<Codec> read_codec(Kind kind, ByteReader& reader) {
    const std::uint32_t code = reader.u32();
    if (reader.failed()) return truncated(kind);
    if (const auto codec = codec_of_fourcc(kind, code)) return *codec;
    return base::fail(ErrorCode::unsupported, "the " + kind_name(kind) + " codec \"" + fourcc_text(code) +
                                                  "\" is not supported: use " +
                                                  (kind == Kind::video ? "H.264" : "AAC"));
}

// ModEx prefixes: skipped, but for the nanoseconds that they add to the presentation time.
base::Result<> read_mod_ex(ExHeader& header, ByteReader& reader) {
    for (std::size_t count = 0; header.packet_type == ex_packet_type::mod_ex; ++count) {
        if (count == max_mod_ex)
            return base::past_limit("flv_mod_ex",
                                    "more than " + std::to_string(max_mod_ex) + " ModEx prefixes in one tag");
        std::size_t size = reader.u8() + std::size_t{1};
        if (size == 256) size = reader.u16() + std::size_t{1};
        ByteReader data(reader.take(size));
        const std::uint8_t next = reader.u8();
        if (reader.failed()) return truncated(header.kind);
        header.packet_type = next & 0x0f;
        if (next >> 4 == mod_ex_type::timestamp_offset_nano) {
            const std::uint32_t nanoseconds = data.u24();
            if (data.failed() || nanoseconds > max_nano_offset)
                return base::fail(ErrorCode::malformed, "a nanosecond offset outside 0 to 999999");
            header.nano_offset = std::chrono::duration_cast<Timestamp>(std::chrono::nanoseconds(nanoseconds));
        }
    }
    return {};
}

base::Result<Frames> read_plain(const ExHeader& header, const base::SharedBytes& body, Timestamp dts,
                                ByteReader& reader) {
    auto codec = read_codec(header.kind, reader);
    if (!codec) return base::fail(std::move(codec.error()));
    auto frame = describe(header, *codec, 0, dts, reader);
    if (!frame) return base::fail(std::move(frame.error()));
    if (!carries_something(*frame, reader.rest())) return Frames{};
    if (has_legacy_form(*codec, frame->role)) {
        give_own_tag(*frame, reader.rest());
    } else {
        frame->payload_offset = static_cast<std::uint32_t>(reader.position());
        frame->tag = body;
    }
    return Frames{std::move(*frame)};
}

base::Result<Frames> read_tracks(const ExHeader& header, const base::SharedBytes& body, Timestamp dts,
                                 ByteReader& reader) {
    const bool many_codecs = header.multitrack_type == multitrack_type::many_tracks_many_codecs;
    const bool one_track = header.multitrack_type == multitrack_type::one_track;
    Codec codec = Codec::none;
    if (!many_codecs) {
        auto read = read_codec(header.kind, reader);
        if (!read) return base::fail(std::move(read.error()));
        codec = *read;
    }
    Frames frames;
    do {
        if (frames.size() == max_tracks)
            return base::past_limit("flv_tracks",
                                    "more than " + std::to_string(max_tracks) + " tracks in one tag");
        if (many_codecs) {
            auto read = read_codec(header.kind, reader);
            if (!read) return base::fail(std::move(read.error()));
            codec = *read;
        }
        const std::uint8_t track = reader.u8();
        const std::size_t size = one_track ? reader.remaining() : reader.u24();
        const std::size_t begin = reader.position();
        const base::ByteView part = reader.take(size);
        if (reader.failed()) return truncated(header.kind);

        ByteReader payload(part);
        auto frame = describe(header, codec, track, dts, payload);
        if (!frame) return base::fail(std::move(frame.error()));
        if (track == 0) {
            give_own_tag(*frame, payload.rest());
        } else if (one_track) {
            frame->tag = body;
            frame->payload_offset = static_cast<std::uint32_t>(begin + payload.position());
        } else {
            give_one_track_tag(*frame, header, part, payload.position());
        }
        frames.push_back(std::move(*frame));
    } while (!reader.at_end());
    std::erase_if(frames, [](const Frame& frame) { return !carries_something(frame, frame.payload()); });
    return frames;
}

}  // namespace

base::Result<Frames> read_enhanced_tag(ExHeader header, const base::SharedBytes& body, Timestamp dts,
                                       ByteReader& reader) {
    if (auto ok = read_mod_ex(header, reader); !ok) return base::fail(std::move(ok.error()));
    const bool video = header.kind == Kind::video;
    if (video && header.frame_type == video_frame_type::command &&
        header.packet_type != ex_packet_type::video_metadata) {
        reader.u8();
        if (reader.failed()) return truncated(header.kind);
        return Frames{};
    }
    const std::uint8_t multitrack =
        video ? ex_packet_type::video_multitrack : ex_packet_type::audio_multitrack;
    if (header.packet_type != multitrack) return read_plain(header, body, dts, reader);

    const std::uint8_t types = reader.u8();
    if (reader.failed()) return truncated(header.kind);
    header.multitrack_type = types >> 4;
    header.packet_type = types & 0x0f;
    if (header.multitrack_type > multitrack_type::many_tracks_many_codecs)
        return base::fail(ErrorCode::unsupported, "a multitrack type that is not known");
    if (header.packet_type == multitrack || header.packet_type == ex_packet_type::mod_ex)
        return base::fail(ErrorCode::malformed, "a multitrack tag inside a multitrack tag");
    return read_tracks(header, body, dts, reader);
}

}  // namespace format::flv
