// SinkSession: a platform as far as a publisher can tell: takes any key, and looks at each frame's stamp.
// Sans-I/O: bytes in, bytes out. Owned by its connection in sink.cpp.
#pragma once

#include <functional>
#include <string>

#include "bench/tools/chunk_skimmer.h"
#include "bench/tools/stamp.h"
#include "protocol/rtmp/command.h"
#include "protocol/rtmp/handshake.h"

namespace bench {

class SinkSession {
  public:
    // Called for each coded frame that carries a stamp.
    using OnFrame = std::function<void(const Stamp&)>;

    explicit SinkSession(OnFrame on_frame) : on_frame_(std::move(on_frame)) {}

    bool feed(base::ByteView bytes);
    base::Bytes take_output() { return std::exchange(output_, {}); }
    bool publishing() const { return publishing_; }
    const std::string& key() const { return key_; }

  private:
    void take(const SkimmedMessage& message);
    void answer(const protocol::rtmp::Command& command, std::uint32_t stream_id);
    void send(protocol::rtmp::MessageType type, base::ByteView body, std::uint32_t stream_id = 0);
    void acknowledge(std::size_t count);

    // As large as a platform's that acknowledges seldom.
    static constexpr std::uint32_t window = 2'500'000;

    OnFrame on_frame_;
    protocol::rtmp::ServerHandshake handshake_;
    ChunkSkimmer skimmer_;
    base::Bytes output_;
    std::string key_;
    bool publishing_ = false;
    std::uint32_t received_ = 0;
    std::uint32_t acknowledged_ = 0;
};

}  // namespace bench
