// VodFiles: a recording as it may be played now. A plain value.
#pragma once

#include <cstdint>
#include <map>
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
    // By the file's number: those that are in the object store, and their keys. They may be here, too.
    std::map<std::uint32_t, std::string> objects;
};

}  // namespace service
