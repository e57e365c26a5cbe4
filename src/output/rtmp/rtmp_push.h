// RtmpPush: publishes to an RTMP server by a ClientSession. Sans-I/O.
#pragma once

#include "output/rtmp/push_protocol.h"
#include "protocol/rtmp/client_session.h"

namespace output::rtmp {

class RtmpPush final : public PushProtocol {
  public:
    RtmpPush(protocol::rtmp::ClientSettings settings, base::MonotonicTime now);

    base::Result<> consume(base::ByteView bytes, base::MonotonicTime now) override {
        return session_.consume(bytes, now);
    }
    base::Result<> tick(base::MonotonicTime now) override { return session_.tick(now); }
    std::optional<base::MonotonicTime> deadline() const override { return session_.deadline(); }
    std::optional<PushEvent> next_event() override;
    base::Bytes take_output() override { return session_.take_output(); }
    Written write(base::GatherList& out, const hub::BatchPtr& batch, RecentWire& recent) override {
        return writer_->write(out, batch, recent);
    }
    void finish() override { session_.finish(); }
    bool key_sent() const override;
    std::string doing() const override;

  private:
    std::uint32_t chunk_size_;
    protocol::rtmp::ClientSession session_;
    std::optional<BatchWriter> writer_;
};

// The settings that publish to `url` with `key`, as OBS would.
protocol::rtmp::ClientSettings client_settings(const net::PushUrl& url, const base::Secret& key);

}  // namespace output::rtmp
