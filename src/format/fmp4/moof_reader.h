// Reads a moof (ISO/IEC 14496-12, 8.8.4). For the scanner alone.
#pragma once

#include <span>

#include "format/fmp4/moov_reader.h"

namespace format::fmp4 {

struct Moof {
    std::uint32_t sequence = 0;
    std::vector<RecordedRun> runs;
    // Where the samples' bytes lie, counted from the moof's first byte.
    std::int64_t payload_begin = 0;
    std::int64_t payload_end = 0;
};

// `content` is what stands behind the box's header. Errors: malformed, limit_exceeded, unsupported (offsets
// that are not counted from the moof).
base::Result<Moof> read_moof(base::ByteView content, std::span<const MovieTrack> tracks);

}  // namespace format::fmp4
