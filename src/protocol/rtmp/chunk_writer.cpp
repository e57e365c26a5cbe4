#include "protocol/rtmp/chunk_writer.h"

#include <algorithm>

#include "base/byte_writer.h"

namespace protocol::rtmp {
namespace {

constexpr std::uint32_t extended_timestamp = 0xffffff;

}  // namespace

void write_basic_header(base::Bytes& out, unsigned format, std::uint32_t chunk_stream) {
    base::ByteWriter writer(out);
    const unsigned high = format << 6;
    if (chunk_stream < 64)
        writer.u8(high | chunk_stream);
    else if (chunk_stream < 64 + 256)
        writer.u8(high).u8(chunk_stream - 64);
    else
        // The one place of the protocol, with the message stream id, that is little-endian.
        writer.u8(high | 1).u8((chunk_stream - 64) & 0xff).u8((chunk_stream - 64) >> 8);
}

void write_message(base::Bytes& out, const MessageHeader& header, base::ByteView body,
                   std::uint32_t chunk_size) {
    base::ByteWriter writer(out);
    const bool extended = header.timestamp >= extended_timestamp;
    write_basic_header(out, 0, header.chunk_stream);
    writer.u24(std::min(header.timestamp, extended_timestamp)).u24(body.size());
    writer.u8(static_cast<std::uint8_t>(header.type)).u32_le(header.stream_id);
    if (extended) writer.u32(header.timestamp);
    while (true) {
        const std::size_t count = std::min<std::size_t>(body.size(), chunk_size);
        writer.bytes(body.first(count));
        body = body.subspan(count);
        if (body.empty()) return;
        write_basic_header(out, 3, header.chunk_stream);
        if (extended) writer.u32(header.timestamp);
    }
}

}  // namespace protocol::rtmp
