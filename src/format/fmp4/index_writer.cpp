#include <map>
#include <vector>

#include "format/fmp4/box.h"
#include "format/fmp4/index.h"

namespace format::fmp4 {

using base::Bytes;
using base::ByteWriter;

base::Result<Bytes> write_index(std::span<const IndexEntry> entries) {
    constexpr std::uint8_t wide_times = 1;
    constexpr std::uint32_t numbers_of_one_byte = 0;
    constexpr std::size_t mfro_size = 16;
    if (entries.size() > max_index_entries)
        return base::fail(base::ErrorCode::limit_exceeded,
                          "a recording with too many keyframes for its index");
    std::map<std::uint32_t, std::vector<IndexEntry>> tracks;
    for (const IndexEntry& entry : entries) tracks[entry.track].push_back(entry);

    Bytes out;
    write_box(out, box_type("mfra"), [&](ByteWriter&) {
        for (const auto& track : tracks)
            write_full_box(out, box_type("tfra"), wide_times, 0, [&](ByteWriter& box) {  // 8.8.10
                box.u32(track.first).u32(numbers_of_one_byte).u32(track.second.size());
                for (const IndexEntry& entry : track.second)
                    box.u64(entry.time).u64(entry.moof_offset).u8(entry.traf).u8(1).u8(1);
            });
        // By the size at the file's very end a reader finds the beginning of the index (8.8.11).
        write_full_box(out, box_type("mfro"), 0, 0,
                       [&](ByteWriter& box) { box.u32(out.size() - 12 + mfro_size); });
    });
    return out;
}

}  // namespace format::fmp4
