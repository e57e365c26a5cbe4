// What a crash or a failing disk left of a recording's file: how it is looked at, and how it is made whole.
// Blocks on the disk; any thread.
#pragma once

#include <limits>

#include "output/record/disk.h"

namespace output::record {

// What the file says of itself. Of one that is not complete its fragments tell how long it is. Errors:
// missing (nothing of a recording).
DiskResult<media::RecordingFile> look_at(File& file, const std::string& asset_id, std::uint32_t number);

struct Mended {
    media::RecordingFile file;
    // It has no fragment, nor anything else that is worth keeping.
    bool empty = false;
};
// Cuts behind the last whole fragment, not further back than `safe` when that is known to be all that the
// disk has, and appends the index. What is complete stays as it is.
DiskResult<Mended> mend(File& file, const std::string& asset_id, std::uint32_t number,
                        std::uint64_t safe = std::numeric_limits<std::uint64_t>::max());

}  // namespace output::record
