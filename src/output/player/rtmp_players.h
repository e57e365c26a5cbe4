// RtmpPlayers: RTMP connections that play a stream. Each is a reader of its own: a slow one loses pictures,
// nobody else notices. Any thread; app/ owns it.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory_gauge.h"
#include "hub/stream.h"
#include "media/play_permit.h"
#include "net/acceptor.h"
#include "net/io_pool.h"
#include "protocol/rtmp/server_session.h"

namespace output::player {

struct PlayerSettings {
    // A player that takes nothing for this long is let go.
    std::chrono::milliseconds no_progress{10'000};
    // The same while memory is short.
    std::chrono::milliseconds no_progress_when_short{1'000};
};

class RtmpPlayers {
  public:
    // All references outlive it.
    RtmpPlayers(const PlayerSettings& settings, net::IoPool& pool, const base::MemoryGauge& memory,
                const base::Clock& clock, base::Logger log);
    ~RtmpPlayers();

    // Takes over a connection whose session is `playing`. On `core`'s thread. It is let go when `permit` is
    // revoked; without one it may stay.
    void adopt(net::Core& core, net::TransportPtr transport, net::ConnectionSlot slot,
               protocol::rtmp::ServerSession session, std::shared_ptr<hub::Stream> stream,
               std::shared_ptr<const media::PlayPermit> permit = {});
    std::size_t count() const;
    // Says goodbye to all, before the pool stops.
    void stop();

  private:
    class Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace output::player
