#include "format/fmp4/sample_entry.h"

#include <array>
#include <string>

#include "codec/audio_config.h"
#include "codec/video_config.h"
#include "format/fmp4/box.h"
#include "media/facts.h"

namespace format::fmp4 {
namespace {

using base::ByteReader;
using base::Bytes;
using base::ByteView;
using base::ByteWriter;
using media::Codec;

// The first and only entry of dref: the media stands in this file.
constexpr std::uint16_t data_reference = 1;

template <std::size_t count>
constexpr std::array<std::uint8_t, count> zeros{};

// ISO/IEC 14496-12, 12.1.3.
template <class Fill>
void write_visual_entry(Bytes& out, std::uint32_t type, const TrackDescription& track, Fill fill) {
    constexpr std::uint32_t dpi_72 = 72 << 16;
    constexpr std::uint16_t frames_in_sample = 1;
    constexpr std::uint16_t depth_24 = 24;
    write_box(out, type, [&](ByteWriter& entry) {
        entry.bytes(zeros<6>).u16(data_reference);
        entry.bytes(zeros<16>);
        entry.u16(static_cast<std::uint16_t>(track.width)).u16(static_cast<std::uint16_t>(track.height));
        entry.u32(dpi_72).u32(dpi_72).u32(0).u16(frames_in_sample);
        entry.bytes(zeros<32>);  // compressorname
        entry.u16(depth_24).u16(0xffff);
        fill();
    });
}

// 12.2.3.
template <class Fill>
void write_audio_entry(Bytes& out, std::uint32_t type, const TrackDescription& track, Fill fill) {
    constexpr std::uint16_t bits_in_sample = 16;
    // 16.16 cannot say more than this: then the decoder's configuration alone tells.
    constexpr int max_rate = 0xffff;
    write_box(out, type, [&](ByteWriter& entry) {
        entry.bytes(zeros<6>).u16(data_reference);
        entry.bytes(zeros<8>);
        entry.u16(static_cast<std::uint16_t>(track.channels)).u16(bits_in_sample).u32(0);
        entry.u16(static_cast<std::uint16_t>(track.sample_rate <= max_rate ? track.sample_rate : 0)).u16(0);
        fill();
    });
}

void write_config_box(Bytes& out, std::uint32_t type, ByteView record) {
    write_box(out, type, [&](ByteWriter& box) { box.bytes(record); });
}

// Marks the parameter sets of an HEVCDecoderConfigurationRecord as complete (ISO/IEC 14496-15, 8.3.3.1),
// which encoders say no word of over RTMP and `hvc1` demands. False when it has none: they come in the
// stream, and the entry is `hev1`.
bool mark_parameter_sets_complete(Bytes& record) {
    constexpr std::size_t before_arrays = 22;
    constexpr std::uint8_t complete = 0x80;
    constexpr int vps = 32;
    constexpr int pps = 34;
    ByteReader reader(record);
    reader.skip(before_arrays);
    const int arrays = reader.u8();
    int found = 0;
    for (int i = 0; i < arrays && !reader.failed(); ++i) {
        const std::size_t position = reader.position();
        const int type = reader.u8() & 0x3f;
        const int count = reader.u16();
        for (int j = 0; j < count && !reader.failed(); ++j) reader.skip(reader.u16());
        if (reader.failed() || type < vps || type > pps || count == 0) continue;
        record[position] |= complete;
        found |= 1 << (type - vps);
    }
    return found == 0b111;
}

// The length of a descriptor in as many bytes of seven bits as it takes (ISO/IEC 14496-1, 8.3.3).
void write_descriptor(ByteWriter& out, std::uint8_t tag, ByteView body) {
    out.u8(tag);
    for (int shift = 28; shift > 0; shift -= 7)
        if (body.size() >> shift != 0) out.u8(0x80 | (body.size() >> shift & 0x7f));
    out.u8(body.size() & 0x7f).bytes(body);
}

// ISO/IEC 14496-14, 5.6, around the descriptors of ISO/IEC 14496-1, 7.2.6.
void write_esds(Bytes& out, ByteView audio_specific_config) {
    constexpr std::uint8_t es_descriptor = 3;
    constexpr std::uint8_t decoder_config = 4;
    constexpr std::uint8_t decoder_specific_info = 5;
    constexpr std::uint8_t sync_layer_config = 6;
    constexpr std::uint8_t mpeg4_audio = 0x40;
    constexpr std::uint8_t audio_stream = 5 << 2 | 1;
    constexpr std::uint8_t predefined_for_mp4 = 2;

    Bytes decoder;
    ByteWriter decoder_writer(decoder);
    // Buffer size and bit rates are not known of a live stream: 0 says so.
    decoder_writer.u8(mpeg4_audio).u8(audio_stream).u24(0).u32(0).u32(0);
    write_descriptor(decoder_writer, decoder_specific_info, audio_specific_config);

    Bytes stream;
    ByteWriter stream_writer(stream);
    stream_writer.u16(0).u8(0);  // ES_ID is 0 in a file (ISO/IEC 14496-14, 3.1.2)
    write_descriptor(stream_writer, decoder_config, decoder);
    write_descriptor(stream_writer, sync_layer_config, Bytes{predefined_for_mp4});

    write_full_box(out, box_type("esds"), 0, 0,
                   [&](ByteWriter& box) { write_descriptor(box, es_descriptor, stream); });
}

// Opus in ISOBMFF, 4.3.2: the fields of OpusHead (RFC 7845, 5.1) behind its magic, but in the order of bytes
// that MP4 has and OpusHead has not. `head` was read by codec::read_audio_config().
void write_dops(Bytes& out, ByteView head) {
    ByteReader reader(head);
    const auto u16_le = [&] {
        const std::uint16_t swapped = reader.u16();
        return static_cast<std::uint16_t>(swapped << 8 | swapped >> 8);
    };
    constexpr std::uint8_t version = 0;
    reader.skip(8 + 1);
    write_box(out, box_type("dOps"), [&](ByteWriter& box) {
        const std::uint8_t channels = reader.u8();
        box.u8(version).u8(channels);
        box.u16(u16_le());         // pre-skip
        box.u32(reader.u32_le());  // input sample rate
        box.u16(u16_le());         // output gain
        const std::uint8_t mapping_family = reader.u8();
        box.u8(mapping_family);
        if (mapping_family != 0) box.bytes(reader.take(2 + std::size_t{channels}));
    });
}

// Whether a decoder could do anything with it.
base::Result<> check_config(const TrackDescription& track) {
    const ByteView config = track.config.view();
    if (config.size() > max_config_size)
        return base::fail(base::ErrorCode::limit_exceeded, "a codec configuration of more than 64 KiB");
    if (is_video(track.codec)) {
        if (auto read = codec::read_video_config(track.codec, config); !read)
            return base::fail(std::move(read.error()));
    } else if (auto read = codec::read_audio_config(track.codec, config); !read) {
        return base::fail(std::move(read.error()));
    }
    return {};
}

}  // namespace

bool is_video(Codec codec) {
    return codec == Codec::h264 || codec == Codec::hevc || codec == Codec::av1;
}

base::Result<> write_sample_entry(Bytes& out, const TrackDescription& track) {
    const bool audio = track.codec == Codec::aac || track.codec == Codec::opus;
    if (!audio && !is_video(track.codec))
        return base::fail(base::ErrorCode::unsupported,
                          std::string(media::display_name(track.codec)) +
                              " is not written into MP4 here: use H.264, HEVC or AV1, with AAC or Opus");
    if (auto ok = check_config(track); !ok) return ok;

    const ByteView config = track.config.view();
    switch (track.codec) {
        case Codec::h264:
            write_visual_entry(out, box_type("avc1"), track,
                               [&] { write_config_box(out, box_type("avcC"), config); });
            break;
        case Codec::hevc: {
            Bytes record(config.begin(), config.end());
            const bool complete = mark_parameter_sets_complete(record);
            write_visual_entry(out, complete ? box_type("hvc1") : box_type("hev1"), track,
                               [&] { write_config_box(out, box_type("hvcC"), record); });
            break;
        }
        case Codec::av1:
            write_visual_entry(out, box_type("av01"), track,
                               [&] { write_config_box(out, box_type("av1C"), config); });
            break;
        case Codec::aac:
            write_audio_entry(out, box_type("mp4a"), track, [&] { write_esds(out, config); });
            break;
        default:
            write_audio_entry(out, box_type("Opus"), track, [&] { write_dops(out, config); });
            break;
    }
    return {};
}

Codec codec_of_sample_entry(std::uint32_t type) {
    switch (type) {
        case box_type("avc1"):
            return Codec::h264;
        case box_type("hvc1"):
        case box_type("hev1"):
            return Codec::hevc;
        case box_type("av01"):
            return Codec::av1;
        case box_type("mp4a"):
            return Codec::aac;
        case box_type("Opus"):
            return Codec::opus;
        default:
            return Codec::none;
    }
}

}  // namespace format::fmp4
