// What the boxes of a recorded file say: a moov's tracks and a moof's runs. Read by fragment_scanner.h, which
// others include for them.
#pragma once

#include <cstdint>
#include <vector>

#include "media/frame.h"

namespace format::fmp4 {

struct RecordedTrack {
    std::uint32_t id = 0;
    std::uint32_t timescale = 0;
    media::Codec codec = media::Codec::none;  // none: one that is not written here
};

// One traf: samples of one track that follow each other. Times are in the track's timescale.
struct RecordedRun {
    std::uint32_t track = 0;
    std::uint64_t decode_time = 0;
    std::uint64_t duration = 0;
    std::int64_t composition_offset = 0;  // of the first sample
    bool starts_with_keyframe = false;
    std::uint32_t samples = 0;
};

struct RecordedFragment {
    std::uint32_t sequence = 0;
    std::uint64_t offset = 0;  // of the moof in the file
    std::uint64_t size = 0;    // moof and mdat
    std::vector<RecordedRun> runs;
};

}  // namespace format::fmp4
