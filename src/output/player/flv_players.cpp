#include "output/player/flv_players.h"

#include "output/player/flv_player.h"

namespace output::player {

FlvPlayers::FlvPlayers(const FlvPlayerSettings& settings, net::Loop& loop, const hub::Registry& registry)
    : settings_(settings), loop_(loop), registry_(registry), count_(std::make_shared<FlvPlayerCount>()) {}

FlvPlayers::~FlvPlayers() {
    stop();
}

base::Result<std::shared_ptr<base::ByteSource>> FlvPlayers::open(const std::string& stream_id) {
    std::shared_ptr<hub::Stream> stream = registry_.find(stream_id);
    if (!stream || stream->ended())
        return base::fail(base::ErrorCode::not_found, "the stream is not running");
    if (count_->stopped) return base::fail(base::ErrorCode::unavailable, "the server is stopping");
    if (++count_->players > settings_.max_players) {
        --count_->players;
        return base::fail(base::ErrorCode::unavailable,
                          "as many players as may read live FLV do: play the stream as HLS");
    }
    std::shared_ptr<FlvAudience> audience = audience_of(stream);
    return std::make_shared<FlvPlayer>(count_, std::move(stream), std::move(audience));
}

std::size_t FlvPlayers::count() const {
    return count_->players;
}

void FlvPlayers::stop() {
    if (count_->stopped.exchange(true)) return;
    const std::lock_guard lock(mutex_);
    for (const auto& [stream, known] : audiences_)
        if (const auto audience = known.lock()) audience->wake({});
}

std::shared_ptr<FlvAudience> FlvPlayers::audience_of(const std::shared_ptr<hub::Stream>& stream) {
    const std::lock_guard lock(mutex_);
    std::erase_if(audiences_, [](const auto& entry) { return entry.second.expired(); });
    auto& known = audiences_[stream];
    auto audience = known.lock();
    if (!audience) {
        audience = std::make_shared<FlvAudience>(loop_);
        known = audience;
        stream->add_waker(audience);
    }
    return audience;
}

}  // namespace output::player
