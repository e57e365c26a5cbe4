#include "output/hls/arena.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace output::hls {
namespace {

// What is freed is freed in whole pages: no two extents have one in common.
constexpr std::uint64_t page = 4096;
constexpr std::size_t pieces_at_once = 1024;  // IOV_MAX

std::uint64_t to_page(std::uint64_t offset) {
    return (offset + page - 1) / page * page;
}

tl::unexpected<base::Error> failed(const char* what) {
    return base::fail(base::ErrorCode::unavailable, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

Extent::~Extent() {
    arena_->free(offset_, size());
}

int Extent::descriptor() const {
    return arena_->descriptor();
}

base::Result<std::shared_ptr<Arena>> Arena::in_memory(std::shared_ptr<Budget> budget) {
    net::UniqueFd file(::memfd_create("hls", MFD_CLOEXEC));
    if (!file) return failed("no memory for another stream");
    return std::make_shared<Arena>(std::move(file), std::move(budget), nullptr);
}

base::Result<std::shared_ptr<Arena>> Arena::on_disk(const std::filesystem::path& folder, Runner later) {
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    net::UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file) {
        // Not every file system has files without a name.
        std::string path = (folder / "dvr-XXXXXX").string();
        file.reset(::mkostemp(path.data(), O_CLOEXEC));
        if (file) ::unlink(path.c_str());
    }
    if (!file) return failed("no file for earlier segments");
    return std::make_shared<Arena>(std::move(file), nullptr, std::move(later));
}

ExtentPtr Arena::begin() {
    end_ = to_page(end_);
    return std::make_shared<Extent>(shared_from_this(), end_);
}

base::Result<> Arena::append(Extent& extent, std::span<iovec> pieces) {
    std::uint64_t at = end_;
    while (!pieces.empty()) {
        const std::size_t count = std::min(pieces.size(), pieces_at_once);
        const ssize_t written =
            ::pwritev(file_.get(), pieces.data(), static_cast<int>(count), static_cast<off_t>(at));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return failed("writing a part");
        at += static_cast<std::uint64_t>(written);
        auto left = static_cast<std::size_t>(written);
        while (!pieces.empty() && left >= pieces.front().iov_len) {
            left -= pieces.front().iov_len;
            pieces = pieces.subspan(1);
        }
        if (left == 0) continue;
        pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + left;
        pieces.front().iov_len -= left;
    }
    grew(extent, at - end_);
    return {};
}

base::Result<> Arena::append(Extent& extent, const base::FileSlice& from) {
    auto source = static_cast<off_t>(from.offset);
    if (::lseek(file_.get(), static_cast<off_t>(end_), SEEK_SET) < 0) return failed("spilling a segment");
    for (std::uint64_t left = from.size; left > 0;) {
        const ssize_t copied = ::sendfile(file_.get(), from.file->descriptor(), &source, left);
        if (copied < 0 && errno == EINTR) continue;
        if (copied <= 0) return failed("spilling a segment");
        left -= static_cast<std::uint64_t>(copied);
    }
    grew(extent, from.size);
    return {};
}

void Arena::grew(Extent& extent, std::uint64_t bytes) {
    end_ += bytes;
    extent.size_.fetch_add(bytes, std::memory_order_relaxed);
    if (budget_) budget_->held.fetch_add(bytes, std::memory_order_relaxed);
}

void Arena::free(std::uint64_t offset, std::uint64_t size) {
    if (size == 0) return;
    const auto punch = [self = shared_from_this(), offset, size] {
        // Where a file system cannot, the bytes go with the file.
        (void)::fallocate(self->descriptor(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                          static_cast<off_t>(offset), static_cast<off_t>(to_page(size)));
    };
    if (budget_) budget_->held.fetch_sub(size, std::memory_order_relaxed);
    if (later_)
        later_(punch);
    else
        punch();
}

}  // namespace output::hls
