// Feed: reads one stream, packages it and tells its sinks. It follows its stream: none yet, one, the next.
// Owned by Feeds; lives on one loop, and is called on its thread only.
#pragma once

#include <optional>

#include "output/cmaf/feeds.h"
#include "output/flush_scheduler.h"

namespace output::cmaf {

// What the feeds of one loop share.
struct FeedLoop {
    explicit FeedLoop(net::Loop& on) : loop(on), scheduler(on) {}

    net::Loop& loop;
    FlushScheduler scheduler;
    std::size_t feeds = 0;  // under the lock of Feeds
};

// What all feeds share.
struct FeedContext {
    FeedSettings settings;
    const base::Clock& clock;
    base::Logger log;
    std::atomic<std::uint64_t> frames_dropped{0};
    // The greatest that was given to a segment.
    std::atomic<std::uint64_t> last_msn{0};
};

// A packager's first: seconds since 2026, and more than any before. See decision 010.
std::uint64_t first_msn(base::WallTime now, std::uint64_t last);

// A wall clock that differs by less from what it was is right.
inline constexpr std::chrono::seconds min_clock_step{1};

class Feed final : public Flushable, public std::enable_shared_from_this<Feed> {
  public:
    Feed(std::string stream_id, std::shared_ptr<FeedLoop> loop, std::shared_ptr<FeedContext> context);

    // Any thread.
    const std::string& stream_id() const { return stream_id_; }
    FeedLoop& loop() const { return *loop_; }

    void add(std::shared_ptr<Sink> sink);
    void remove(const std::shared_ptr<Sink>& sink);
    void stream_available(const std::shared_ptr<hub::Stream>& stream);
    // It has ended: what is left is read first.
    void stream_gone(const std::shared_ptr<hub::Stream>& stream);
    void stop();

    void flush() override;

  private:
    struct Listener {
        std::shared_ptr<Sink> sink;
        // For a segment to begin.
        bool waits = true;
    };

    void notice_clock(base::MonotonicTime now, base::WallTime wall);
    void drain();
    void tell(const Event& event);
    void finish_stream();

    const std::string stream_id_;
    const std::shared_ptr<FeedLoop> loop_;
    const std::shared_ptr<FeedContext> context_;
    std::vector<Listener> listeners_;
    std::unique_ptr<hub::Subscription> subscription_;
    std::unique_ptr<FlushScheduler::Membership> membership_;
    std::optional<Packager> packager_;
    // Of the parts that come.
    InitPtr init_;
    std::uint64_t dropped_ = 0;
    // How far the wall clock is from the monotonic one, as the packager knows it.
    base::Duration clock_distance_{0};
    bool stopped_ = false;
};

}  // namespace output::cmaf
