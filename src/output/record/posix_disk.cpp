#include "output/record/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstring>
#include <optional>

namespace output::record {
namespace {

constexpr std::string_view suffix = ".mp4";
constexpr mode_t folder_mode = 0700;
constexpr mode_t file_mode = 0600;

class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

tl::unexpected<DiskFailure> fail_with(int error, const char* doing) {
    DiskProblem problem = DiskProblem::failed;
    if (error == ENOSPC || error == EDQUOT) problem = DiskProblem::full;
    if (error == EEXIST) problem = DiskProblem::exists;
    if (error == ENOENT || error == ELOOP || error == ENOTDIR || error == EISDIR || error == EXDEV)
        problem = DiskProblem::missing;
    return disk_failure(problem, std::string(doing) + ": " + std::strerror(error));
}

std::string name_of(std::uint32_t number) {
    return std::to_string(number) + std::string(suffix);
}

std::optional<std::uint32_t> number_of(std::string_view name) {
    if (!name.ends_with(suffix)) return std::nullopt;
    name.remove_suffix(suffix.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || end != name.data() + name.size() || number == 0 || name[0] == '0')
        return std::nullopt;
    return number;
}

Descriptor open_beneath(int folder, const std::string& name, std::uint64_t flags, mode_t mode = 0) {
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    for (;;) {
        const long fd = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
        if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) return Descriptor(static_cast<int>(fd));
    }
}

Descriptor open_root(const std::filesystem::path& folder) {
    return Descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Descriptor open_asset(const std::filesystem::path& folder, const std::string& asset_id) {
    if (!is_asset_id(asset_id)) {
        errno = ENOENT;
        return Descriptor();
    }
    const Descriptor root = open_root(folder);
    if (!root) return Descriptor();
    return open_beneath(root.get(), asset_id, O_RDONLY | O_DIRECTORY);
}

class PosixFile final : public File {
  public:
    explicit PosixFile(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    DiskResult<> write(std::uint64_t offset, std::span<const iovec> parts) override {
        std::vector<iovec> left(parts.begin(), parts.end());
        std::size_t at = 0;
        while (at < left.size()) {
            const int count = static_cast<int>(std::min<std::size_t>(left.size() - at, IOV_MAX));
            const ssize_t n =
                ::pwritev(descriptor_.get(), left.data() + at, count, static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return fail_with(n == 0 ? EIO : errno, "writing a recording");
            auto done = static_cast<std::size_t>(n);
            offset += done;
            while (at < left.size() && done >= left[at].iov_len) done -= left[at++].iov_len;
            if (done == 0) continue;
            left[at].iov_base = static_cast<char*>(left[at].iov_base) + done;
            left[at].iov_len -= done;
        }
        return {};
    }
    DiskResult<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> into) override {
        std::size_t got = 0;
        while (got < into.size()) {
            const ssize_t n = ::pread(descriptor_.get(), into.data() + got, into.size() - got,
                                      static_cast<off_t>(offset + got));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return fail_with(errno, "reading a recording");
            if (n == 0) break;
            got += static_cast<std::size_t>(n);
        }
        return got;
    }
    DiskResult<> sync() override {
        if (::fdatasync(descriptor_.get()) != 0) return fail_with(errno, "flushing a recording");
        struct stat facts {};
        if (::fstat(descriptor_.get(), &facts) == 0 && facts.st_nlink == 0)
            return disk_failure(DiskProblem::failed, "the file of a recording was deleted");
        return {};
    }
    DiskResult<> truncate(std::uint64_t size) override {
        if (::ftruncate(descriptor_.get(), static_cast<off_t>(size)) != 0)
            return fail_with(errno, "cutting a recording");
        return {};
    }
    DiskResult<std::uint64_t> size() override {
        struct stat facts {};
        if (::fstat(descriptor_.get(), &facts) != 0) return fail_with(errno, "looking at a recording");
        return static_cast<std::uint64_t>(facts.st_size);
    }

  private:
    Descriptor descriptor_;
};

}  // namespace

bool is_asset_id(std::string_view id) {
    constexpr std::size_t prefix = 3;
    constexpr std::size_t longest = 64;
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto letter = [&](char c) { return lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    return id.size() > prefix && id.size() <= longest && lower(id[0]) && lower(id[1]) && id[2] == '_' &&
           std::all_of(id.begin() + prefix, id.end(), letter);
}

DiskResult<std::unique_ptr<File>> PosixDisk::create(const std::string& asset_id, std::uint32_t number) {
    if (!is_asset_id(asset_id)) return disk_failure(DiskProblem::failed, "not the id of a recording");
    for (const auto& made : {folder_.parent_path(), folder_}) {
        if (made.empty()) continue;
        if (::mkdir(made.c_str(), folder_mode) != 0) {
            if (errno != EEXIST && errno != ENOENT)
                return fail_with(errno, "making the folder of the recordings");
            continue;
        }
        const Descriptor above = open_root(made.has_parent_path() ? made.parent_path() : ".");
        if (!above || ::fsync(above.get()) != 0)
            return fail_with(errno, "flushing the folder above the recordings");
    }
    const Descriptor root = open_root(folder_);
    if (!root) return fail_with(errno, "opening the folder of the recordings");
    if (::mkdirat(root.get(), asset_id.c_str(), folder_mode) != 0 && errno != EEXIST)
        return fail_with(errno, "making a recording's folder");
    const Descriptor folder = open_beneath(root.get(), asset_id, O_RDONLY | O_DIRECTORY);
    if (!folder) return fail_with(errno, "opening a recording's folder");
    Descriptor file =
        open_beneath(folder.get(), name_of(number), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, file_mode);
    if (!file) return fail_with(errno, "making a recording's file");
    // Whoever mends recordings leaves it alone.
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return fail_with(errno, "locking a recording's file");
    return std::make_unique<PosixFile>(std::move(file));
}

DiskResult<std::unique_ptr<File>> PosixDisk::open_file(const std::string& asset_id, std::uint32_t number,
                                                       std::uint64_t flags) {
    const Descriptor folder = open_asset(folder_, asset_id);
    if (!folder) return fail_with(errno, "opening a recording's folder");
    Descriptor file = open_beneath(folder.get(), name_of(number), flags | O_NOFOLLOW | O_NONBLOCK);
    if (!file) return fail_with(errno, "opening a recording");
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return fail_with(errno, "looking at a recording");
    if (!S_ISREG(facts.st_mode)) return disk_failure(DiskProblem::missing, "not a plain file");
    // What is read of it is a little of each fragment.
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_RANDOM);
    if ((flags & O_ACCMODE) == O_RDWR && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        return disk_failure(DiskProblem::busy, "a recording that is being written");
    return std::make_unique<PosixFile>(std::move(file));
}

DiskResult<std::unique_ptr<File>> PosixDisk::open(const std::string& asset_id, std::uint32_t number) {
    return open_file(asset_id, number, O_RDWR);
}

DiskResult<std::unique_ptr<File>> PosixDisk::look(const std::string& asset_id, std::uint32_t number) {
    return open_file(asset_id, number, O_RDONLY);
}

DiskResult<std::vector<std::uint32_t>> PosixDisk::list(const std::string& asset_id) {
    std::vector<std::uint32_t> numbers;
    const Descriptor folder = open_asset(folder_, asset_id);
    if (!folder && errno == ENOENT) return numbers;
    if (!folder) return fail_with(errno, "opening a recording's folder");
    // Its own: closedir() closes it.
    const int listed = ::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0);
    DIR* entries = listed < 0 ? nullptr : ::fdopendir(listed);
    if (entries == nullptr) {
        const int error = errno;
        if (listed >= 0) ::close(listed);
        return fail_with(error, "listing a recording's folder");
    }
    while (const dirent* entry = ::readdir(entries)) {
        const auto number = number_of(entry->d_name);
        struct stat facts {};
        if (number && ::fstatat(folder.get(), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(facts.st_mode))
            numbers.push_back(*number);
    }
    ::closedir(entries);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

DiskResult<> PosixDisk::remove(const std::string& asset_id, std::uint32_t number) {
    const Descriptor folder = open_asset(folder_, asset_id);
    if (!folder && errno == ENOENT) return {};
    if (!folder) return fail_with(errno, "opening a recording's folder");
    if (::unlinkat(folder.get(), name_of(number).c_str(), 0) != 0 && errno != ENOENT)
        return fail_with(errno, "deleting a recording");
    return {};
}

DiskResult<> PosixDisk::remove_folder(const std::string& asset_id) {
    const Descriptor root = open_root(folder_);
    if (!root || !is_asset_id(asset_id)) return {};
    // What is not ours stays, and its folder with it.
    if (::unlinkat(root.get(), asset_id.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT &&
        errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
        return fail_with(errno, "deleting a recording's folder");
    return {};
}

DiskResult<> PosixDisk::sync_folder(const std::string& asset_id) {
    const Descriptor folder = open_asset(folder_, asset_id);
    if (!folder || ::fsync(folder.get()) != 0) return fail_with(errno, "flushing a recording's folder");
    const Descriptor root = open_root(folder_);
    if (!root || ::fsync(root.get()) != 0) return fail_with(errno, "flushing the folder of the recordings");
    return {};
}

DiskResult<Recordings::Space> PosixDisk::space() {
    struct statvfs facts {};
    int failed = ::statvfs(folder_.c_str(), &facts);
    // Before the first recording.
    if (failed != 0 && errno == ENOENT) failed = ::statvfs(folder_.parent_path().c_str(), &facts);
    if (failed != 0) return fail_with(errno, "asking how much room there is");
    const auto block = static_cast<std::uint64_t>(facts.f_frsize);
    return Recordings::Space{facts.f_bavail * block, facts.f_blocks * block};
}

}  // namespace output::record
