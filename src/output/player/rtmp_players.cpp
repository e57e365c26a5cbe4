#include "output/player/rtmp_players.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>

#include "output/player/rtmp_player.h"

namespace output::player {
namespace {

constexpr auto tick_every = std::chrono::milliseconds(500);

}  // namespace

class RtmpPlayers::Shared : public std::enable_shared_from_this<RtmpPlayers::Shared> {
  public:
    Shared(const PlayerSettings& settings, net::IoPool& pool, const base::MemoryGauge& memory,
           const base::Clock& clock, const base::Logger& log)
        : settings_(settings), clock_(clock) {
        for (std::size_t i = 0; i < pool.size(); ++i) {
            net::Core& core = pool.core(i);
            cores_.push_back({std::make_shared<PlayerCore>(core, settings_, memory, clock, log, count_),
                              std::make_unique<boost::asio::steady_timer>(core.io())});
        }
    }

    void start() {
        for (std::size_t i = 0; i < cores_.size(); ++i)
            boost::asio::post(cores_[i].core->core.io(), [self = shared_from_this(), i] { self->tick(i); });
    }

    const std::shared_ptr<PlayerCore>& at(const net::Core& core) { return cores_[core.index()].core; }
    std::size_t count() const { return count_; }

    void stop() {
        if (stopped_) return;
        stopped_ = true;
        for (PerCore& per_core : cores_) {
            std::promise<void> done;
            boost::asio::post(per_core.core->core.io(), [&per_core, &done] {
                per_core.timer->cancel();
                const auto players = per_core.core->players;
                for (const auto& player : players) player->end("the server is stopping");
                per_core.core->players.clear();
                done.set_value();
            });
            done.get_future().wait();
        }
    }

  private:
    struct PerCore {
        std::shared_ptr<PlayerCore> core;
        std::unique_ptr<boost::asio::steady_timer> timer;
    };

    void tick(std::size_t index) {
        PerCore& per_core = cores_[index];
        // A copy, because a tick may end some.
        const std::vector<std::shared_ptr<RtmpPlayer>> players(per_core.core->players.begin(),
                                                               per_core.core->players.end());
        for (const auto& player : players) player->tick(clock_.now());
        // Those who stood together have read it by now; whoever needs it longer holds it.
        per_core.core->recent.reset();
        per_core.core->recent_wire = {};
        per_core.timer->expires_at(net::next_beat(per_core.core->core.now(), tick_every));
        per_core.timer->async_wait(
            [weak = weak_from_this(), index](const boost::system::error_code& cancelled) {
                if (const auto self = weak.lock(); self && !cancelled) self->tick(index);
            });
    }

    PlayerSettings settings_;
    const base::Clock& clock_;
    std::atomic<std::size_t> count_{0};
    std::vector<PerCore> cores_;
    bool stopped_ = false;
};

RtmpPlayers::RtmpPlayers(const PlayerSettings& settings, net::IoPool& pool, const base::MemoryGauge& memory,
                         const base::Clock& clock, base::Logger log)
    : shared_(std::make_shared<Shared>(settings, pool, memory, clock, log)) {
    shared_->start();
}

RtmpPlayers::~RtmpPlayers() {
    stop();
}

void RtmpPlayers::adopt(net::Core& core, net::TransportPtr transport, net::ConnectionSlot slot,
                        protocol::rtmp::ServerSession session, std::shared_ptr<hub::Stream> stream,
                        std::shared_ptr<const media::PlayPermit> permit) {
    auto player = std::make_shared<RtmpPlayer>(shared_->at(core), std::move(transport), std::move(slot),
                                               std::move(session), stream, std::move(permit));
    shared_->at(core)->players.insert(player);
    player->start(stream);
}

std::size_t RtmpPlayers::count() const {
    return shared_->count();
}
void RtmpPlayers::stop() {
    shared_->stop();
}

}  // namespace output::player
