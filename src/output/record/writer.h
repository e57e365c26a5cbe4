// Writer: a thread that writes recordings, and the queue before it. Media threads push and go; the queue's
// bytes are bounded for all writers together. Owned by a recorder.
#pragma once

#include <condition_variable>
#include <deque>
#include <set>
#include <thread>
#include <variant>

#include "output/record/recording.h"

namespace output::record {

// What waits to be written, in bytes, of all writers.
class QueueBudget {
  public:
    explicit QueueBudget(std::size_t most) : most_(most) {}
    bool take(std::uint64_t bytes) {
        if (used_.fetch_add(bytes) + bytes <= most_) return true;
        used_ -= bytes;
        return false;
    }
    void give_back(std::uint64_t bytes) { used_ -= bytes; }
    std::uint64_t used() const { return used_; }

  private:
    const std::uint64_t most_;
    std::atomic<std::uint64_t> used_{0};
};

class Writer {
  public:
    struct InitChange {};
    struct Gap {};
    struct LeftOut {
        std::string reason;
    };
    struct StreamEnd {};
    struct Stop {
        bool for_good = false;
        std::function<void()> done;
    };
    using What = std::variant<InitChange, cmaf::PartPtr, Gap, LeftOut, StreamEnd, Stop>;

    Writer(QueueBudget& budget, const base::Clock& clock);
    ~Writer();

    // Any thread; never waits for the disk. A part's size was taken from the budget.
    void push(std::shared_ptr<Recording> recording, What what);
    // Ends the thread after what it is doing now.
    void abandon();

  private:
    struct Job {
        std::shared_ptr<Recording> recording;
        What what;
    };
    void run();
    void handle(Job& job);

    QueueBudget& budget_;
    const base::Clock& clock_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;  // guarded
    std::atomic<bool> abandoned_{false};
    std::set<std::shared_ptr<Recording>> open_;  // the thread's
    std::thread thread_;
};

}  // namespace output::record
