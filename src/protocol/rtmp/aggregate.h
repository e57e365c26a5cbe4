// Splits aggregate messages (specification 1.0, section 7.1.6). Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "protocol/rtmp/message.h"

namespace protocol::rtmp {

// A sub message costs a sender 15 bytes and us far more.
inline constexpr std::size_t max_sub_messages = 1024;

// The audio, video and data messages inside; their bodies share the aggregate's. The first one has the
// aggregate's timestamp, the others keep their distance to it. Errors: malformed, limit_exceeded.
base::Result<std::vector<Message>> split_aggregate(const Message& aggregate);

}  // namespace protocol::rtmp
