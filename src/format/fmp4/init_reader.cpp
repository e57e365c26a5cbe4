#include "format/fmp4/init_reader.h"

#include <string>

#include "format/fmp4/box.h"
#include "format/fmp4/moov_reader.h"
#include "format/fmp4/sample_entry.h"

// Section numbers are those of ISO/IEC 14496-12, where no other is named.
namespace format::fmp4 {
namespace {

using base::ByteReader;
using base::Bytes;
using base::ByteView;
using base::ByteWriter;

constexpr std::size_t visual_fields = 78;  // 12.1.3
constexpr std::size_t audio_fields = 28;   // 12.2.3

ByteView find(ByteView content, std::uint32_t type) {
    BoxReader boxes(content);
    while (const auto box = boxes.next())
        if (box->type == type) return box->body;
    return {};
}

// The body of the descriptor that stands first; empty when it is another (ISO/IEC 14496-1, 8.3.3).
ByteView read_descriptor(ByteView bytes, std::uint8_t tag) {
    ByteReader reader(bytes);
    if (reader.u8() != tag) return {};
    std::size_t size = 0;
    for (int i = 0; i < 4; ++i) {
        const std::uint8_t byte = reader.u8();
        size = size << 7 | (byte & 0x7f);
        if ((byte & 0x80) == 0) break;
    }
    return reader.take(size);
}

// ISO/IEC 14496-1, 7.2.6.5 and .6: what stands before the descriptors inside.
Bytes read_esds(ByteView esds) {
    constexpr std::size_t es_fields = 3;
    constexpr std::size_t decoder_fields = 13;
    ByteReader reader(esds);
    read_full_box_header(reader);
    ByteReader stream(read_descriptor(reader.rest(), 3));
    stream.skip(es_fields);
    ByteReader decoder(read_descriptor(stream.rest(), 4));
    decoder.skip(decoder_fields);
    const ByteView config = read_descriptor(decoder.rest(), 5);
    return {config.begin(), config.end()};
}

// OpusHead (RFC 7845, 5.1) of what stands in dOps (Opus in ISOBMFF, 4.3.2).
Bytes read_dops(ByteView dops) {
    ByteReader reader(dops);
    const std::uint8_t version = reader.u8();
    const std::uint8_t channels = reader.u8();
    const std::uint16_t pre_skip = reader.u16();
    const std::uint32_t rate = reader.u32();
    const std::uint16_t gain = reader.u16();
    if (reader.failed() || version != 0) return {};
    const auto swapped = [](std::uint16_t value) { return value >> 8 | (value & 0xff) << 8; };
    Bytes head;
    ByteWriter(head)
        .text("OpusHead")
        .u8(1)
        .u8(channels)
        .u16(static_cast<std::uint64_t>(swapped(pre_skip)))
        .u32_le(rate)
        .u16(static_cast<std::uint64_t>(swapped(gain)))
        .bytes(reader.rest());
    return head;
}

void read_entry(const Box& entry, TrackDescription& track) {
    const bool video = is_video(track.codec);
    const std::size_t fields = video ? visual_fields : audio_fields;
    if (entry.body.size() < fields) return;
    const ByteView inside = entry.body.subspan(fields);
    if (video) {
        ByteReader size(entry.body.subspan(24));
        track.width = size.u16();
        track.height = size.u16();
    } else {
        track.channels = ByteReader(entry.body.subspan(16)).u16();
        track.sample_rate = static_cast<int>(track.timescale);
    }
    const auto plain = [&](std::uint32_t type) {
        const ByteView found = find(inside, type);
        return Bytes(found.begin(), found.end());
    };
    Bytes config;
    switch (track.codec) {
        case media::Codec::h264:
            config = plain(box_type("avcC"));
            break;
        case media::Codec::hevc:
            config = plain(box_type("hvcC"));
            break;
        case media::Codec::av1:
            config = plain(box_type("av1C"));
            break;
        case media::Codec::aac:
            config = read_esds(find(inside, box_type("esds")));
            break;
        default:
            config = read_dops(find(inside, box_type("dOps")));
            break;
    }
    if (config.size() <= max_config_size) track.config = base::SharedBytes(std::move(config));
}

}  // namespace

base::Result<std::vector<TrackDescription>> read_init(ByteView init) {
    const ByteView moov = find(init, box_type("moov"));
    const auto known = read_moov(moov);
    if (!known) return base::fail(known.error());
    std::vector<TrackDescription> tracks;
    BoxReader boxes(moov);
    while (const auto box = boxes.next()) {
        if (box->type != box_type("trak")) continue;
        const RecordedTrack& of = (*known)[tracks.size()].track;
        TrackDescription track{.id = of.id, .codec = of.codec, .timescale = of.timescale};
        const ByteView minf = find(find(box->body, box_type("mdia")), box_type("minf"));
        ByteReader stsd(find(find(minf, box_type("stbl")), box_type("stsd")));
        read_full_box_header(stsd);
        stsd.u32();
        const auto entry = BoxReader(stsd.rest()).next();
        if (entry && track.codec != media::Codec::none) read_entry(*entry, track);
        tracks.push_back(std::move(track));
    }
    return tracks;
}

}  // namespace format::fmp4
