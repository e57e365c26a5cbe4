// What a replay needs of a recorded file that is in the object store: where its head ends and its segments
// begin, kept beside where it was as {number}.index. Pure; any thread.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "service/vod_index.h"

namespace service {

// At four seconds each, more than nine days.
inline constexpr std::size_t max_index_segments = 200'000;

struct SavedIndex {
    std::uint64_t init_size = 0;
    std::vector<VodSegment> segments;
};

// Nothing for more segments than the limit.
std::optional<base::Bytes> write_index(const SavedIndex& index);
// Nothing for what was not written so, to the last byte.
std::optional<SavedIndex> read_index(base::ByteView bytes);
inline constexpr std::size_t max_index_size = 4 + 2 + 8 + 4 + max_index_segments * 25 + 4;

}  // namespace service
