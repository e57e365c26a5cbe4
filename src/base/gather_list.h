// GatherList: what is to be sent, as a list of parts for one gathered write: small headers of its own,
// payload by reference. It keeps alive what it refers to. One thread.
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace base {

class GatherList {
  public:
    GatherList() = default;
    GatherList(GatherList&&) = default;
    GatherList& operator=(GatherList&&) = default;
    GatherList(const GatherList&) = delete;
    GatherList& operator=(const GatherList&) = delete;

    // At most block_size bytes, copied.
    void add_copy(ByteView small) {
        if (small.empty()) return;
        std::uint8_t* place = room(small.size());
        std::copy(small.begin(), small.end(), place);
        add(place, small.size());
    }
    // Not copied: valid until this list is cleared, by keep() or by being static.
    void add_view(ByteView view) {
        if (!view.empty()) add(view.data(), view.size());
    }
    void keep(std::shared_ptr<const void> owner) { kept_.push_back(std::move(owner)); }
    // All of another list, which nobody changes any more, as the whole of this empty one: not even its parts
    // are copied, until a write takes only some of them.
    void share(std::shared_ptr<const GatherList> whole) {
        bytes_ = whole->bytes();
        shared_ = std::move(whole);
    }

    std::span<const iovec> parts() const {
        return shared_ ? shared_->parts() : std::span<const iovec>(parts_).subspan(first_);
    }
    std::size_t bytes() const { return bytes_; }
    bool empty() const { return bytes_ == 0; }

    // The first `count` bytes were sent.
    void consume(std::size_t count) {
        if (shared_) {
            if (count == bytes_) return clear();
            take_over_shared();
        }
        bytes_ -= count;
        while (count > 0) {
            iovec& part = parts_[first_];
            if (count < part.iov_len) {
                part.iov_base = static_cast<std::uint8_t*>(part.iov_base) + count;
                part.iov_len -= count;
                return;
            }
            count -= part.iov_len;
            ++first_;
        }
    }
    // Forgets everything; the memory of the first block and the lists stays for the next use.
    void clear() {
        shared_.reset();
        parts_.clear();
        kept_.clear();
        first_ = 0;
        bytes_ = 0;
        used_ = 0;
        if (blocks_.size() > 1) blocks_.resize(1);
    }

  private:
    static constexpr std::size_t block_size = 2048;
    using Block = std::array<std::uint8_t, block_size>;

    // Blocks never move, so that parts may point into them.
    std::uint8_t* room(std::size_t size) {
        if (blocks_.empty() || used_ + size > block_size) {
            blocks_.push_back(std::make_unique<Block>());
            used_ = 0;
        }
        std::uint8_t* place = blocks_.back()->data() + used_;
        used_ += size;
        return place;
    }
    void add(const std::uint8_t* data, std::size_t size) {
        if (shared_) take_over_shared();
        bytes_ += size;
        if (parts_.size() > first_) {
            iovec& last = parts_.back();
            if (static_cast<const std::uint8_t*>(last.iov_base) + last.iov_len == data) {
                last.iov_len += size;
                return;
            }
        }
        parts_.push_back({const_cast<std::uint8_t*>(data), size});
    }

    void take_over_shared() {
        const std::span<const iovec> parts = shared_->parts();
        parts_.assign(parts.begin(), parts.end());
        kept_.push_back(std::exchange(shared_, nullptr));
    }

    std::shared_ptr<const GatherList> shared_;
    std::vector<std::unique_ptr<Block>> blocks_;
    std::size_t used_ = 0;
    std::vector<iovec> parts_;
    std::size_t first_ = 0;
    std::size_t bytes_ = 0;
    std::vector<std::shared_ptr<const void>> kept_;
};

}  // namespace base
