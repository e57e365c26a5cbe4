// The files of recordings as they lie on the disk, and what they are called where they are saved. Blocks on
// the disk; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file_slice.h"
#include "base/result.h"

namespace service {

struct OpenRecorded {
    std::shared_ptr<const base::FileHandle> file;
    std::uint64_t size = 0;
    base::WallTime modified{};
};

// Follows no links. Errors: not_found; unavailable when the disk does not answer.
base::Result<OpenRecorded> open_recorded(const std::filesystem::path& path);
base::Error no_such_recorded_file();

// A file's name as browsers and disks take it, from a title: "Jazz/Blues" gives "Jazz Blues.mp4".
std::string download_name(std::string_view title);

}  // namespace service
