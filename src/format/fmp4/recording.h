// What stands around the fragments of a recorded file: in front of them the stream's head with room for what
// is known only at the end, how long it is, and when it began. The room is filled in place so that whoever
// reads the file, or a crash, meets the old or the new. Values ↔ bytes, pure.
//
// There is no sidx (8.16.3): ffmpeg, and what stands on it, jumps to the one listed before the place it seeks
// and wants a keyframe there, and takes fragments that are not listed for none; a part of a group of pictures
// can be neither listed nor left out. Without one it reads the heads of all fragments, and seeks exactly.
#pragma once

#include <optional>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "format/fmp4/recorded.h"

namespace format::fmp4 {

struct RecordingLead {
    base::Bytes bytes;            // all that stands before the first fragment
    std::uint64_t init_size = 0;  // ftyp and moov
    std::uint64_t duration_at = 0;
};

// `init` is write_init()'s. Errors: malformed.
base::Result<RecordingLead> write_recording_lead(base::ByteView init, base::WallTime began);

// What a file says of itself before its first fragment.
struct RecordedLead {
    // Where write_duration() goes; 0: there is no room for it.
    std::uint64_t duration_at = 0;
    std::optional<base::WallTime> began;
    // Written at the end of a recording; nothing when it was not.
    std::optional<std::chrono::milliseconds> duration;
};
// `lead` is the file's beginning, of at least `init_size` bytes; it may go on into the fragments.
RecordedLead read_recording_lead(base::ByteView lead, std::uint64_t init_size);

// What goes to duration_at.
base::Bytes write_duration(std::chrono::milliseconds duration);

// Sets a fragment's decode times back, but not below 0: a recording begins at 0 wherever in its stream it
// was begun. `head` is write_fragment_head()'s; `back` has a number for each of `tracks`. Gives the runs as
// they are then. Errors: malformed.
base::Result<std::vector<RecordedRun>> set_back(base::Bytes& head, std::span<const RecordedTrack> tracks,
                                                std::span<const std::uint64_t> back);

}  // namespace format::fmp4
