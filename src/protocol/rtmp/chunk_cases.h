// Chunk streams, good and hostile, for tests and fuzz corpora; and a builder that writes any chunk, allowed
// or not.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/chunk_writer.h"
#include "protocol/rtmp/control.h"

namespace protocol::rtmp {

struct PlainMessage {
    MessageType type{};
    std::uint32_t stream_id = 0;
    std::uint32_t timestamp = 0;
    base::Bytes body;
    bool operator==(const PlainMessage&) const = default;
};

inline PlainMessage plain(const Message& message) {
    return {message.type,
            message.stream_id,
            message.timestamp,
            {message.body.view().begin(), message.body.view().end()}};
}

struct ChunkCase {
    std::string name;
    base::Bytes bytes;
    std::vector<PlainMessage> messages = {};
    std::optional<base::ErrorCode> error = {};
    ChunkLimits limits = limits_before_publish;
};

inline base::Bytes filled(std::size_t size, std::uint8_t seed = 0) {
    base::Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + seed);
    return bytes;
}

class ChunkBuilder {
  public:
    struct Header {
        std::uint32_t time = 0;
        std::uint32_t length = 0;
        MessageType type = MessageType::video;
        std::uint32_t stream_id = 1;
    };

    // Formats 0 to 2 get an extended timestamp when the time needs one.
    ChunkBuilder& chunk(unsigned format, std::uint32_t id, const Header& header, base::ByteView payload) {
        write_basic_header(bytes_, format, id);
        base::ByteWriter out(bytes_);
        if (format <= 2) out.u24(std::min<std::uint32_t>(header.time, 0xffffff));
        if (format <= 1) out.u24(header.length).u8(static_cast<std::uint8_t>(header.type));
        if (format == 0) out.u32_le(header.stream_id);
        if (format <= 2 && header.time >= 0xffffff) out.u32(header.time);
        out.bytes(payload);
        return *this;
    }
    ChunkBuilder& continuation(std::uint32_t id, base::ByteView payload,
                               std::optional<std::uint32_t> extended = std::nullopt) {
        write_basic_header(bytes_, 3, id);
        base::ByteWriter out(bytes_);
        if (extended) out.u32(*extended);
        out.bytes(payload);
        return *this;
    }
    ChunkBuilder& message(MessageType type, base::ByteView body, std::uint32_t id = chunk_stream::control) {
        write_message(bytes_, {id, type}, body, max_chunk_size);
        return *this;
    }
    ChunkBuilder& number(MessageType type, std::uint32_t value) { return message(type, write_number(value)); }

    operator base::Bytes() const { return bytes_; }

  private:
    base::Bytes bytes_;
};

