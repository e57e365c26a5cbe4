// FlvPost: sends the stream to a bridge as FLV in one chunked HTTP/1.1 POST (RFC 9112, section 7.1).
// Sans-I/O. The stream key, where the destination has one, goes in the header X-Stream-Key.
#pragma once

#include "output/rtmp/push_protocol.h"

namespace output::rtmp {

// What a bridge may say before it is taken for no bridge.
inline constexpr std::size_t max_answer = 16 * 1024;

class FlvPost final : public PushProtocol {
  public:
    FlvPost(const net::PushUrl& url, const base::Secret& key, const hub::HeadersPtr& headers);

    base::Result<> consume(base::ByteView bytes, base::MonotonicTime now) override;
    base::Result<> tick(base::MonotonicTime) override { return {}; }
    std::optional<base::MonotonicTime> deadline() const override { return std::nullopt; }
    std::optional<PushEvent> next_event() override { return std::exchange(event_, std::nullopt); }
    base::Bytes take_output() override { return std::exchange(output_, {}); }
    Written write(base::GatherList& out, const hub::BatchPtr& batch, RecentWire& recent) override;
    void finish() override;
    bool key_sent() const override { return false; }
    std::string doing() const override { return "posting the stream"; }

  private:
    base::Bytes output_;
    std::string answer_;
    std::optional<media::Timestamp> base_;
    // A bridge takes the stream from the first byte on: there is nothing to wait for.
    std::optional<PushEvent> event_{Accepted{}};
};

}  // namespace output::rtmp
