// Arena: a file without a name that grows at its end, in memory or on a disk, and is given back piece by
// piece: an Extent is a piece, and when the last who holds it lets go its bytes are freed. So whoever reads
// slowly keeps what it reads and nothing else. One thread appends; extents go on any.
#pragma once

#include <sys/uio.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "base/file_slice.h"
#include "base/result.h"
#include "net/unique_fd.h"

namespace output::hls {

// Bytes that are held in memory for all streams, against what may be.
struct Budget {
    const std::uint64_t limit = 0;
    std::atomic<std::uint64_t> held{0};

    bool over() const { return held.load(std::memory_order_relaxed) > limit; }
};

class Arena;

class Extent final : public base::FileHandle {
  public:
    Extent(std::shared_ptr<Arena> arena, std::uint64_t offset) : arena_(std::move(arena)), offset_(offset) {}
    ~Extent() override;
    int descriptor() const override;
    std::uint64_t offset() const { return offset_; }
    std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }

  private:
    friend class Arena;

    const std::shared_ptr<Arena> arena_;
    const std::uint64_t offset_;
    std::atomic<std::uint64_t> size_{0};
};
using ExtentPtr = std::shared_ptr<Extent>;

class Arena : public std::enable_shared_from_this<Arena> {
  public:
    // Runs what may wait for a disk.
    using Runner = std::function<void(std::function<void()>)>;

    // Its bytes count against the budget. Errors: unavailable (no descriptor, no memory).
    static base::Result<std::shared_ptr<Arena>> in_memory(std::shared_ptr<Budget> budget);
    // Extents are freed by way of `later`. Blocks on the disk, as append() does. Errors: unavailable.
    static base::Result<std::shared_ptr<Arena>> on_disk(const std::filesystem::path& folder, Runner later);

    Arena(net::UniqueFd file, std::shared_ptr<Budget> budget, Runner later)
        : file_(std::move(file)), budget_(std::move(budget)), later_(std::move(later)) {}

    bool resident() const { return budget_ != nullptr; }
    int descriptor() const { return file_.get(); }
    // A new extent at the end, which is the one that grows.
    ExtentPtr begin();
    // `pieces` are changed. Errors: unavailable; the extent is then as long as before.
    base::Result<> append(Extent& extent, std::span<iovec> pieces);
    // The same from another file.
    base::Result<> append(Extent& extent, const base::FileSlice& from);

  private:
    friend class Extent;
    void grew(Extent& extent, std::uint64_t bytes);
    void free(std::uint64_t offset, std::uint64_t size);

    const net::UniqueFd file_;
    const std::shared_ptr<Budget> budget_;
    const Runner later_;
    std::uint64_t end_ = 0;
};

}  // namespace output::hls
