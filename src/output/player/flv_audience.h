// FlvAudience: all who read one stream as live FLV. The ingest wakes them by one post, however many there
// are, and each of them is woken once until it has read. Its readers own it; any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "hub/stream.h"
#include "net/loop.h"

namespace output::player {

class FlvAudience final : public hub::Waker,
                          public net::Work,
                          public std::enable_shared_from_this<FlvAudience> {
  public:
    // One reader's. It may ring once more after it has left.
    class Bell {
      public:
        explicit Bell(std::function<void()> wake) : wake_(std::move(wake)) {}

        void ring() {
            if (!rung_.exchange(true, std::memory_order_acq_rel)) wake_();
        }
        // Before reading: what is published from now on rings again. An exchange, because a store might be
        // seen later than the reading after it.
        void hush() { rung_.exchange(false, std::memory_order_acq_rel); }

      private:
        const std::function<void()> wake_;
        std::atomic<bool> rung_{false};
    };
    using BellPtr = std::shared_ptr<Bell>;

    // Calls whoever has to be woken on `loop`, which lives longer.
    explicit FlvAudience(net::Loop& loop) : loop_(loop) {}

    void join(BellPtr bell);
    void leave(const BellPtr& bell);

    // What is told of this onMetaData; made once for all who read it.
    base::SharedBytes metadata(const media::FramePtr& encoders);

    void wake(const hub::News& news) override;
    void run() override;

  private:
    net::Loop& loop_;
    std::atomic<bool> posted_{false};
    std::mutex mutex_;
    std::vector<BellPtr> bells_;
    media::FramePtr encoders_metadata_;
    base::SharedBytes metadata_;
};

}  // namespace output::player
