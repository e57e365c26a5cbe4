// SpillThread: where segments are copied to disk and given back there, so that no media loop waits for a
// disk. One thread, jobs in order. Shared by the streams of a Server, which stops it; any thread gives it
// work.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace output::hls {

class SpillThread {
  public:
    SpillThread();
    ~SpillThread();

    void run(std::function<void()> job);
    // What is being done is finished; what waits is dropped, and what comes.
    void stop();

  private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace output::hls
