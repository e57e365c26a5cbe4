// Messages → chunks (specification 1.0, section 5.3.1), contiguous, for control, commands and other small
// things; media goes through MediaWriter, which copies nothing. Every message gets a full (type 0) header.
#pragma once

#include "protocol/rtmp/message.h"

namespace protocol::rtmp {

inline constexpr std::uint32_t smallest_chunk_stream_id = 2;
inline constexpr std::uint32_t largest_chunk_stream_id = 65'599;

struct MessageHeader {
    std::uint32_t chunk_stream = 0;
    MessageType type{};
    std::uint32_t stream_id = 0;
    std::uint32_t timestamp = 0;
};

// The 1, 2 or 3 bytes of section 5.3.1.1; `format` is 0 to 3.
void write_basic_header(base::Bytes& out, unsigned format, std::uint32_t chunk_stream);
// Appends the whole message. `chunk_size` is what the peer was told last.
void write_message(base::Bytes& out, const MessageHeader& header, base::ByteView body,
                   std::uint32_t chunk_size);

}  // namespace protocol::rtmp
