// Stamp: what a bench frame carries in its payload: who sent it, which one it is, and when. It stands behind
// the FLV tag header (and the NAL unit's length and header), so that every relay passes it on untouched.
#pragma once

#include <ctime>
#include <optional>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace bench {

struct Stamp {
    std::uint32_t publisher = 0;
    std::uint64_t sequence = 0;
    std::int64_t sent_ns = 0;  // CLOCK_MONOTONIC: one clock for all processes of a machine
};

// Begins as a slice of an I picture with the first parameter sets does, for peers that look into it.
inline constexpr std::uint32_t stamp_magic = 0x88845342;
inline constexpr std::size_t stamp_size = 24;
inline constexpr std::size_t video_stamp_at = 10;
inline constexpr std::size_t audio_stamp_at = 2;
// So many bytes of a tag are enough to find its stamp.
inline constexpr std::size_t stamped_head = video_stamp_at + stamp_size;

inline std::int64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

inline void write_stamp(base::Bytes& out, const Stamp& stamp) {
    base::ByteWriter writer(out);
    writer.u32(stamp_magic).u32(stamp.publisher).u64(stamp.sequence);
    writer.u64(static_cast<std::uint64_t>(stamp.sent_ns));
}

// `head`: the first bytes of a tag body. Nothing for codec configurations and other people's frames.
inline std::optional<Stamp> read_stamp(base::ByteView head, bool video) {
    const std::size_t at = video ? video_stamp_at : audio_stamp_at;
    if (head.size() < at + stamp_size) return std::nullopt;
    const auto number = [&](std::size_t from, std::size_t bytes) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | head[at + from + i];
        return value;
    };
    if (number(0, 4) != stamp_magic) return std::nullopt;
    return Stamp{static_cast<std::uint32_t>(number(4, 4)), number(8, 8),
                 static_cast<std::int64_t>(number(16, 8))};
}

}  // namespace bench
