#include "service/vod_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "service/validation.h"

namespace service {
namespace {

// Of a file's name, without its ending; most file systems take 255.
constexpr std::size_t max_download_name = 120;

class RecordedFile final : public base::FileHandle {
  public:
    explicit RecordedFile(int descriptor) : descriptor_(descriptor) {}
    ~RecordedFile() override { ::close(descriptor_); }
    RecordedFile(const RecordedFile&) = delete;
    RecordedFile& operator=(const RecordedFile&) = delete;
    int descriptor() const override { return descriptor_; }

  private:
    const int descriptor_;
};

}  // namespace

base::Error no_such_recorded_file() {
    return {base::ErrorCode::not_found, "There is no such file of this recording.", "file_not_found"};
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
