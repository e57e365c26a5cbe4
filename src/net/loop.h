// Loop: the one thread that a set of objects lives on, as they see it: work that is posted to it, timers, and
// the time they go by. In production a net::Core; a simulation puts its own clock and its own order behind
// it.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <utility>

#include "base/clock.h"

namespace net {

// Something to be run once on a loop. Posting an object that is there already allocates nothing for it.
class Work {
  public:
    virtual ~Work() = default;
    virtual void run() = 0;
};

// Of one loop, on its thread only. It is not called any more once it is cancelled or gone.
class Timer {
  public:
    virtual ~Timer() = default;
    // Calls at `at` or soon after, once; replaces what was waited for before.
    virtual void start(base::MonotonicTime at) = 0;
    virtual void cancel() = 0;
};

// The next whole multiple of `period` after `now`, which is the loop's own now(). What is done again and
// again on one loop is timed by it, so that the loop is woken once for all that falls together.
inline base::MonotonicTime next_beat(base::MonotonicTime now, std::chrono::milliseconds period) {
    const auto since = now.time_since_epoch();
    return base::MonotonicTime(since - since % period + period);
}

class Loop {
  public:
    virtual ~Loop() = default;

    // Runs `work` on the loop's thread, after all that was posted before. Any thread.
    virtual void post(std::shared_ptr<Work> work) = 0;
    template <std::invocable Function>
    void post(Function function);
    // Posts and waits until it was run. Any thread but the loop's own.
    virtual void run(std::function<void()> function) = 0;

    virtual std::unique_ptr<Timer> make_timer(std::function<void()> due) = 0;
    // What timers go by. Any thread.
    virtual base::MonotonicTime now() const = 0;
};

template <std::invocable Function>
void Loop::post(Function function) {
    class Call final : public Work {
      public:
        explicit Call(Function called) : called_(std::move(called)) {}
        void run() override { called_(); }

      private:
        Function called_;
    };
    post(std::static_pointer_cast<Work>(std::make_shared<Call>(std::move(function))));
}

}  // namespace net
