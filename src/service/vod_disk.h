// The files of recordings as they lie on the disk, and what they are called where they are saved. Blocks on
// the disk; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
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
base::Error nothing_to_play();

// What lies beside the recorded files and is not the engine's.
inline constexpr const char* poster_name = "thumbnail.jpg";
// Writes a file into the folder of an asset that is there, for its owner alone to read: whole, or not at all.
// Follows no links below `folder`. Errors: not_found without the asset's folder; unavailable.
base::Result<> write_beside(const std::filesystem::path& folder, const std::string& asset_id,
                            const std::string& name, base::ByteView bytes);
// No error when there is none.
base::Result<> remove_beside(const std::filesystem::path& folder, const std::string& asset_id,
                             const std::string& name);
// What saves it names it so (RFC 6266), whatever its characters.
std::string attachment(std::string_view name);

// A file's name as browsers and disks take it, from a title: "Jazz/Blues" gives "Jazz Blues.mp4".
std::string download_name(std::string_view title);

}  // namespace service
