// What is known of a recording's files; told by the engine, kept by the services. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace media {

// One fragmented MP4 file of an asset. An asset has one for each codec configuration, in order.
struct RecordingFile {
    std::string asset_id;
    std::uint32_t number = 0;  // from 1; its name is "{number}.mp4"
    std::uint64_t size = 0;    // bytes that are safe on the disk
    std::uint64_t init_size = 0;
    std::chrono::milliseconds duration{0};
    int width = 0;  // 0 without video
    int height = 0;
    std::string codecs;  // RFC 6381, "avc1.640029,mp4a.40.2"
    base::WallTime started_at{};
    // Its index is written: nothing will be added.
    bool complete = false;
};

// Why a recording ended, or does not go on. Its kind decides what is said and whether it resumes by itself.
enum class RecordingProblem {
    none,
    disk_full,    // resumes when there is room again
    disk_failed,  // the disk answers with errors
    disk_slow,    // it could not keep up: there is a gap
    unsupported,  // no track that MP4 carries
};

}  // namespace media
