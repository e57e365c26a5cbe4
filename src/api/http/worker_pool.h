// A fixed number of threads for work that may block (SQL, password hashing), behind a bounded queue. Owned by
// api::Server; submit() may be called from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace api::http {

class WorkerPool {
  public:
    WorkerPool(std::size_t threads, std::size_t queue_limit);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False when the queue is full or the pool has stopped: the work was not taken.
    bool submit(std::function<void()> work);
    // Does what is queued, then ends the threads.
    void stop();
    std::size_t queued() const;

  private:
    void run();

    const std::size_t queue_limit_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace api::http
