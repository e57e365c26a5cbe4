#include "service/recording_archive_watch.h"

#include <algorithm>
#include <utility>

#include "service/context.h"
#include "service/object_store.h"
#include "store/store.h"

namespace service {

RecordingArchiveWatch::RecordingArchiveWatch(Context& context, ObjectStore& objects,
                                             const ArchiveSettings& settings, std::function<void()> back)
    : context_(context), objects_(objects), settings_(settings), back_(std::move(back)) {}

RecordingArchiveWatch::~RecordingArchiveWatch() {
    stop();
}

void RecordingArchiveWatch::start() {
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void RecordingArchiveWatch::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void RecordingArchiveWatch::wanted() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(wanted_, true)) return;
    }
    wake_.notify_one();
}

std::optional<RecordingArchiveWatch::Away> RecordingArchiveWatch::away() const {
    const std::lock_guard lock(mutex_);
    return away_;
}

ArchiveStock RecordingArchiveWatch::stock() const {
    const std::lock_guard lock(mutex_);
    return stock_;
}

void RecordingArchiveWatch::run() {
    std::unique_lock lock(mutex_);
    Time counted_at{};
    while (!stopping_) {
        const Time now = std::chrono::steady_clock::now();
        // The second look, which decides, comes soon.
        const auto pause = silent_since_ && !away_ ? settings_.second_look : settings_.look_again;
        const bool due = !looked_at_ || now >= *looked_at_ + pause;
        if (due && (wanted_ || silent_since_)) {
            wanted_ = false;
            lock.unlock();
            look();
            lock.lock();
            continue;
        }
        if (now >= counted_at + settings_.count_every) {
            counted_at = now;
            lock.unlock();
            count();
            lock.lock();
            continue;
        }
        Time next = counted_at + settings_.count_every;
        if (wanted_ || silent_since_) next = std::min(next, *looked_at_ + pause);
        const bool was_wanted = wanted_;
        wake_.wait_until(lock, next, [&] { return stopping_ || wanted_ != was_wanted; });
    }
}

void RecordingArchiveWatch::look() {
    const Time began = std::chrono::steady_clock::now();
    const auto heard = objects_.answers();
    if (heard) return answered();
    if (heard.error().code == base::ErrorCode::closed) return;
    bool is_gone = false;
    {
        const std::lock_guard lock(mutex_);
        looked_at_ = std::chrono::steady_clock::now();
        if (silent_since_) {
            is_gone = !away_;
            away_ = Away{*silent_since_, heard.error().message};
        } else {
            silent_since_ = began;
        }
    }
    if (is_gone)
        context_.log.warn("the object store does not answer: what it holds cannot be replayed until it does",
                          {{"reason", heard.error().message}});
}

void RecordingArchiveWatch::answered() {
    bool is_back = false;
    {
        const std::lock_guard lock(mutex_);
        looked_at_ = std::chrono::steady_clock::now();
        silent_since_.reset();
        is_back = away_.has_value();
        away_.reset();
    }
    if (!is_back) return;
    context_.log.info("the object store answers again");
    back_();
}

void RecordingArchiveWatch::count() {
    const auto counted = context_.store.assets().count_to_archive();
    if (!counted) return;
    const std::lock_guard lock(mutex_);
    stock_ = {static_cast<std::uint64_t>(counted->recordings), static_cast<std::uint64_t>(counted->bytes)};
    // A try to bring it takes minutes until it is given up.
    wanted_ = wanted_ || counted->recordings > 0;
}

}  // namespace service
