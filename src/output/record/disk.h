// Disk: what a recorder asks of the file system, as an interface: in production posix_disk.h, in tests one
// that fails, fills up and slows down. Names are an asset's id and a file's number, never paths. Every call
// may block for as long as the disk does; any thread, a File one at a time.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "output/recordings.h"

namespace output::record {

enum class DiskProblem {
    full,
    failed,
    exists,   // create: such a file is there
    missing,  // open: there is none, or it is no plain file
    busy,     // open: somebody writes it
};

struct DiskFailure {
    DiskProblem problem = DiskProblem::failed;
    std::string text;
};

template <class T = void>
using DiskResult = tl::expected<T, DiskFailure>;

inline tl::unexpected<DiskFailure> disk_failure(DiskProblem problem, std::string text) {
    return tl::unexpected<DiskFailure>(DiskFailure{problem, std::move(text)});
}

class File {
  public:
    virtual ~File() = default;
    // All of it. After an error nothing is known of what was written.
    virtual DiskResult<> write(std::uint64_t offset, std::span<const iovec> parts) = 0;
    // Fewer bytes than asked for at the end of the file only.
    virtual DiskResult<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> into) = 0;
    // What was written is safe on the disk. After an error it may be lost for good, whatever a second try
    // says.
    virtual DiskResult<> sync() = 0;
    virtual DiskResult<> truncate(std::uint64_t size) = 0;
    virtual DiskResult<std::uint64_t> size() = 0;
};

class Disk {
  public:
    virtual ~Disk() = default;
    // An empty file that nobody else opens meanwhile; the asset's folder is made with it.
    virtual DiskResult<std::unique_ptr<File>> create(const std::string& asset_id, std::uint32_t number) = 0;
    virtual DiskResult<std::unique_ptr<File>> open(const std::string& asset_id, std::uint32_t number) = 0;
    // For reading alone, also while somebody writes it.
    virtual DiskResult<std::unique_ptr<File>> look(const std::string& asset_id, std::uint32_t number) = 0;
    // Of the plain files that have such a name, in order; none when there is no such folder.
    virtual DiskResult<std::vector<std::uint32_t>> list(const std::string& asset_id) = 0;
    // No error when there is none.
    virtual DiskResult<> remove(const std::string& asset_id, std::uint32_t number) = 0;
    virtual DiskResult<> remove_folder(const std::string& asset_id) = 0;
    // The names in it, and its own, are safe.
    virtual DiskResult<> sync_folder(const std::string& asset_id) = 0;
    virtual DiskResult<Recordings::Space> space() = 0;
};

// "as_", for one, and letters and digits: what may name a folder.
bool is_asset_id(std::string_view id);

}  // namespace output::record
