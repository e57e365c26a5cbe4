// Reads a moov for what its fragments need (ISO/IEC 14496-12, 8.2 and 8.8). For the scanner alone.
#pragma once

#include "base/result.h"
#include "format/fmp4/recorded.h"

namespace format::fmp4 {

// A track, and what trex says of samples of which the fragments say nothing (8.8.3).
struct MovieTrack {
    RecordedTrack track;
    std::uint32_t default_duration = 0;
    std::uint32_t default_size = 0;
    std::uint32_t default_flags = 0;
};

// `content` is what stands behind the box's header. Errors: malformed, limit_exceeded.
base::Result<std::vector<MovieTrack>> read_moov(base::ByteView content);

}  // namespace format::fmp4
