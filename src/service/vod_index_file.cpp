#include "service/vod_index_file.h"

#include <zlib.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace service {
namespace {

constexpr std::uint32_t magic = 0x45564958;  // "EVIX"
constexpr std::uint16_t version = 1;
constexpr std::size_t segment_size = 25;
constexpr std::uint8_t flag_after_gap = 1;
constexpr std::uint8_t flag_independent = 2;

std::uint32_t checksum(base::ByteView bytes) {
    return static_cast<std::uint32_t>(::crc32_z(0, bytes.data(), bytes.size()));
}

}  // namespace

std::optional<base::Bytes> write_index(const SavedIndex& index) {
    if (index.segments.size() > max_index_segments) return std::nullopt;
    base::Bytes bytes;
    base::ByteWriter writer(bytes);
    writer.u32(magic).u16(version).u64(index.init_size).u32(index.segments.size());
    for (const VodSegment& segment : index.segments)
        writer.u64(segment.offset)
            .u64(segment.size)
            .u64(static_cast<std::uint64_t>(segment.duration.count()))
            .u8((segment.after_gap ? flag_after_gap : 0U) | (segment.independent ? flag_independent : 0U));
    writer.u32(checksum(bytes));
    return bytes;
}

std::optional<SavedIndex> read_index(base::ByteView bytes) {
    if (bytes.size() < 4 || bytes.size() > max_index_size) return std::nullopt;
    const base::ByteView content = bytes.first(bytes.size() - 4);
    if (base::ByteReader(bytes.last(4)).u32() != checksum(content)) return std::nullopt;
    base::ByteReader reader(content);
    if (reader.u32() != magic || reader.u16() != version) return std::nullopt;
    SavedIndex index;
    index.init_size = reader.u64();
    const std::size_t count = reader.u32();
    if (reader.failed() || count > max_index_segments || reader.remaining() != count * segment_size)
        return std::nullopt;
    index.segments.reserve(count);
    std::uint64_t end = index.init_size;
    for (std::size_t i = 0; i < count; ++i) {
        VodSegment segment;
        segment.offset = reader.u64();
        segment.size = reader.u64();
        const std::uint64_t duration = reader.u64();
        const std::uint8_t flags = reader.u8();
        constexpr std::uint64_t most = std::uint64_t{1} << 62;
        if (segment.offset < end || segment.size == 0 || segment.size > most || segment.offset > most ||
            duration == 0 || duration > most || flags > (flag_after_gap | flag_independent))
            return std::nullopt;
        end = segment.offset + segment.size;
        segment.duration = std::chrono::microseconds(duration);
        segment.after_gap = (flags & flag_after_gap) != 0;
        segment.independent = (flags & flag_independent) != 0;
        index.segments.push_back(segment);
    }
    return index;
}

}  // namespace service
