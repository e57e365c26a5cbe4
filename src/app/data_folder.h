// The data directory: made private, and held by one server at a time. Main thread.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "net/unique_fd.h"

namespace app {

class DataFolder {
  public:
    // Makes it (0700) when it is not there and takes its lock, which goes with the process.
    static base::Result<DataFolder> take(const std::filesystem::path& path);
    // Makes it without taking the lock: for commands that may run beside a server.
    static base::Result<> make(const std::filesystem::path& path);
    // A server holds it.
    static bool in_use(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return path_; }
    static std::filesystem::path database_file(const std::filesystem::path& folder) {
        return folder / "everycast.db";
    }
    static std::filesystem::path recordings(const std::filesystem::path& folder) {
        return folder / "recordings";
    }
    // See decision 010.
    static std::filesystem::path numbers_file(const std::filesystem::path& folder) {
        return folder / "sequence-number";
    }
    // Segments that left memory; files without a name.
    static std::filesystem::path dvr(const std::filesystem::path& folder) { return folder / "dvr"; }

  private:
    DataFolder(std::filesystem::path path, net::UniqueFd lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::filesystem::path path_;
    net::UniqueFd lock_;
};

}  // namespace app
