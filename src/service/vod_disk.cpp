#include "service/vod_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "service/validation.h"
#include "storage/object_url.h"

namespace service {
namespace {

// Of a file's name, without its ending; most file systems take 255.
constexpr std::size_t max_download_name = 120;

class RecordedFile final : public base::FileHandle {
  public:
    explicit RecordedFile(int descriptor) : descriptor_(descriptor) {}
    ~RecordedFile() override {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    RecordedFile(const RecordedFile&) = delete;
    RecordedFile& operator=(const RecordedFile&) = delete;
    int descriptor() const override { return descriptor_; }

  private:
    const int descriptor_;
};

bool write_all(int descriptor, base::ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
}

tl::unexpected<base::Error> not_written(int error) {
    return base::fail(error == ENOENT ? base::ErrorCode::not_found : base::ErrorCode::unavailable,
                      "It cannot be written beside the recording: " + std::generic_category().message(error));
}

}  // namespace

base::Error no_such_recorded_file() {
    return {base::ErrorCode::not_found, "There is no such file of this recording.", "file_not_found"};
}

base::Error nothing_to_play() {
    return {base::ErrorCode::not_found, "There is nothing in this recording to play yet.",
            "asset_not_playable"};
}

base::Result<OpenRecorded> open_recorded(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return base::fail(no_such_recorded_file());
        return base::fail(base::ErrorCode::unavailable, "The recording cannot be opened on the disk.");
    }
    OpenRecorded opened{std::make_shared<RecordedFile>(descriptor), 0, {}};
    struct stat info {};
    if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) return base::fail(no_such_recorded_file());
    opened.size = static_cast<std::uint64_t>(info.st_size);
    opened.modified = base::WallTime(std::chrono::seconds(info.st_mtim.tv_sec));
    return opened;
}

base::Result<> write_beside(const std::filesystem::path& folder, const std::string& asset_id,
                            const std::string& name, base::ByteView bytes) {
    const RecordedFile root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (root.descriptor() < 0) return not_written(errno);
    const RecordedFile place(
        ::openat(root.descriptor(), asset_id.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (place.descriptor() < 0) return not_written(errno);
    const std::string fresh = name + ".new";
    // What a crash left of an earlier one.
    ::unlinkat(place.descriptor(), fresh.c_str(), 0);
    int error = 0;
    {
        const RecordedFile file(::openat(place.descriptor(), fresh.c_str(),
                                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (file.descriptor() < 0 || !write_all(file.descriptor(), bytes) || ::fsync(file.descriptor()) != 0)
            error = errno;
    }
    if (error == 0 && ::renameat(place.descriptor(), fresh.c_str(), place.descriptor(), name.c_str()) != 0)
        error = errno;
    if (error == 0 && ::fsync(place.descriptor()) != 0) error = errno;
    if (error == 0) return {};
    ::unlinkat(place.descriptor(), fresh.c_str(), 0);
    return not_written(error);
}

base::Result<> remove_beside(const std::filesystem::path& folder, const std::string& asset_id,
                             const std::string& name) {
    const RecordedFile root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (root.descriptor() < 0 && errno == ENOENT) return {};
    const RecordedFile place(
        ::openat(root.descriptor(), asset_id.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (place.descriptor() < 0 && errno == ENOENT) return {};
    if (::unlinkat(place.descriptor(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
    return base::fail(base::ErrorCode::unavailable,
                      "It cannot be deleted beside the recording: " + std::generic_category().message(errno));
}

std::string attachment(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        // One for each character, not for each byte.
        if ((byte & 0xc0) == 0x80) continue;
        plain += byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\' ? '_' : c;
    }
    return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + storage::percent_encoded(name);
}

std::string download_name(std::string_view title) {
    std::string name;
    if (!text_length(title)) title = {};
    for (const char c : title) {
        const auto byte = static_cast<unsigned char>(c);
        const bool unfit = byte < 0x20 || byte == 0x7f ||
                           std::string_view("/\\:*?\"<>|%;").find(c) != std::string_view::npos;
        name += unfit ? ' ' : c;
    }
    if (name.size() > max_download_name) {
        std::size_t end = max_download_name;
        // Not in the middle of a character.
        while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
        name.resize(end);
    }
    const auto edge = [](char c) { return c == ' ' || c == '.'; };
    while (!name.empty() && edge(name.back())) name.pop_back();
    name.erase(name.begin(), std::find_if_not(name.begin(), name.end(), edge));
    if (name.empty()) name = "recording";
    return name + ".mp4";
}

}  // namespace service
