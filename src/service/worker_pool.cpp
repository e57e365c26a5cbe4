#include "service/worker_pool.h"

namespace service {

WorkerPool::WorkerPool(std::size_t threads, std::size_t max_queued) : max_queued_(max_queued) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
}

bool WorkerPool::post(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || ready_.size() + later_.size() >= max_queued_) return false;
        ready_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

bool WorkerPool::post_after(std::chrono::milliseconds delay, std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || ready_.size() + later_.size() >= max_queued_) return false;
        later_.emplace(std::chrono::steady_clock::now() + delay, std::move(task));
    }
    wake_.notify_one();
    return true;
}

void WorkerPool::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto now = std::chrono::steady_clock::now();
        for (auto due = later_.begin(); due != later_.end() && due->first <= now; due = later_.erase(due))
            ready_.push_back(std::move(due->second));
        if (ready_.empty()) {
            if (later_.empty()) {
                wake_.wait(lock);
            } else {
                // A copy: another worker may take the entry away while this one waits.
                const auto next = later_.begin()->first;
                wake_.wait_until(lock, next);
            }
            continue;
        }
        auto task = std::move(ready_.front());
        ready_.pop_front();
        // Several may have become due at once: let the others be taken meanwhile.
        if (!ready_.empty()) wake_.notify_one();
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
    }
}

}  // namespace service
