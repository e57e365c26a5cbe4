// What stands around the fragments of a recorded file: in front of them the stream's head, room for what is
// known only at the end (how long it is, where to seek), and when it began. The room is filled in place so
// that whoever reads the file, or a crash, meets the old or the new. Values ↔ bytes, pure.
#pragma once

#include <optional>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "format/fmp4/recorded.h"

namespace format::fmp4 {

// Of the seek index: its 5,457 entries are one for each two seconds of three hours.
inline constexpr std::uint32_t seek_index_room = 64 * 1024;

// Where in the file the room is. 0: there is none.
struct RecordingRoom {
    std::uint64_t duration_at = 0;
    std::uint64_t seek_index_at = 0;
    std::uint32_t seek_index_size = 0;
};

struct RecordingLead {
    base::Bytes bytes;            // all that stands before the first fragment
    std::uint64_t init_size = 0;  // ftyp and moov
    RecordingRoom room;
};

// `init` is write_init()'s. Errors: malformed.
base::Result<RecordingLead> write_recording_lead(base::ByteView init, base::WallTime began);

// What a file says of itself before its first fragment.
struct RecordedLead {
    RecordingRoom room;
    std::optional<base::WallTime> began;
    // Written at the end of a recording; nothing when it was not.
    std::optional<std::chrono::milliseconds> duration;
};
// `lead` is the file's beginning, of at least `init_size` bytes; it may go on into the fragments.
RecordedLead read_recording_lead(base::ByteView lead, std::uint64_t init_size);

// For duration_at.
base::Bytes write_duration(std::chrono::milliseconds duration);

struct SeekPoint {
    std::uint64_t time = 0;    // when its first sample is presented
    std::uint64_t offset = 0;  // of its moof
};
struct SeekIndex {
    std::uint32_t track = 0;
    std::uint32_t timescale = 0;
    std::span<const SeekPoint> points = {};  // in the file's order, each of which decoding can start at
    SeekPoint end = {};                      // where the last one's media ends
};
// Fills the whole of seek_index_size with a sidx (8.16.3) and what remains with nothing; lists only each
// second, third … point where they are too many. Its first eight bytes are what makes it one: to be written
// last, by themselves. Errors: invalid_argument (no points, no room), limit_exceeded (a point of 2 GiB).
base::Result<base::Bytes> write_seek_index(const SeekIndex& index, const RecordingRoom& room);
inline constexpr std::size_t seek_index_seal = 8;

// Sets a fragment's decode times back, but not below 0: a recording begins at 0 wherever in its stream it
// was begun. `head` is write_fragment_head()'s; `back` has a number for each of `tracks`. Gives the runs as
// they are then. Errors: malformed.
base::Result<std::vector<RecordedRun>> set_back(base::Bytes& head, std::span<const RecordedTrack> tracks,
                                                std::span<const std::uint64_t> back);

}  // namespace format::fmp4
