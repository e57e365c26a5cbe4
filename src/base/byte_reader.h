// Bounds-checked cursor over bytes from outside. Every parser reads through it; none does pointer arithmetic.
// A read past the end returns zero and sets failed() for good, so a parser may read a whole record and check
// once.
#pragma once

#include <bit>

#include "base/bytes.h"

namespace base {

class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

    bool failed() const { return failed_; }
    std::size_t position() const { return position_; }
    std::size_t remaining() const { return bytes_.size() - position_; }
    bool at_end() const { return remaining() == 0; }
    ByteView rest() const { return bytes_.subspan(position_); }

    std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
    std::uint32_t u24() { return static_cast<std::uint32_t>(big_endian(3)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
    std::uint64_t u64() { return big_endian(8); }
    std::uint32_t u32_le() {
        const std::uint32_t value = u32();
        return value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) | value << 24;
    }
    // Two's complement 24 bits, sign-extended (composition time offsets).
    std::int32_t i24() {
        const std::uint32_t value = u24();
        return static_cast<std::int32_t>(value << 8) >> 8;
    }
    double f64() { return std::bit_cast<double>(u64()); }

    // The next `count` bytes; empty, with failed() set, when there are fewer.
    ByteView take(std::size_t count) {
        if (!require(count)) return {};
        const ByteView part = bytes_.subspan(position_, count);
        position_ += count;
        return part;
    }
    void skip(std::size_t count) { take(count); }

  private:
    bool require(std::size_t count) {
        if (failed_ || count > remaining()) failed_ = true;
        return !failed_;
    }
    std::uint64_t big_endian(std::size_t count) {
        if (!require(count)) return 0;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes_[position_ + i];
        position_ += count;
        return value;
    }

    ByteView bytes_;
    std::size_t position_ = 0;
    bool failed_ = false;
};

}  // namespace base
