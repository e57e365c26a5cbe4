// HEVC's sequence and video parameter sets (ITU-T H.265, 7.3.2), as far as people want to know of them. For
// this folder; others read configuration records through video_config.h.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace codec {

struct HevcSps {
    int width = 0;  // after the conformance window
    int height = 0;
    double fps = 0;
    std::uint32_t max_reorder_pictures = 0;
};

// Both take the bytes behind the NAL header, unescaped. Errors: malformed, limit_exceeded.
base::Result<HevcSps> read_hevc_sps(base::ByteView rbsp);
// 0 when the video parameter set tells no rate.
double read_hevc_vps_fps(base::ByteView rbsp);

}  // namespace codec
