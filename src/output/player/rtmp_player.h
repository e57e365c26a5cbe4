// RtmpPlayer: one playing connection. It lives on one core.
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "output/batch_writer.h"
#include "output/flush_scheduler.h"
#include "output/player/rtmp_players.h"
#include "output/send_queue.h"

namespace output::player {

class RtmpPlayer;

// What the players of one core share.
struct PlayerCore {
    PlayerCore(net::Core& own_core, const PlayerSettings& own_settings, const base::MemoryGauge& gauge,
               const base::Clock& time, base::Logger logger, std::atomic<std::size_t>& counter)
        : core(own_core),
          scheduler(own_core),
          settings(own_settings),
          memory(gauge),
          clock(time),
          log(std::move(logger)),
          count(counter) {}

    net::Core& core;
    FlushScheduler scheduler;
    const PlayerSettings& settings;
    const base::MemoryGauge& memory;
    const base::Clock& clock;
    base::Logger log;
    std::atomic<std::size_t>& count;
    std::set<std::shared_ptr<RtmpPlayer>> players;
    // Scratch space of whichever player runs.
    base::Bytes read_buffer;
    base::GatherList gather;
    // What one of them read last, for the others that stand at the same place.
    hub::BatchPtr recent;
    RecentWire recent_wire;
};

class RtmpPlayer final : public SendQueue::Source, public std::enable_shared_from_this<RtmpPlayer> {
  public:
    RtmpPlayer(std::shared_ptr<PlayerCore> core, net::LinkPtr link, net::ConnectionSlot slot,
               protocol::rtmp::ServerSession session, const std::shared_ptr<hub::Stream>& stream,
               std::shared_ptr<const media::PlayPermit> permit);
    ~RtmpPlayer() override;

    void start(const std::shared_ptr<hub::Stream>& stream);
    void tick(base::MonotonicTime now);
    void flush() override;
    void end(const std::string& reason);

  private:
    void wait_readable();
    void on_readable();
    void pause(bool paused);
    void fill(base::GatherList& gather) override;
    void close();

    std::shared_ptr<PlayerCore> core_;
    net::LinkPtr link_;
    net::ConnectionSlot slot_;
    protocol::rtmp::ServerSession session_;
    const std::shared_ptr<const media::PlayPermit> permit_;
    BatchWriter writer_;
    std::unique_ptr<hub::Subscription> subscription_;
    std::unique_ptr<FlushScheduler::Membership> membership_;
    SendQueue queue_;
    bool paused_ = false;
    base::MonotonicTime last_progress_;
    std::optional<base::MonotonicTime> close_at_;
};

}  // namespace output::player
