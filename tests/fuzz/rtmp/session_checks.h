// What holds for whatever a session says, whoever it talks to.
#pragma once

#include <cstdint>

#include "fuzz/require.h"
#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/handshake.h"

namespace fuzz {

// Reads what a session sends: chunks that any peer can read, and no more of them than its input is worth.
class SaidBySession {
  public:
    void hear(base::ByteView bytes) {
        total_ += bytes.size();
        const std::size_t handshake = std::min(handshake_left_, bytes.size());
        handshake_left_ -= handshake;
        bytes = bytes.subspan(handshake);
        while (true) {
            auto progress = reader_.read(bytes);
            require(progress.has_value());
            if (!progress->message) break;
            bytes = bytes.subspan(progress->used);
        }
    }
    // Between messages, and within what `heard` bytes and the owner's own calls may cost.
    void finish(std::size_t heard) const {
        // A command of 20 bytes gets an answer of some 200; how many there may be, the session bounds itself.
        constexpr std::size_t for_nothing = 8 * 1024;
        constexpr std::size_t times = 40;
        require(reader_.buffered_bytes() == 0 && total_ <= for_nothing + times * heard);
    }

  private:
    std::size_t handshake_left_ = 1 + 2 * protocol::rtmp::handshake_packet_size;
    std::size_t total_ = 0;
    protocol::rtmp::ChunkReader reader_{protocol::rtmp::limits_of_destination};
};

}  // namespace fuzz
