// Calls a function at regular intervals on a thread of its own. Stops, and waits for a call in progress, when
// it goes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace app {

class Ticker {
  public:
    Ticker(std::chrono::milliseconds interval, std::function<void()> call)
        : thread_([this, interval, call = std::move(call)] {
              std::unique_lock lock(mutex_);
              while (!stopped_.wait_for(lock, interval, [this] { return stopping_; })) {
                  lock.unlock();
                  call();
                  lock.lock();
              }
          }) {}
    ~Ticker() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        stopped_.notify_all();
        thread_.join();
    }
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses what stands above
};

}  // namespace app
