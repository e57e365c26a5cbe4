// A thumbnail: what one is made of, and what comes out. Plain values; any thread.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "media/content.h"
#include "media/frame.h"

namespace transcode {

// What is given to a decoder is bounded here, and again where the worker reads it.
inline constexpr std::size_t max_config_size = 64 * 1024;
inline constexpr std::size_t max_keyframe_size = 8 * 1024 * 1024;
// The picture fits into this box.
inline constexpr int max_thumbnail_width = 640;
inline constexpr int max_thumbnail_height = 1280;
inline constexpr std::size_t max_jpeg_size = 200 * 1024;

// H.264, HEVC, AV1 or VP9, as media::Frame carries it: the codec configuration record, and a keyframe as
// length-prefixed NAL units, OBUs or a VP9 frame.
struct ThumbnailRequest {
    media::Codec codec = media::Codec::none;
    base::SharedBytes config = {};
    base::SharedBytes keyframe = {};
};

struct Thumbnail {
    media::SharedText jpeg;
    int width = 0;
    int height = 0;
};

// Makes one; blocks until it is there. Any thread.
class ThumbnailMaker {
  public:
    virtual ~ThumbnailMaker() = default;
    // Errors: unsupported (codec), limit_exceeded (too large), malformed (it cannot be decoded), timed_out,
    // unavailable (too many at once), closed (we are stopping), internal.
    virtual base::Result<Thumbnail> make(const ThumbnailRequest& request) = 0;
};

}  // namespace transcode
