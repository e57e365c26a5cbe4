// Protocol control and user control messages (specification 1.0, sections 5.4 and 7.1.7) as values ↔ bodies.
// Pure.
#pragma once

#include "base/result.h"
#include "protocol/rtmp/message.h"

namespace protocol::rtmp {

enum class UserEvent : std::uint16_t {
    stream_begin = 0,
    stream_eof = 1,
    stream_dry = 2,
    set_buffer_length = 3,
    stream_is_recorded = 4,
    ping_request = 6,
    ping_response = 7,
};

struct UserControl {
    UserEvent event{};
    std::uint32_t value = 0;   // a message stream id, or a ping's time
    std::uint32_t second = 0;  // set_buffer_length: milliseconds
};

enum class BandwidthLimit : std::uint8_t { hard = 0, soft = 1, dynamic = 2 };

// Set Chunk Size, Abort, Acknowledgement, Window Acknowledgement Size: one number each.
base::Bytes write_number(std::uint32_t value);
base::Bytes write_peer_bandwidth(std::uint32_t bytes, BandwidthLimit limit);
base::Bytes write_user_control(const UserControl& control);

// Errors: malformed, for a body that is too short. Longer ones are read as far as they are known.
base::Result<std::uint32_t> read_number(const Message& message);
base::Result<UserControl> read_user_control(const Message& message);

}  // namespace protocol::rtmp
