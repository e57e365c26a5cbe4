// Boxes (ISO/IEC 14496-12, 4.2): how they are written, and how those inside a box are walked through. For
// this folder alone; others include init_segment.h, fragment.h, index.h and fragment_scanner.h.
#pragma once

#include <optional>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace format::fmp4 {

consteval std::uint32_t box_type(const char (&name)[5]) {
    std::uint32_t type = 0;
    for (int i = 0; i < 4; ++i) type = type << 8 | static_cast<std::uint8_t>(name[i]);
    return type;
}

inline void overwrite_u32(base::Bytes& out, std::size_t position, std::size_t value) {
    for (std::size_t i = 0; i < 4; ++i) out[position + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

// `fill` appends the box's content to `out`; the size in front of it is known only then. For boxes of less
// than 4 GiB, which all are whose content is in memory.
template <class Fill>
void write_box(base::Bytes& out, std::uint32_t type, Fill fill) {
    const std::size_t start = out.size();
    base::ByteWriter writer(out);
    writer.u32(0).u32(type);
    fill(writer);
    overwrite_u32(out, start, out.size() - start);
}

template <class Fill>
void write_full_box(base::Bytes& out, std::uint32_t type, std::uint8_t version, std::uint32_t flags,
                    Fill fill) {
    write_box(out, type, [&](base::ByteWriter& box) {
        box.u8(version).u24(flags);
        fill(box);
    });
}

struct Box {
    std::uint32_t type = 0;
    base::ByteView body;
};

struct FullBoxHeader {
    std::uint8_t version = 0;
    std::uint32_t flags = 0;
};

inline FullBoxHeader read_full_box_header(base::ByteReader& reader) {
    const std::uint32_t word = reader.u32();
    return {static_cast<std::uint8_t>(word >> 24), word & 0xffffff};
}

// The boxes inside a box. No size is believed that is larger than what is there.
class BoxReader {
  public:
    static constexpr std::size_t max_boxes = 256;

    explicit BoxReader(base::ByteView content) : reader_(content) {}

    // Bytes that are no box, or more boxes than max_boxes.
    bool failed() const { return failed_ || reader_.failed(); }

    // Nothing at the end, and after a failure.
    std::optional<Box> next() {
        if (failed() || reader_.at_end()) return std::nullopt;
        if (++count_ > max_boxes) return fail();
        std::uint64_t size = reader_.u32();
        Box box{.type = reader_.u32(), .body = {}};
        std::uint64_t header = 8;
        if (size == 1) {
            size = reader_.u64();
            header = 16;
        }
        if (reader_.failed() || size < header || size - header > reader_.remaining()) return fail();
        box.body = reader_.take(static_cast<std::size_t>(size - header));
        return box;
    }

  private:
    std::optional<Box> fail() {
        failed_ = true;
        return std::nullopt;
    }

    base::ByteReader reader_;
    std::size_t count_ = 0;
    bool failed_ = false;
};

}  // namespace format::fmp4
