// A chunk stream as a list of messages that can be changed and written again: what the mutators of the RTMP
// targets work on, so that what they make has valid chunk framing and the code behind it is reached.
#pragma once

#include <vector>

#include "protocol/rtmp/message.h"

namespace fuzz {

// Small and the same everywhere: a mutation is to be repeated from its seed.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}

    // 0 … count - 1; 0 when there is nothing to choose from.
    std::size_t below(std::size_t count) {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return count == 0 ? 0 : static_cast<std::size_t>(state_ >> 33) % count;
    }
    bool one_in(std::size_t count) { return below(count) == 0; }

  private:
    std::uint64_t state_;
};

struct WireMessage {
    std::uint32_t chunk_stream = 0;
    protocol::rtmp::MessageType type{};
    std::uint32_t stream_id = 0;
    std::uint32_t timestamp = 0;
    base::Bytes body;
};

// The messages of a chunk stream up to the first byte that is none, complete ones only.
std::vector<WireMessage> read_wire(base::ByteView bytes);

// Chunks of every format that is allowed where they stand, now and then of several messages in turn. At most
// `max_size` bytes: what is over is cut off.
base::Bytes write_wire(const std::vector<WireMessage>& messages, Random& random, std::size_t max_size);

}  // namespace fuzz
