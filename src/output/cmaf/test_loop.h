// A loop whose time is a ManualClock's: for tests, one thread.
#pragma once

#include <deque>
#include <set>

#include "base/clock.h"
#include "net/loop.h"

namespace output::cmaf::test {

class TestLoop final : public net::Loop {
  public:
    explicit TestLoop(base::ManualClock& clock) : clock_(clock) {}

    using net::Loop::post;
    void post(std::shared_ptr<net::Work> work) override { posted_.push_back(std::move(work)); }
    void run(std::function<void()> function) override {
        run_posted();
        function();
    }
    std::unique_ptr<net::Timer> make_timer(std::function<void()> due) override {
        return std::make_unique<OneTimer>(*this, std::move(due));
    }
    base::MonotonicTime now() const override { return clock_.now(); }

    // What was posted, and the timers that are due.
    void run_posted() {
        for (;;) {
            if (!posted_.empty()) {
                const auto work = std::move(posted_.front());
                posted_.pop_front();
                work->run();
                continue;
            }
            OneTimer* due = nullptr;
            for (OneTimer* timer : timers_)
                if (timer->at && *timer->at <= clock_.now() && (!due || *timer->at < *due->at)) due = timer;
            if (!due) return;
            due->at.reset();
            due->due();
        }
    }

  private:
    struct OneTimer final : net::Timer {
        OneTimer(TestLoop& on, std::function<void()> call) : loop(on), due(std::move(call)) {
            loop.timers_.insert(this);
        }
        ~OneTimer() override { loop.timers_.erase(this); }
        void start(base::MonotonicTime when) override { at = when; }
        void cancel() override { at.reset(); }

        TestLoop& loop;
        std::function<void()> due;
        std::optional<base::MonotonicTime> at;
    };

    base::ManualClock& clock_;
    std::deque<std::shared_ptr<net::Work>> posted_;
    std::set<OneTimer*> timers_;
};

}  // namespace output::cmaf::test
