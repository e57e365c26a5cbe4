// FlvPlayers: live FLV over HTTP and WebSocket. Each reader is a subscription of its own: a slow one loses
// pictures, nobody else notices. Any thread; app/ owns it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "hub/registry.h"
#include "net/loop.h"
#include "output/live_flv.h"

namespace output::player {

class FlvAudience;
struct FlvPlayerCount;

struct FlvPlayerSettings {
    std::size_t max_players = 10'000;
};

class FlvPlayers final : public LiveFlv {
  public:
    // Readers are woken from `loop`. It lives longer than every source that was opened, the registry longer
    // than this.
    FlvPlayers(const FlvPlayerSettings& settings, net::Loop& loop, const hub::Registry& registry);
    ~FlvPlayers() override;
    FlvPlayers(const FlvPlayers&) = delete;
    FlvPlayers& operator=(const FlvPlayers&) = delete;

    base::Result<std::shared_ptr<base::ByteSource>> open(const std::string& stream_id) override;
    std::size_t count() const;
    // Every source ends at its next pull, which is asked for at once; no more are opened.
    void stop();

  private:
    std::shared_ptr<FlvAudience> audience_of(const std::shared_ptr<hub::Stream>& stream);

    FlvPlayerSettings settings_;
    net::Loop& loop_;
    const hub::Registry& registry_;
    std::shared_ptr<FlvPlayerCount> count_;
    std::mutex mutex_;
    std::map<std::weak_ptr<const hub::Stream>, std::weak_ptr<FlvAudience>, std::owner_less<>> audiences_;
};

}  // namespace output::player
