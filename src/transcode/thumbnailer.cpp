#include "transcode/thumbnailer.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <thread>

#include "transcode/worker_message.h"
#include "transcode/worker_process.h"

namespace transcode {

Thumbnailer::Thumbnailer(const ThumbnailerSettings& settings)
    : settings_(settings), stop_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (settings_.at_once == 0) settings_.at_once = std::max(1U, std::thread::hardware_concurrency());
}

base::Result<> Thumbnailer::take_turn() {
    std::unique_lock lock(mutex_);
    if (counters_.running >= settings_.at_once) {
        if (waiting_ >= settings_.max_waiting)
            return base::fail(base::ErrorCode::unavailable, "too many thumbnails are being made");
        ++waiting_;
        turn_.wait(lock, [&] { return stopping_ || counters_.running < settings_.at_once; });
        --waiting_;
    }
    if (stopping_) return base::fail(base::ErrorCode::closed, "the server is stopping");
    ++counters_.running;
    counters_.most_running = std::max(counters_.most_running, counters_.running);
    return {};
}

base::Result<Thumbnail> Thumbnailer::run(const ThumbnailRequest& request) const {
    const auto head = write_request_head(request);
    if (!head) return base::fail(head.error());
    const auto answer = run_worker({.program = settings_.program,
                                    .argument = settings_.argument,
                                    .input = {*head, request.config.view(), request.keyframe.view()},
                                    .max_output = max_reply_size,
                                    .deadline = settings_.deadline,
                                    .stop_fd = stop_fd_.get()});
    if (!answer) return base::fail(answer.error());
    return read_reply(*answer);
}

base::Result<Thumbnail> Thumbnailer::make(const ThumbnailRequest& request) {
    if (auto turn = take_turn(); !turn) return base::fail(std::move(turn.error()));
    auto thumbnail = run(request);
    {
        const std::lock_guard lock(mutex_);
        --counters_.running;
        if (thumbnail)
            ++counters_.made;
        else if (thumbnail.error().code == base::ErrorCode::internal ||
                 thumbnail.error().code == base::ErrorCode::timed_out)
            ++counters_.killed;
        else if (thumbnail.error().code != base::ErrorCode::closed)
            ++counters_.refused;
    }
    turn_.notify_one();
    return thumbnail;
}

ThumbnailCounters Thumbnailer::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

void Thumbnailer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    turn_.notify_all();
    ::eventfd_write(stop_fd_.get(), 1);
}

}  // namespace transcode
