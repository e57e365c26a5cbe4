#include "format/fmp4/moov_reader.h"

#include <algorithm>
#include <string>

#include "format/fmp4/box.h"
#include "format/fmp4/init_segment.h"
#include "format/fmp4/sample_entry.h"

// Section numbers are those of ISO/IEC 14496-12.
namespace format::fmp4 {
namespace {

using base::ByteReader;
using base::ByteView;

tl::unexpected<base::Error> malformed(const char* what) {
    return base::fail(base::ErrorCode::malformed, std::string("an MP4 file with ") + what);
}

// The first box of a type; empty when there is none or when it cannot be reached.
ByteView find_child(ByteView content, std::uint32_t type) {
    BoxReader boxes(content);
    while (const auto box = boxes.next())
        if (box->type == type) return box->body;
    return {};
}

// 8.3.2: creation and modification time stand before the id.
std::uint32_t read_track_id(ByteView tkhd) {
    ByteReader reader(tkhd);
    const bool wide = read_full_box_header(reader).version == 1;
    reader.skip(wide ? 16 : 8);
    return reader.u32();
}

// 8.4.2.
std::uint32_t read_timescale(ByteView mdhd) {
    ByteReader reader(mdhd);
    const bool wide = read_full_box_header(reader).version == 1;
    reader.skip(wide ? 16 : 8);
    return reader.u32();
}

// 8.5.2: of several sample entries the first is ours.
media::Codec read_codec(ByteView stsd) {
    ByteReader reader(stsd);
    read_full_box_header(reader);
    reader.u32();
    const auto entry = BoxReader(reader.rest()).next();
    return entry ? codec_of_sample_entry(entry->type) : media::Codec::none;
}

RecordedTrack read_trak(ByteView trak) {
    const ByteView mdia = find_child(trak, box_type("mdia"));
    const ByteView stbl = find_child(find_child(mdia, box_type("minf")), box_type("stbl"));
    return {.id = read_track_id(find_child(trak, box_type("tkhd"))),
            .timescale = read_timescale(find_child(mdia, box_type("mdhd"))),
            .codec = read_codec(find_child(stbl, box_type("stsd")))};
}

// 8.8.3.
base::Result<> read_mvex(ByteView mvex, std::vector<MovieTrack>& tracks) {
    BoxReader boxes(mvex);
    while (const auto box = boxes.next()) {
        if (box->type != box_type("trex")) continue;
        ByteReader reader(box->body);
        read_full_box_header(reader);
        const std::uint32_t id = reader.u32();
        reader.u32();  // sample description
        const std::uint32_t duration = reader.u32();
        const std::uint32_t size = reader.u32();
        const std::uint32_t flags = reader.u32();
        if (reader.failed()) return malformed("a truncated trex");
        for (MovieTrack& track : tracks) {
            if (track.track.id != id) continue;
            track.default_duration = duration;
            track.default_size = size;
            track.default_flags = flags;
        }
    }
    if (boxes.failed()) return malformed("a broken mvex");
    return {};
}

}  // namespace

base::Result<std::vector<MovieTrack>> read_moov(ByteView content) {
    std::vector<MovieTrack> tracks;
    ByteView mvex;
    BoxReader boxes(content);
    while (const auto box = boxes.next()) {
        if (box->type == box_type("mvex")) mvex = box->body;
        if (box->type != box_type("trak")) continue;
        if (tracks.size() == max_tracks)
            return base::fail(base::ErrorCode::limit_exceeded, "an MP4 file with too many tracks");
        const RecordedTrack track = read_trak(box->body);
        const auto same_id = [&](const MovieTrack& other) { return other.track.id == track.id; };
        if (track.id == 0 || track.timescale == 0 || std::any_of(tracks.begin(), tracks.end(), same_id))
            return malformed("a track that has no id or timescale of its own");
        tracks.push_back({.track = track});
    }
    if (boxes.failed()) return malformed("a broken moov");
    if (tracks.empty()) return malformed("no track");
    if (mvex.empty()) return malformed("no mvex: it has no fragments");
    if (auto ok = read_mvex(mvex, tracks); !ok) return base::fail(std::move(ok.error()));
    return tracks;
}

}  // namespace format::fmp4
