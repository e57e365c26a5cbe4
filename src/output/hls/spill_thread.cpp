#include "output/hls/spill_thread.h"

#include <pthread.h>

#include <utility>

namespace output::hls {

SpillThread::SpillThread() : thread_([this] { work(); }) {
    pthread_setname_np(thread_.native_handle(), "hls-spill");
}

SpillThread::~SpillThread() {
    stop();
}

void SpillThread::stop() {
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopping_, true)) return;
        dropped.swap(jobs_);
    }
    changed_.notify_one();
    thread_.join();
}

void SpillThread::run(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
}

void SpillThread::work() {
    for (;;) {
        std::function<void()> job;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (stopping_) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        job();
    }
}

}  // namespace output::hls
