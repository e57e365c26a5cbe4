// One keyframe in, one JPEG out. The worker's only thread, behind its walls: what is decoded here is hostile.
#pragma once

#include "transcode/libraries.h"
#include "transcode/worker_message.h"

namespace transcode {

// Errors: malformed, limit_exceeded, unsupported, internal.
base::Result<Thumbnail> make_picture(const Libraries& libraries, const WorkerRequest& request);

struct PictureSize {
    int width = 0;
    int height = 0;
};

// What a picture of this size and this shape of its samples becomes, whole pixels of colour included.
PictureSize fit(PictureSize coded, int sample_width, int sample_height);

}  // namespace transcode
