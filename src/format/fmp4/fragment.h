// The head of a movie fragment: moof and the beginning of its mdat (ISO/IEC 14496-12, 8.8.4 to 8.8.12). The
// payload is gathered behind it by the caller, uncopied. Values → bytes, pure.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace format::fmp4 {

// Bounds of one fragment. Offsets into it are said in 31 bits; the others keep its head small enough to be
// read whole by whoever finds it in a file, and are the scanner's too.
inline constexpr std::size_t max_fragment_runs = 16;
inline constexpr std::size_t max_fragment_samples = 65'536;
inline constexpr std::uint64_t max_fragment_size = 0x7fff'ffff;
// Latest decode time, so that nothing that is added to it overflows.
inline constexpr std::uint64_t max_decode_time = std::uint64_t{1} << 62;

struct Sample {
    std::uint32_t duration = 0;  // in the track's timescale, as all times here
    std::int32_t composition_offset = 0;
    std::uint32_t size = 0;
    bool keyframe = false;
};

// Samples of one track that follow each other, in time and in the payload.
struct Run {
    std::uint32_t track = 0;
    std::uint64_t decode_time = 0;  // of the first sample
    std::vector<Sample> samples = {};
};

// What precedes the payloads of all the runs' samples, in their order. Errors: limit_exceeded,
// invalid_argument (a run without samples).
base::Result<base::Bytes> write_fragment_head(std::uint32_t sequence, std::span<const Run> runs);

}  // namespace format::fmp4
