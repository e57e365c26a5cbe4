// ChunkSkimmer: RTMP chunks → messages, of which only the beginning is kept. A sink of 750 MB/s has no time
// for bodies; commands are kept whole. Trusts its peer: it is a measuring instrument. One connection.
#pragma once

#include <array>
#include <vector>

#include "base/bytes.h"
#include "protocol/rtmp/message.h"

namespace bench {

struct SkimmedMessage {
    protocol::rtmp::MessageType type{};
    std::uint32_t stream_id = 0;
    std::size_t size = 0;
    base::ByteView head;  // all of it, or its first kept_bytes
};

class ChunkSkimmer {
  public:
    static constexpr std::size_t kept_bytes = 64;
    static constexpr std::size_t kept_command = 16 * 1024;

    // Calls `taken` for each message that these bytes complete. False: this is no RTMP.
    template <class Taken>
    bool feed(base::ByteView bytes, Taken&& taken) {
        while (!bytes.empty()) {
            if (chunk_left_ == 0 && !take_header(bytes)) return sound_;
            take_payload(bytes);
            ChunkStream& stream = streams_[current_];
            if (stream.left > 0 || chunk_left_ > 0) continue;
            taken(SkimmedMessage{stream.type, stream.stream_id, stream.size, stream.head});
            obey(stream);
        }
        return sound_;
    }

  private:
    struct ChunkStream {
        unsigned id = 0;
        protocol::rtmp::MessageType type{};
        std::uint32_t stream_id = 0;
        std::size_t size = 0;
        std::size_t left = 0;
        bool extended = false;
        base::Bytes head;
    };

    bool take_header(base::ByteView& bytes);
    void take_payload(base::ByteView& bytes);
    void obey(const ChunkStream& stream);

    std::size_t chunk_size_ = 128;
    std::vector<ChunkStream> streams_;
    std::size_t current_ = 0;
    std::size_t chunk_left_ = 0;
    std::array<std::uint8_t, 18> header_{};
    std::size_t filled_ = 0;
    bool sound_ = true;
};

}  // namespace bench
