// Appends big-endian numbers and bytes to a buffer that the caller owns. The twin of ByteReader.
#pragma once

#include <bit>

#include "base/bytes.h"

namespace base {

class ByteWriter {
  public:
    explicit ByteWriter(Bytes& out) : out_(out) {}

    ByteWriter& u8(std::uint64_t value) { return big_endian(value, 1); }
    ByteWriter& u16(std::uint64_t value) { return big_endian(value, 2); }
    ByteWriter& u24(std::uint64_t value) { return big_endian(value, 3); }
    ByteWriter& u32(std::uint64_t value) { return big_endian(value, 4); }
    ByteWriter& u64(std::uint64_t value) { return big_endian(value, 8); }
    ByteWriter& u32_le(std::uint32_t value) {
        for (int shift = 0; shift < 32; shift += 8) out_.push_back(static_cast<std::uint8_t>(value >> shift));
        return *this;
    }
    ByteWriter& i24(std::int32_t value) { return u24(static_cast<std::uint32_t>(value) & 0xffffff); }
    ByteWriter& f64(double value) { return u64(std::bit_cast<std::uint64_t>(value)); }
    ByteWriter& bytes(ByteView value) {
        append(out_, value);
        return *this;
    }
    ByteWriter& text(std::string_view value) { return bytes(as_bytes(value)); }

    std::size_t size() const { return out_.size(); }

  private:
    ByteWriter& big_endian(std::uint64_t value, int count) {
        for (int shift = (count - 1) * 8; shift >= 0; shift -= 8)
            out_.push_back(static_cast<std::uint8_t>(value >> shift));
        return *this;
    }

    Bytes& out_;
};

}  // namespace base
