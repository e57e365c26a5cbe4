// WorkerPool: a few threads and one bounded queue for work that may block, kept away from the media threads.
// Owned by app/; safe from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace service {

class WorkerPool {
  public:
    WorkerPool(std::size_t threads, std::size_t max_queued);
    // Drops what has not begun, waits for what has.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False, and nothing is kept, when the queue is full. Tasks do not throw.
    bool post(std::function<void()> task);
    // The same, not before `delay` has passed. Delayed tasks count against the bound.
    bool post_after(std::chrono::milliseconds delay, std::function<void()> task);

  private:
    void run();

    const std::size_t max_queued_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> ready_;
    std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> later_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace service
