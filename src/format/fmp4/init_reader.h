// Reads back what init_segment.h writes: the tracks of a file's head with their codecs' configurations, for
// whoever has only the file. Bytes → values, pure.
#pragma once

#include <vector>

#include "format/fmp4/init_segment.h"

namespace format::fmp4 {

// `init` is ftyp and moov. A configuration is given as the payload of a Role::config frame, but for the marks
// in HEVC's; a track whose codec is not written here has none. No edits. Errors: malformed, limit_exceeded.
base::Result<std::vector<TrackDescription>> read_init(base::ByteView init);

}  // namespace format::fmp4
