// FlvPlayer: one reader of a stream as live FLV. Whoever sends it owns it and pulls it on one thread.
#pragma once

#include <memory>
#include <optional>

#include "base/byte_source.h"
#include "output/player/flv_audience.h"

namespace output::player {

// How many read, and whether they go on.
struct FlvPlayerCount {
    std::atomic<std::size_t> players{0};
    std::atomic<bool> stopped{false};
};

class FlvPlayer final : public base::ByteSource {
  public:
    // It has been counted already.
    FlvPlayer(std::shared_ptr<FlvPlayerCount> count, std::shared_ptr<hub::Stream> stream,
              std::shared_ptr<FlvAudience> audience)
        : count_(std::move(count)), stream_(std::move(stream)), audience_(std::move(audience)) {}
    ~FlvPlayer() override;
    FlvPlayer(const FlvPlayer&) = delete;
    FlvPlayer& operator=(const FlvPlayer&) = delete;

    void start(std::function<void()> wake) override;
    Pull pull(base::MonotonicTime now, base::GatherList& out) override;

  private:
    // False when it is nothing for a player. What it is made of is kept by the batch, or by `out`.
    bool write(const hub::Delivery& delivery, base::GatherList& out);

    std::shared_ptr<FlvPlayerCount> count_;
    std::shared_ptr<hub::Stream> stream_;
    std::shared_ptr<FlvAudience> audience_;
    FlvAudience::BellPtr bell_;
    std::unique_ptr<hub::Subscription> subscription_;
    bool began_ = false;
    // Where its own time begins.
    std::optional<media::Timestamp> base_;
};

}  // namespace output::player
