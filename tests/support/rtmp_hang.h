// RtmpHang: keeps back what an RTMP server says from a given step of the handshake on, so that a peer hangs
// there. Pure; owned by its flow.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "protocol/rtmp/chunk_reader.h"

namespace test_support {

// The answer that never comes.
enum class Hang : std::uint8_t {
    none,
    s0,  // before the first byte; under TLS: before the server's hello
    s1,  // after S0
    s2,  // after S1
    connect,
    create_stream,
    publish,
};

class RtmpHang {
  public:
    void set(Hang at) { at_ = at; }
    // What may go on of all that came so far.
    base::Bytes pass(base::ByteView more);

  private:
    std::size_t free_bytes();

    Hang at_ = Hang::none;
    base::Bytes kept_;
    std::uint64_t passed_ = 0;
    protocol::rtmp::ChunkReader reader_{protocol::rtmp::limits_of_destination};
    // Of the kept bytes, those that the reader has seen, and up to where whole messages may go.
    std::size_t seen_ = 0;
    std::size_t whole_ = 0;
    bool reached_ = false;
};

}  // namespace test_support
