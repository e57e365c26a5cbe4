// FlushScheduler: when outputs of one core send. One timer serves every flush window, one call from the
// ingest wakes all outputs of a stream: a thousand destinations cost two timers' worth of wake-ups. Its
// core's thread only.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "hub/stream.h"
#include "net/loop.h"

namespace output {

// Sends what its subscription holds. Called on its core's thread.
class Flushable {
  public:
    virtual ~Flushable() = default;
    virtual void flush() = 0;
};

class FlushScheduler {
  public:
    explicit FlushScheduler(net::Loop& loop);
    ~FlushScheduler();

    // Ends the membership when it goes. The scheduler and the member both outlive it.
    class Membership;
    // `window` 0: flushed at once whenever the stream has something new. Else every window, and at once for a
    // keyframe, for 64 KiB, and at the stream's end.
    [[nodiscard]] std::unique_ptr<Membership> join(const std::shared_ptr<hub::Stream>& stream,
                                                   Flushable& member, std::chrono::milliseconds window);

  private:
    class Group;
    static constexpr std::chrono::milliseconds granularity{10};
    // Windows longer than the wheel go round it more than once.
    static constexpr std::size_t slots = 64;

    struct Ticket {
        Flushable* member;  // null once the membership has ended
        std::uint64_t due_tick;
        std::uint64_t period_ticks;
    };

    std::shared_ptr<Group> group(const std::shared_ptr<hub::Stream>& stream, hub::WakeOn on);
    void arm();
    void tick();

    net::Loop& loop_;
    std::unique_ptr<net::Timer> timer_;
    base::MonotonicTime due_{};
    bool armed_ = false;
    std::uint64_t now_tick_ = 0;
    std::uint64_t spread_ = 0;
    std::size_t windowed_ = 0;
    std::array<std::vector<std::shared_ptr<Ticket>>, slots> wheel_;
    std::map<std::pair<const hub::Stream*, hub::WakeOn>, std::weak_ptr<Group>> groups_;
};

class FlushScheduler::Membership {
  public:
    ~Membership();

  private:
    friend class FlushScheduler;
    FlushScheduler* scheduler_ = nullptr;
    Flushable* member_ = nullptr;
    std::shared_ptr<Group> group_;
    std::shared_ptr<Ticket> ticket_;
};

}  // namespace output
