#include "protocol/rtmp/media_writer.h"

#include <algorithm>

namespace protocol::rtmp {
namespace {

constexpr std::uint32_t extended_mark = 0xffffff;
// In the order of their marks.
constexpr std::array<std::uint8_t, 3> chunk_streams{chunk_stream::audio, chunk_stream::video,
                                                    chunk_stream::data};
// Their type 3 headers: constant, so that continuations can refer to them.
constexpr std::array<std::uint8_t, 3> continuations{0xc0 | chunk_stream::audio, 0xc0 | chunk_stream::video,
                                                    0xc0 | chunk_stream::data};

// Big-endian numbers, put together without an allocation: there is one for each frame and connection.
class Header {
  public:
    void add(std::uint32_t value, unsigned count) {
        for (unsigned shift = count * 8; shift > 0; shift -= 8)
            bytes_[size_++] = static_cast<std::uint8_t>(value >> (shift - 8));
    }
    base::ByteView view() const { return base::ByteView(bytes_).first(size_); }

  private:
    std::array<std::uint8_t, 16> bytes_;  // basic header, 11 of the message header, extended timestamp
    std::size_t size_ = 0;
};

}  // namespace

bool MediaWriter::write(base::GatherList& out, MessageType type, std::uint32_t timestamp,
                        base::ByteView prefix, base::ByteView body) {
    const std::size_t index = mark_of(type);
    std::optional<std::uint32_t>& mark = marks_[index];
    // A difference of half the range or more is a step back, which only a full header can express.
    const std::uint32_t difference = timestamp - mark.value_or(0);
    const bool full = !mark || difference >= 0x80000000u;
    const std::uint32_t time = full ? timestamp : difference;
    const bool extended = time >= extended_mark;

    Header header;
    header.add((full ? 0x00u : 0x40u) | chunk_streams[index], 1);
    header.add(extended ? extended_mark : time, 3);
    header.add(static_cast<std::uint32_t>(prefix.size() + body.size()), 3);
    header.add(static_cast<std::uint32_t>(type), 1);
    // The message stream id is little-endian, alone among all numbers of this protocol
    // (section 5.3.1.2.1).
    if (full) header.add(__builtin_bswap32(message_stream_id_), 4);
    if (extended) header.add(time, 4);
    out.add_copy(header.view());
    mark = timestamp;
    const base::ByteView continuation(&continuations[index], 1);

    // A continuation repeats the extended timestamp (section 5.3.1.3).
    std::array<std::uint8_t, 5> long_continuation{};
    if (extended) {
        long_continuation[0] = continuation[0];
        for (int i = 0; i < 4; ++i)
            long_continuation[static_cast<std::size_t>(i) + 1] =
                static_cast<std::uint8_t>(time >> (24 - 8 * i));
    }
    std::size_t room = chunk_size_;
    for (base::ByteView part : {prefix, body}) {
        while (!part.empty()) {
            if (room == 0) {
                if (extended)
                    out.add_copy(long_continuation);
                else
                    out.add_view(continuation);
                room = chunk_size_;
            }
            const std::size_t take = std::min(room, part.size());
            out.add_view(part.first(take));
            part = part.subspan(take);
            room -= take;
        }
    }
    return !full;
}

base::ByteView set_data_frame_prefix() {
    static constexpr std::uint8_t prefix[] = {0x02, 0x00, 0x0d, '@', 's', 'e', 't', 'D',
                                              'a',  't',  'a',  'F', 'r', 'a', 'm', 'e'};
    return prefix;
}

}  // namespace protocol::rtmp
