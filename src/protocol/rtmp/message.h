// RTMP messages (specification 1.0, section 5.4 and 7.1): what the chunk layer carries.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace protocol::rtmp {

enum class MessageType : std::uint8_t {
    set_chunk_size = 1,
    abort = 2,
    acknowledgement = 3,
    user_control = 4,
    window_ack_size = 5,
    set_peer_bandwidth = 6,
    audio = 8,
    video = 9,
    data_amf3 = 15,
    command_amf3 = 17,
    data_amf0 = 18,
    command_amf0 = 20,
    aggregate = 22,
};

struct Message {
    MessageType type{};
    // Message stream id: 0 for the connection itself.
    std::uint32_t stream_id = 0;
    // Milliseconds as on the wire: 32 bits that wrap. Ingest unwraps them into media::Timestamp.
    std::uint32_t timestamp = 0;
    base::SharedBytes body;
};

// Chunk stream ids that we send on (section 5.3.1.1: 2 is the protocol's own).
namespace chunk_stream {
inline constexpr std::uint32_t control = 2;
inline constexpr std::uint32_t command = 3;
inline constexpr std::uint32_t audio = 4;
inline constexpr std::uint32_t data = 5;
inline constexpr std::uint32_t video = 6;
inline constexpr std::uint32_t publish = 8;
}  // namespace chunk_stream

}  // namespace protocol::rtmp
