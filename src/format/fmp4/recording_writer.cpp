#include <algorithm>
#include <limits>
#include <string>

#include "format/fmp4/box.h"
#include "format/fmp4/moof_reader.h"
#include "format/fmp4/recording.h"
#include "format/fmp4/recording_boxes.h"

// Section numbers are those of ISO/IEC 14496-12.
namespace format::fmp4 {
namespace {

using base::ByteReader;
using base::Bytes;
using base::ByteView;
using base::ByteWriter;
using base::ErrorCode;

// Boxes of no meaning; what is in them is not looked at (8.1.2).
void write_free(Bytes& out, std::size_t size) {
    ByteWriter(out).u32(size).u32(box_type("free"));
    out.resize(out.size() + size - box_header_size);
}

// Where a box of this type begins in [from, to); nothing when there is none.
struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
};
std::optional<Place> find_box(ByteView bytes, Place in, std::uint32_t type) {
    BoxReader boxes(bytes.subspan(in.begin, in.end - in.begin));
    std::size_t position = in.begin;
    while (const auto box = boxes.next()) {
        // Boxes of ours have the short header.
        const std::size_t end = position + box_header_size + box->body.size();
        if (box->type == type) return Place{position, end};
        position = end;
    }
    return std::nullopt;
}

std::uint32_t read_u32(ByteView bytes, std::size_t at) {
    return ByteReader(bytes.subspan(at)).u32();
}

// Makes room in mvex, which only has to grow: no offset in a file of fragments points behind it.
base::Result<std::uint64_t> reserve_duration(Bytes& init) {
    const auto moov = find_box(init, {0, init.size()}, box_type("moov"));
    const auto mvex =
        moov ? find_box(init, {moov->begin + box_header_size, moov->end}, box_type("mvex")) : std::nullopt;
    if (!mvex) return base::fail(ErrorCode::malformed, "a head of fragments without mvex");
    for (const Place& grown : {*moov, *mvex})
        overwrite_u32(init, grown.begin, read_u32(init, grown.begin) + duration_box_size);
    const std::size_t at = mvex->begin + box_header_size;
    Bytes room;
    write_free(room, duration_box_size);
    init.insert(init.begin() + static_cast<std::ptrdiff_t>(at), room.begin(), room.end());
    return at;
}

std::uint32_t first_track(ByteView init) {
    const auto moov = find_box(init, {0, init.size()}, box_type("moov"));
    if (!moov) return 0;
    const auto tracks =
        read_moov(init.subspan(moov->begin + box_header_size, moov->end - moov->begin - box_header_size));
    return tracks ? tracks->front().track.id : 0;
}

// 8.16.5: when what is at decode time 0 was there.
void write_prft(Bytes& out, std::uint32_t track, base::WallTime at) {
    using namespace std::chrono;
    const auto since = at.time_since_epoch();
    const auto whole = floor<seconds>(since);
    const auto rest = static_cast<std::uint64_t>(duration_cast<nanoseconds>(since - whole).count());
    const std::uint64_t fraction = (rest << 32) / 1'000'000'000;
    const auto ntp_seconds = static_cast<std::uint64_t>(whole.count() + ntp_epoch);
    constexpr std::uint8_t wide_time = 1;
    write_full_box(out, box_type("prft"), wide_time, 0,
                   [&](ByteWriter& box) { box.u32(track).u64(ntp_seconds << 32 | fraction).u64(0); });
}

}  // namespace

base::Result<RecordingLead> write_recording_lead(ByteView init, base::WallTime began) {
    RecordingLead lead;
    lead.bytes.assign(init.begin(), init.end());
    const auto duration_at = reserve_duration(lead.bytes);
    if (!duration_at) return base::fail(duration_at.error());
    lead.duration_at = *duration_at;
    lead.init_size = lead.bytes.size();
    write_prft(lead.bytes, first_track(init), began);
    return lead;
}

// 8.8.2.
Bytes write_duration(std::chrono::milliseconds duration) {
    Bytes out;
    constexpr std::uint8_t wide = 1;
    static_assert(std::chrono::seconds(1).count() * 1'000 == movie_timescale);
    write_full_box(out, box_type("mehd"), wide, 0, [&](ByteWriter& box) {
        box.u64(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
    });
    return out;
}

base::Result<std::vector<RecordedRun>> set_back(Bytes& head, std::span<const RecordedTrack> tracks,
                                                std::span<const std::uint64_t> back) {
    std::vector<MovieTrack> movie;
    for (const RecordedTrack& track : tracks) movie.push_back({.track = track});
    const auto moof =
        find_box(head, {0, head.size() - std::min(head.size(), mdat_header_size)}, box_type("moof"));
    if (!moof || moof->begin != 0) return base::fail(ErrorCode::malformed, "not a fragment's head");
    BoxReader trafs(ByteView(head).subspan(box_header_size, moof->end - box_header_size));
    while (const auto traf = trafs.next()) {
        if (traf->type != box_type("traf")) continue;
        std::size_t track = tracks.size();
        BoxReader boxes(traf->body);
        while (const auto box = boxes.next()) {
            ByteReader reader(box->body);
            const FullBoxHeader header = read_full_box_header(reader);
            if (box->type == box_type("tfhd")) {
                const std::uint32_t id = reader.u32();
                const auto is_it = [&](const RecordedTrack& of) { return of.id == id; };
                track = static_cast<std::size_t>(std::find_if(tracks.begin(), tracks.end(), is_it) -
                                                 tracks.begin());
            } else if (box->type == box_type("tfdt") && track < tracks.size() && header.version == 1) {
                const std::uint64_t time = reader.u64();
                if (reader.failed()) break;
                const std::uint64_t earlier = time - std::min(time, back[track]);
                const auto at = static_cast<std::size_t>(box->body.data() - head.data()) + full_box_header;
                overwrite_u32(head, at, static_cast<std::size_t>(earlier >> 32));
                overwrite_u32(head, at + 4, static_cast<std::size_t>(earlier & 0xffff'ffff));
            }
        }
    }
    auto read = read_moof(ByteView(head).subspan(box_header_size, moof->end - box_header_size), movie);
    if (!read) return base::fail(std::move(read.error()));
    return std::move(read->runs);
}

}  // namespace format::fmp4
