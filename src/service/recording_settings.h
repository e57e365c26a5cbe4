// Settings of recordings, filled in by app/ and passed in by value.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "service/archive_settings.h"

namespace service {

struct RecordingSettings {
    // Where the engine writes: {folder}/{assetId}/{number}.mp4, and a thumbnail.jpg beside them.
    std::filesystem::path folder = {};
    // What links begin with: "http://localhost:8000".
    std::string public_url = "http://localhost:8000";
    // recording_keep_days: what is older is deleted; 0: kept for ever.
    int keep_days = 0;
    // recording_min_free, percent of the disk: with less free there is a warning; 0: none.
    int min_free_percent = 10;
    // recording_delete_oldest: then the oldest recordings make room.
    bool delete_oldest = false;
    // recording_delete_unarchived: with an object store, those that it has not got yet may make room, too.
    bool delete_unarchived = false;
    // Where they are brought to, if there is an object store.
    ArchiveSettings archive = {};
    // How often age and free space are looked at.
    std::chrono::seconds upkeep_interval{60};
};

}  // namespace service