inline std::vector<ChunkCase> chunk_cases() {
    using base::ErrorCode;
    constexpr auto video = MessageType::video;
    constexpr auto audio = MessageType::audio;
    const auto part = [](const base::Bytes& body, std::size_t from, std::size_t count) {
        return base::ByteView(body).subspan(from, count);
    };
    const base::Bytes small = filled(5);
    const base::Bytes two = filled(200);
    const base::ByteView first = part(two, 0, 128);
    const base::ByteView second = part(two, 128, 72);
    constexpr std::uint32_t late = 0x01020304;
    ChunkLimits tight = limits_before_publish;
    tight.chunk_streams = 2;
    ChunkLimits roomy = limits_of_publisher;

    const auto declare = [&](std::uint32_t length) {
        return ChunkBuilder().chunk(0, 4, {0, length, video, 1}, filled(1));
    };
    const auto streams = [&](std::uint32_t count) {
        ChunkBuilder builder;
        for (std::uint32_t i = 0; i < count; ++i) builder.chunk(0, 3 + i, {0, 0, video, 1}, {});
        return builder;
    };
    const auto nothings = [&](std::uint32_t count) {
        return std::vector<PlainMessage>(count, {video, 1, 0, {}});
    };

    return {
        {"format 0", ChunkBuilder().chunk(0, 3, {77, 5, audio, 9}, small), {{audio, 9, 77, small}}},
        {"formats 0, 1, 2, 3",
         ChunkBuilder()
             .chunk(0, 3, {1000, 5, audio, 1}, small)
             .chunk(1, 3, {20, 200, video, 1}, first)
             .continuation(3, second)
             .chunk(2, 3, {30, 0}, first)
             .continuation(3, second)
             .continuation(3, first)
             .continuation(3, second),
         {{audio, 1, 1000, small}, {video, 1, 1020, two}, {video, 1, 1050, two}, {video, 1, 1080, two}}},
        {"format 3 right after format 0 has its time",
         ChunkBuilder().chunk(0, 3, {1000, 5, audio, 1}, small).continuation(3, small),
         {{audio, 1, 1000, small}, {audio, 1, 1000, small}}},
        {"format 1 first, as librtmp's ping",
         ChunkBuilder().chunk(1, 2, {0, 6, MessageType::user_control}, filled(6)),
         {{MessageType::user_control, 0, 0, filled(6)}}},
        {"chunk stream of two bytes",
         ChunkBuilder().chunk(0, 64, {0, 5, audio, 1}, small),
         {{audio, 1, 0, small}}},
        {"chunk stream 319", ChunkBuilder().chunk(0, 319, {0, 5, audio, 1}, small), {{audio, 1, 0, small}}},
        {"chunk stream of three bytes",
         ChunkBuilder().chunk(0, 320, {0, 5, audio, 1}, small),
         {{audio, 1, 0, small}}},
        {"chunk stream 65,599",
         ChunkBuilder().chunk(0, 65'599, {0, 200, audio, 1}, first).continuation(65'599, second),
         {{audio, 1, 0, two}}},
        {"interleaved",
         ChunkBuilder()
             .chunk(0, 4, {10, 200, video, 1}, first)
             .chunk(0, 5, {11, 5, audio, 1}, small)
             .continuation(4, second),
         {{audio, 1, 11, small}, {video, 1, 10, two}}},
        {"zero length",
         ChunkBuilder().chunk(0, 4, {5, 0, video, 1}, {}).continuation(4, {}),
         {{video, 1, 5, {}}, {video, 1, 5, {}}}},
        {"time 0xfffffe",
         ChunkBuilder().chunk(0, 4, {0xfffffe, 5, video, 1}, small),
         {{video, 1, 0xfffffe, small}}},
        {"time 0xffffff",
         ChunkBuilder().chunk(0, 4, {0xffffff, 5, video, 1}, small),
         {{video, 1, 0xffffff, small}}},
        {"time 0x1000000",
         ChunkBuilder().chunk(0, 4, {0x1000000, 5, video, 1}, small),
         {{video, 1, 0x1000000, small}}},
        {"extended time, repeated",
         ChunkBuilder().chunk(0, 4, {late, 200, video, 1}, first).continuation(4, second, late),
         {{video, 1, late, two}}},
        {"extended time, not repeated",
         ChunkBuilder()
             .chunk(0, 4, {late, 200, video, 1}, first)
             .continuation(4, second)
             .chunk(0, 4, {late, 5, video, 1}, small),
         {{video, 1, late, two}, {video, 1, late, small}}},
        {"extended time, not repeated before a tail of one byte",
         ChunkBuilder()
             .chunk(0, 4, {late, 129, video, 1}, first)
             .continuation(4, part(two, 128, 1))
             .chunk(0, 4, {late, 5, video, 1}, small),
         {{video, 1, late, filled(129)}, {video, 1, late, small}}},
        {"extended delta, repeated as the absolute time",
         ChunkBuilder()
             .chunk(0, 4, {7, 5, video, 1}, small)
             .chunk(1, 4, {late, 200, video}, first)
             .continuation(4, second, late + 7),
         {{video, 1, 7, small}, {video, 1, late + 7, two}}},
        {"extended delta, repeated as the delta",
         ChunkBuilder()
             .chunk(0, 4, {7, 5, video, 1}, small)
             .chunk(1, 4, {late, 200, video}, first)
             .continuation(4, second, late)
             .continuation(4, first, late)
             .continuation(4, second, late),
         {{video, 1, 7, small}, {video, 1, late + 7, two}, {video, 1, 2 * late + 7, two}}},
        {"time that wraps",
         ChunkBuilder().chunk(0, 4, {0xffffffff, 5, video, 1}, small).chunk(2, 4, {2, 0}, small),
         {{video, 1, 0xffffffff, small}, {video, 1, 1, small}}},
        {"set chunk size",
         ChunkBuilder().number(MessageType::set_chunk_size, 4096).chunk(0, 4, {0, 200, video, 1}, two),
         {{video, 1, 0, two}}},
        {"set chunk size inside a message",
         ChunkBuilder()
             .chunk(0, 4, {0, 200, video, 1}, first)
             .number(MessageType::set_chunk_size, 4096)
             .continuation(4, second)
             .chunk(1, 4, {0, 200, video}, two),
         {{video, 1, 0, two}, {video, 1, 0, two}}},
        {"smallest chunk size", ChunkBuilder().number(MessageType::set_chunk_size, 128)},
        {"largest chunk size", ChunkBuilder().number(MessageType::set_chunk_size, 0xffffff)},
        {"chunk size with the top bit set",
         ChunkBuilder().number(MessageType::set_chunk_size, 0x80001000).chunk(0, 4, {0, 200, video, 1}, two),
         {{video, 1, 0, two}}},
        {"abort",
         ChunkBuilder()
             .chunk(0, 4, {9, 200, video, 1}, first)
             .number(MessageType::abort, 4)
             .chunk(0, 4, {10, 5, video, 1}, small),
         {{video, 1, 10, small}}},
        {"abort of nothing", ChunkBuilder().number(MessageType::abort, 4)},
        {"a full header goes on with the message",
         ChunkBuilder().chunk(0, 4, {9, 200, video, 1}, first).chunk(0, 4, {9, 200, video, 1}, second),
         {{video, 1, 9, two}}},
        {"chunk streams at their limit", streams(2), nothings(2), {}, tight},
        {"chunk streams at their limit before publish", streams(8), nothings(8)},
        {"chunk streams at their limit after publish", streams(64), nothings(64), {}, roomy},
        {"message at its limit before publish", declare(limits_before_publish.message_size)},
        {"message at its limit after publish", declare(limits_of_publisher.message_size), {}, {}, roomy},
        {"nothing", {}},
        {"a header cut", base::from_hex("04000000")},

        {"format 2 without a past", ChunkBuilder().chunk(2, 4, {0, 0}, small), {}, ErrorCode::malformed},
        {"format 3 without a past", ChunkBuilder().continuation(4, small), {}, ErrorCode::malformed},
        {"chunk size 127",
         ChunkBuilder().number(MessageType::set_chunk_size, 127),
         {},
         ErrorCode::limit_exceeded},
        {"chunk size 1",
         ChunkBuilder().number(MessageType::set_chunk_size, 1),
         {},
         ErrorCode::limit_exceeded},
        {"chunk size 0",
         ChunkBuilder().number(MessageType::set_chunk_size, 0),
         {},
         ErrorCode::limit_exceeded},
        {"chunk size 0x1000000",
         ChunkBuilder().number(MessageType::set_chunk_size, 0x1000000),
         {},
         ErrorCode::limit_exceeded},
        // nginx-rtmp 1042: a buffer of the declared chunk size.
        {"chunk size 0x7fffffff",
         ChunkBuilder().number(MessageType::set_chunk_size, 0x7fffffff),
         {},
         ErrorCode::limit_exceeded},
        {"set chunk size cut",
         ChunkBuilder().message(MessageType::set_chunk_size, filled(3)),
         {},
         ErrorCode::malformed},
        {"abort cut", ChunkBuilder().message(MessageType::abort, filled(3)), {}, ErrorCode::malformed},
        {"chunk streams past their limit", streams(3), nothings(2), ErrorCode::limit_exceeded, tight},
        {"chunk streams past their limit before publish", streams(9), nothings(8), ErrorCode::limit_exceeded},
        {"chunk streams past their limit after publish", streams(65), nothings(64), ErrorCode::limit_exceeded,
         roomy},
        {"message past its limit before publish",
         declare(limits_before_publish.message_size + 1),
         {},
         ErrorCode::limit_exceeded},
        {"message past its limit after publish",
         declare(limits_of_publisher.message_size + 1),
         {},
         ErrorCode::limit_exceeded,
         roomy},
        {"message of 16 MiB", declare(0xffffff), {}, ErrorCode::limit_exceeded, roomy},
        // FFmpeg CVE-2016-10191, CVE-2016-10192, librtmp CVE-2015-8270 and 8271, OME 2312: the length grows,
        // or shrinks under what has been received, while the message is partly there.
        {"length grows inside a message",
         ChunkBuilder().chunk(0, 4, {9, 200, video, 1}, first).chunk(0, 4, {9, 5000, video, 1}, second),
         {},
         ErrorCode::malformed},
        {"length shrinks inside a message",
         ChunkBuilder().chunk(0, 4, {9, 200, video, 1}, first).chunk(1, 4, {9, 1, video}, filled(1)),
         {},
         ErrorCode::malformed},
        {"type changes inside a message",
         ChunkBuilder().chunk(0, 4, {9, 200, video, 1}, first).chunk(1, 4, {9, 200, audio}, second),
         {},
         ErrorCode::malformed},
    };
}

}  // namespace protocol::rtmp
