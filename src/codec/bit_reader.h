// Bounds-checked cursor over bits, most significant first, for records from outside. Like base::ByteReader it
// returns zero past the end and stays failed(), so that a parser may read a whole structure and check once.
#pragma once

#include <algorithm>

#include "base/bytes.h"

namespace codec {

class BitReader {
  public:
    explicit BitReader(base::ByteView bytes) : bytes_(bytes) {}

    bool failed() const { return failed_; }
    std::size_t remaining() const { return bytes_.size() * 8 - position_; }
    std::size_t position() const { return position_; }

    // At most 32 bits.
    std::uint32_t bits(std::size_t count) {
        if (!require(count)) return 0;
        std::uint32_t value = 0;
        for (std::size_t end = position_ + count; position_ < end;) {
            const std::size_t offset = position_ % 8;
            const std::size_t step = std::min(8 - offset, end - position_);
            const std::uint32_t part = bytes_[position_ / 8] >> (8 - offset - step) & ((1u << step) - 1);
            value = value << step | part;
            position_ += step;
        }
        return value;
    }
    bool flag() { return bits(1) != 0; }

    void skip(std::size_t count) {
        if (require(count)) position_ += count;
    }
    void fail() { failed_ = true; }
    void align() { position_ = (position_ + 7) / 8 * 8; }

    // Exp-Golomb codes (ISO 14496-10, 9.1). A code longer than any valid one fails.
    std::uint32_t ue() {
        std::size_t zeros = 0;
        while (!failed_ && !flag()) ++zeros;
        if (zeros > 31) failed_ = true;
        const std::uint32_t suffix = failed_ ? 0 : bits(zeros);
        return failed_ ? 0 : static_cast<std::uint32_t>((std::uint64_t{1} << zeros) - 1 + suffix);
    }
    std::int32_t se() {
        const std::int64_t code = ue();
        return static_cast<std::int32_t>(code % 2 == 0 ? -(code / 2) : (code + 1) / 2);
    }

  private:
    bool require(std::size_t count) {
        if (failed_ || count > remaining()) failed_ = true;
        return !failed_;
    }

    base::ByteView bytes_;
    std::size_t position_ = 0;
    bool failed_ = false;
};

}  // namespace codec
