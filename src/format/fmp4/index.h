// The index of a finished recording: mfra (ISO/IEC 14496-12, 8.8.9 to 8.8.11), which is appended to the file
// and changes nothing in it. Values → bytes, pure.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace format::fmp4 {

inline constexpr std::size_t max_index_entries = std::size_t{1} << 20;

// One fragment whose first sample of a track is a keyframe.
struct IndexEntry {
    std::uint32_t track = 0;
    std::uint64_t time = 0;         // when that sample is presented, in the track's timescale
    std::uint64_t moof_offset = 0;  // in the file
    std::uint8_t traf = 1;          // which of the fragment's runs it begins, counted from 1
};

// A track's entries are in the order of their time. Errors: limit_exceeded.
base::Result<base::Bytes> write_index(std::span<const IndexEntry> entries);

}  // namespace format::fmp4
