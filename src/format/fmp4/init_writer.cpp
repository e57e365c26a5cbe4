#include <algorithm>
#include <array>
#include <string>

#include "format/fmp4/box.h"
#include "format/fmp4/init_segment.h"
#include "format/fmp4/sample_entry.h"

// Section numbers are those of ISO/IEC 14496-12.
namespace format::fmp4 {
namespace {

using base::Bytes;
using base::ByteWriter;
using base::ErrorCode;

// Movie time is told by nothing in a file whose fragments have their tracks' own.
constexpr std::uint32_t movie_timescale = 1'000;
constexpr std::uint32_t unknown_duration = 0;
// "und", five bits a letter (8.4.2.3).
constexpr std::uint16_t undetermined_language = 0x55c4;
constexpr std::uint32_t one_16_16 = 0x00010000;
constexpr std::uint16_t full_volume = 0x0100;
constexpr int max_side = 0xffff;
constexpr int max_channels = 255;

constexpr auto nothing = [](ByteWriter&) {};

// 4.3. The fragments need iso5 (offsets from the moof) and iso6 (their decode times); hlsf is what others
// write for HLS; cmfc promises one track in a file.
void write_ftyp(Bytes& out, std::span<const TrackDescription> tracks) {
    write_box(out, box_type("ftyp"), [&](ByteWriter& box) {
        box.u32(box_type("iso6")).u32(0);
        box.u32(box_type("iso6")).u32(box_type("iso5")).u32(box_type("mp41")).u32(box_type("hlsf"));
        if (tracks.size() == 1) box.u32(box_type("cmfc"));
        // AV1 in ISOBMFF, 2.1, asks for it.
        const auto is_av1 = [](const TrackDescription& track) { return track.codec == media::Codec::av1; };
        if (std::any_of(tracks.begin(), tracks.end(), is_av1)) box.u32(box_type("av01"));
    });
}

void write_matrix(ByteWriter& box) {
    for (const std::uint32_t entry : {one_16_16, 0u, 0u, 0u, one_16_16, 0u, 0u, 0u, 0x40000000u})
        box.u32(entry);
}

void write_mvhd(Bytes& out, std::uint32_t next_track_id) {  // 8.2.2
    write_full_box(out, box_type("mvhd"), 0, 0, [&](ByteWriter& box) {
        box.u32(0).u32(0).u32(movie_timescale).u32(unknown_duration);
        box.u32(one_16_16).u16(full_volume).u16(0).u64(0);
        write_matrix(box);
        for (int i = 0; i < 6; ++i) box.u32(0);
        box.u32(next_track_id);
    });
}

void write_tkhd(Bytes& out, const TrackDescription& track) {  // 8.3.2
    constexpr std::uint32_t enabled_in_movie_and_preview = 7;
    const bool video = is_video(track.codec);
    write_full_box(out, box_type("tkhd"), 0, enabled_in_movie_and_preview, [&](ByteWriter& box) {
        box.u32(0).u32(0).u32(track.id).u32(0).u32(unknown_duration).u64(0);
        box.u16(0).u16(0).u16(video ? 0 : full_volume).u16(0);
        write_matrix(box);
        box.u16(video ? static_cast<std::uint16_t>(track.width) : 0).u16(0);
        box.u16(video ? static_cast<std::uint16_t>(track.height) : 0).u16(0);
    });
}

void write_edts(Bytes& out, std::uint32_t start) {  // 8.6.5
    write_box(out, box_type("edts"), [&](ByteWriter&) {
        write_full_box(out, box_type("elst"), 0, 0, [&](ByteWriter& box) {
            // A duration of 0 reaches over all fragments that come (8.6.6.3).
            box.u32(1).u32(0).u32(start).u32(one_16_16);
        });
    });
}

void write_hdlr(Bytes& out, bool video) {  // 8.4.3
    write_full_box(out, box_type("hdlr"), 0, 0, [&](ByteWriter& box) {
        box.u32(0).u32(video ? box_type("vide") : box_type("soun")).u32(0).u32(0).u32(0);
        box.text(video ? "video" : "audio").u8(0);
    });
}

void write_dinf(Bytes& out) {  // 8.7.1
    constexpr std::uint32_t same_file = 1;
    write_box(out, box_type("dinf"), [&](ByteWriter&) {
        write_full_box(out, box_type("dref"), 0, 0, [&](ByteWriter& box) {
            box.u32(1);
            write_full_box(out, box_type("url "), 0, same_file, nothing);
        });
    });
}

// 8.5: the tables of samples are there, and empty.
base::Result<> write_stbl(Bytes& out, const TrackDescription& track) {
    base::Result<> result;
    write_box(out, box_type("stbl"), [&](ByteWriter&) {
        write_full_box(out, box_type("stsd"), 0, 0, [&](ByteWriter& box) {
            box.u32(1);
            result = write_sample_entry(out, track);
        });
        const auto no_entries = [](ByteWriter& box) { box.u32(0); };
        write_full_box(out, box_type("stts"), 0, 0, no_entries);
        write_full_box(out, box_type("stsc"), 0, 0, no_entries);
        write_full_box(out, box_type("stsz"), 0, 0, [](ByteWriter& box) { box.u32(0).u32(0); });
        write_full_box(out, box_type("stco"), 0, 0, no_entries);
    });
    return result;
}

base::Result<> write_trak(Bytes& out, const TrackDescription& track) {
    constexpr std::uint32_t vmhd_flags = 1;
    const bool video = is_video(track.codec);
    base::Result<> result;
    write_box(out, box_type("trak"), [&](ByteWriter&) {
        write_tkhd(out, track);
        if (track.edit_start) write_edts(out, *track.edit_start);
        write_box(out, box_type("mdia"), [&](ByteWriter&) {
            write_full_box(out, box_type("mdhd"), 0, 0, [&](ByteWriter& box) {
                box.u32(0)
                    .u32(0)
                    .u32(track.timescale)
                    .u32(unknown_duration)
                    .u16(undetermined_language)
                    .u16(0);
            });
            write_hdlr(out, video);
            write_box(out, box_type("minf"), [&](ByteWriter&) {
                if (video)
                    write_full_box(out, box_type("vmhd"), 0, vmhd_flags, [](ByteWriter& box) { box.u64(0); });
                else
                    write_full_box(out, box_type("smhd"), 0, 0, [](ByteWriter& box) { box.u32(0); });
                write_dinf(out);
                result = write_stbl(out, track);
            });
        });
    });
    return result;
}

void write_mvex(Bytes& out, std::span<const TrackDescription> tracks) {  // 8.8.1
    constexpr std::uint32_t first_description = 1;
    write_box(out, box_type("mvex"), [&](ByteWriter&) {
        for (const TrackDescription& track : tracks)
            write_full_box(out, box_type("trex"), 0, 0, [&](ByteWriter& box) {
                box.u32(track.id).u32(first_description).u32(0).u32(0).u32(0);
            });
    });
}

tl::unexpected<base::Error> bad(std::string text) {
    return base::fail(ErrorCode::invalid_argument, std::move(text));
}

base::Result<> check(std::span<const TrackDescription> tracks) {
    if (tracks.empty()) return bad("an MP4 file needs a track");
    if (tracks.size() > max_tracks)
        return base::fail(ErrorCode::limit_exceeded,
                          "more than " + std::to_string(max_tracks) + " tracks in an MP4 file");
    for (const TrackDescription& track : tracks) {
        const auto same_id = [&](const TrackDescription& other) { return other.id == track.id; };
        // The largest number is left to next_track_ID.
        if (track.id == 0 || track.id == 0xffffffff ||
            std::count_if(tracks.begin(), tracks.end(), same_id) > 1)
            return bad("an MP4 track needs an id of its own");
        if (track.timescale == 0) return bad("an MP4 track needs a timescale");
        if (track.edit_start && *track.edit_start > 0x7fffffff) return bad("an edit that starts too late");
        if (is_video(track.codec)) {
            if (track.width < 1 || track.height < 1 || track.width > max_side || track.height > max_side)
                return bad("a video track needs the size of its pictures");
        } else if (track.channels < 0 || track.channels > max_channels || track.sample_rate < 0) {
            return bad("an audio track with an impossible number of channels or samples");
        }
    }
    return {};
}

}  // namespace

base::Result<Bytes> write_init(std::span<const TrackDescription> tracks) {
    if (auto ok = check(tracks); !ok) return base::fail(std::move(ok.error()));
    Bytes out;
    write_ftyp(out, tracks);
    base::Result<> result;
    write_box(out, box_type("moov"), [&](ByteWriter&) {
        const auto by_id = [](const TrackDescription& a, const TrackDescription& b) { return a.id < b.id; };
        write_mvhd(out, std::max_element(tracks.begin(), tracks.end(), by_id)->id + 1);
        for (const TrackDescription& track : tracks)
            if (result) result = write_trak(out, track);
        write_mvex(out, tracks);
    });
    if (!result) return base::fail(std::move(result.error()));
    return out;
}

}  // namespace format::fmp4
