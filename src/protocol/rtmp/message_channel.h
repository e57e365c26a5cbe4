// MessageChannel: what both sides of an RTMP connection do alike after the handshake: chunks in and out,
// acknowledgements, windows and pings. A session owns one and gives it every slice it receives.
#pragma once

#include <optional>

#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/chunk_writer.h"
#include "protocol/rtmp/command.h"
#include "protocol/rtmp/control.h"

namespace protocol::rtmp {

class MessageChannel {
  public:
    // Commands and pings cost us an answer each; a peer may have so many a second, and so many at once.
    static constexpr std::int64_t requests_per_second = 20;
    static constexpr std::int64_t requests_at_once = 100;
    // Used until the peer names a window. A smaller one than the smallest is acknowledged at that rate; zero
    // and more than the largest, which nobody could mean, are ignored.
    static constexpr std::uint32_t default_window = 2'500'000;
    static constexpr std::uint32_t smallest_window = 4'096;
    static constexpr std::uint32_t largest_window = 1u << 30;

    explicit MessageChannel(const ChunkLimits& limits) : reader_(limits) {}

    // A slice came in. Once for each, before any of it is read.
    void received(std::size_t count, base::MonotonicTime now);
    base::Result<ChunkReader::Progress> read(base::ByteView bytes) { return reader_.read(bytes); }
    void set_limits(const ChunkLimits& limits) { reader_.set_limits(limits); }

    // Obeys and answers what concerns the connection alone; true when the message was of that kind.
    base::Result<bool> handle(const Message& message);
    // Before each command that is read. Error: limit_exceeded.
    base::Result<> spend_request();

    void announce_chunk_size(std::uint32_t chunk_size);
    void announce_window(std::uint32_t bytes);
    void send_control(MessageType type, base::ByteView body);
    void send_user_control(const UserControl& control);
    void send_command(const Command& command, std::uint32_t stream_id = 0,
                      std::uint32_t chunk_stream = chunk_stream::command);
    void send_data(const std::vector<AmfValue>& values, std::uint32_t stream_id);
    void send_bytes(base::ByteView bytes) { base::append(output_, bytes); }

    base::Bytes take_output() { return std::exchange(output_, {}); }
    // The total that the peer acknowledged last, once.
    std::optional<std::uint32_t> take_acknowledged() { return std::exchange(acknowledged_, std::nullopt); }
    std::size_t buffered_bytes() const { return reader_.buffered_bytes(); }

  private:
    ChunkReader reader_;
    base::Bytes output_;
    std::uint32_t out_chunk_size_ = default_chunk_size;

    std::uint32_t received_ = 0;  // wraps, as on the wire
    std::uint32_t acknowledged_at_ = 0;
    std::uint32_t window_ = default_window;
    std::uint32_t announced_window_ = 0;
    std::optional<std::uint32_t> acknowledged_;

    std::int64_t request_micros_ = requests_at_once * micros_per_request;
    std::optional<base::MonotonicTime> requests_paid_at_;
    static constexpr std::int64_t micros_per_request = 1'000'000 / requests_per_second;
};

}  // namespace protocol::rtmp
