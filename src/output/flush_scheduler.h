// FlushScheduler: when outputs of one core send. Those of one stream with one flush window send together: one
// call from the ingest wakes them all, and what was made ready for one of them is still warm for the next.
// Where they are many, they do so in groups, spread over the window: the kernel's copies stay in the caches,
// and the link sees no burst. One timer serves all windows, and rests while none ends. Its core's thread
// only.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "hub/stream.h"
#include "net/loop.h"

namespace output {

// Sends what its subscription holds. Called on its core's thread.
class Flushable {
  public:
    virtual ~Flushable() = default;
    virtual void flush() = 0;
    // flush() comes next: has the memory that it will touch brought near, and waits for none of it.
    virtual void prefetch() const {}
};

// What is waiting may grow to this before a flush window has ended.
inline constexpr std::uint64_t urgent_bytes = 64 * 1024;

class FlushScheduler {
  public:
    explicit FlushScheduler(net::Loop& loop);
    ~FlushScheduler();

    // Ends when it goes. The scheduler and the flushable both outlive it.
    class Membership;
    // `window` 0: flushed at once whenever the stream has something new. Else a window after the last flush,
    // and at once for a keyframe, for 64 KiB, and at the stream's end.
    [[nodiscard]] std::unique_ptr<Membership> join(const std::shared_ptr<hub::Stream>& stream,
                                                   Flushable& member, std::chrono::milliseconds window);

  private:
    class Group;
    using GroupPtr = std::shared_ptr<Group>;
    using Tick = std::int64_t;
    // By the stream's owner, not by its address, which another stream may have after it.
    using GroupKey = std::pair<Tick, std::weak_ptr<const hub::Stream>>;
    struct GroupOrder {
        bool operator()(const GroupKey& one, const GroupKey& other) const {
            if (one.first != other.first) return one.first < other.first;
            return one.second.owner_before(other.second);
        }
    };
    static constexpr std::chrono::milliseconds granularity{10};
    // Windows longer than the wheel go round it more than once.
    static constexpr Tick slots = 64;

    static Tick tick_of(base::MonotonicTime time) { return time.time_since_epoch() / granularity; }
    std::vector<GroupPtr>& slot(Tick tick) { return wheel_[static_cast<std::size_t>(tick % slots)]; }
    GroupPtr group(const std::shared_ptr<hub::Stream>& stream, Tick window);
    void arm();
    void run_due();
    void run_slot(Tick tick, Tick now);

    net::Loop& loop_;
    std::unique_ptr<net::Timer> timer_;
    // What the timer waits for, where it does.
    std::optional<Tick> armed_for_;
    // All that was due by then has had its turn.
    Tick done_;
    // Groups with a window. Each stands in the slot where it was due first: a flush in between changes when
    // it is due, and nothing else.
    std::array<std::vector<GroupPtr>, static_cast<std::size_t>(slots)> wheel_;
    // Lent to the slot that is being run, so that slots keep their memory.
    std::vector<GroupPtr> running_;
    std::multimap<GroupKey, std::weak_ptr<Group>, GroupOrder> groups_;
};

class FlushScheduler::Membership {
  public:
    ~Membership();

  private:
    friend class FlushScheduler;
    Membership(GroupPtr group, Flushable& member) : group_(std::move(group)), member_(member) {}

    GroupPtr group_;
    Flushable& member_;
};

}  // namespace output
