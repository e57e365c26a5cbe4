#include "storage/uploader.h"

#include <pthread.h>

#include <utility>

namespace storage {

Uploader::Uploader(Client& client, const base::Logger& log, const UploaderSettings& settings)
    : client_(client), log_(log), settings_(settings), thread_([this] { run(); }) {
    ::pthread_setname_np(thread_.native_handle(), "uploads");
}

Uploader::~Uploader() {
    stop();
}

bool Uploader::add(UploadJob job, UploadHooks hooks, Done done) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue_.size() >= settings_.max_queued) return false;
        queue_.push_back({std::move(job), std::move(hooks), std::move(done)});
    }
    wake_.notify_one();
    return true;
}

std::size_t Uploader::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void Uploader::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    client_.stop();
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Uploader::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        const Task task = std::move(queue_.front());
        queue_.pop_front();
        const bool too_late = stopping_;
        lock.unlock();
        auto uploaded = too_late ? base::fail(base::ErrorCode::closed, "the upload was stopped")
                                 : upload_file(client_, task.job, settings_.upload, task.hooks);
        if (uploaded)
            log_.info("uploaded", {{"object", task.job.key}, {"bytes", uploaded->object.size}});
        else if (uploaded.error().code != base::ErrorCode::closed)
            log_.warn("upload failed", {{"object", task.job.key}, {"reason", uploaded.error().message}});
        task.done(std::move(uploaded));
        lock.lock();
    }
}

}  // namespace storage
