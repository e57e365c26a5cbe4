#include "app/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <system_error>

namespace app {
namespace {

std::filesystem::path lock_file(const std::filesystem::path& folder) {
    return folder / "server.lock";
}

}  // namespace

base::Result<> DataFolder::make(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::create_directories(path, error))
        std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
    if (error || !std::filesystem::is_directory(path))
        return base::fail(
            base::ErrorCode::unavailable,
            fmt::format("the data directory {} cannot be made: {}; choose another with --data-dir",
                        path.string(), error ? error.message() : "something else has its name"));
    return {};
}

base::Result<DataFolder> DataFolder::take(const std::filesystem::path& path) {
    if (auto made = make(path); !made) return base::fail(std::move(made.error()));
    const std::filesystem::path file = lock_file(path);
    net::UniqueFd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock)
        return base::fail(
            base::ErrorCode::unavailable,
            fmt::format("{} cannot be written: {}; give the directory to the user that runs the server",
                        file.string(), std::generic_category().message(errno)));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
        return base::fail(base::ErrorCode::conflict,
                          fmt::format("another server uses the data directory {}; stop it, or choose another "
                                      "directory with --data-dir",
                                      path.string()));
    return DataFolder(path, std::move(lock));
}

bool DataFolder::in_use(const std::filesystem::path& path) {
    const net::UniqueFd lock(::open(lock_file(path).c_str(), O_RDWR | O_CLOEXEC));
    return lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace app
