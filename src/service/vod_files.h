// VodFiles: a recording as it may be played now. A plain value.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "media/recording.h"

namespace service {

struct VodFiles {
    std::string asset_id;
    std::string owner_id;
    std::string title;
    // Anybody may watch; otherwise its owner and admins alone.
    bool open = false;
    // Nothing will be added.
    bool finished = false;
    base::WallTime updated_at{};
    std::vector<media::RecordingFile> files;
};

}  // namespace service
