#include "bench/tools/chunk_skimmer.h"

#include <algorithm>

namespace bench {
namespace {

using protocol::rtmp::MessageType;

constexpr std::array<std::size_t, 4> message_header_sizes{11, 7, 3, 0};

std::uint32_t number(const std::uint8_t* from, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | from[i];
    return value;
}

bool is_media(MessageType type) {
    return type == MessageType::audio || type == MessageType::video;
}

}  // namespace

// Takes bytes until the header (section 5.3.1) is whole; true when it is and payload follows.
bool ChunkSkimmer::take_header(base::ByteView& bytes) {
    const auto have = [&](std::size_t need) {
        const std::size_t count = std::min(need - std::min(need, filled_), bytes.size());
        std::copy_n(bytes.begin(), count, header_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += count;
        bytes = bytes.subspan(count);
        return filled_ >= need;
    };
    if (!have(1)) return false;
    const unsigned format = header_[0] >> 6;
    unsigned id = header_[0] & 0x3f;
    const std::size_t basic = id == 0 ? 2 : id == 1 ? 3 : 1;
    const std::size_t fixed = basic + message_header_sizes[format];
    if (!have(fixed)) return false;
    if (basic == 2) id = 64u + header_[1];
    if (basic == 3) id = 64u + header_[1] + 256u * header_[2];

    auto found = std::find_if(streams_.begin(), streams_.end(), [&](const auto& s) { return s.id == id; });
    if (found == streams_.end()) {
        sound_ = format < 2;
        if (!sound_) return false;
        found = streams_.insert(streams_.end(), ChunkStream{});
        found->id = id;
    }
    const std::uint8_t* fields = header_.data() + basic;
    const bool extended = format < 3 ? number(fields, 3) == 0xffffff : found->extended;
    if (extended && !have(fixed + 4)) return false;

    found->extended = extended;
    if (format < 2) {
        found->size = number(fields + 3, 3);
        found->type = static_cast<MessageType>(fields[6]);
    }
    if (format == 0)
        found->stream_id =
            static_cast<std::uint32_t>(fields[7] | fields[8] << 8 | fields[9] << 16 | fields[10] << 24);
    if (found->left == 0) {
        found->left = found->size;
        found->head.clear();
    }
    current_ = static_cast<std::size_t>(found - streams_.begin());
    chunk_left_ = std::min(found->left, chunk_size_);
    filled_ = 0;
    return true;
}

void ChunkSkimmer::take_payload(base::ByteView& bytes) {
    ChunkStream& stream = streams_[current_];
    const std::size_t count = std::min(chunk_left_, bytes.size());
    const std::size_t most = is_media(stream.type) ? kept_bytes : kept_command;
    if (stream.head.size() < most)
        base::append(stream.head, bytes.first(std::min(count, most - stream.head.size())));
    bytes = bytes.subspan(count);
    chunk_left_ -= count;
    stream.left -= count;
}

void ChunkSkimmer::obey(const ChunkStream& stream) {
    if (stream.type == MessageType::set_chunk_size && stream.head.size() >= 4)
        chunk_size_ = std::max<std::size_t>(1, number(stream.head.data(), 4) & 0x7fffffff);
}

}  // namespace bench
