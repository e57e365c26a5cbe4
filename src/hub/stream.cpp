#include "hub/stream.h"

#include <algorithm>

namespace hub {
namespace {

// A stream that announced video but shows none for this long is treated as one without.
constexpr auto video_patience = std::chrono::seconds(2);

}  // namespace

void Stream::begin_publisher(base::MonotonicTime now) {
    const std::lock_guard lock(mutex_);
    publisher_began_ = now;
}

void Stream::publish(std::span<const media::FramePtr> frames, base::MonotonicTime now) {
    if (frames.empty()) return;
    News news;
    {
        const std::lock_guard lock(mutex_);
        for (const media::FramePtr& frame : frames) {
            if (frame->kind == media::Kind::video && frame->role == media::Role::coded) last_picture_ = now;
            if (is_video_keyframe(*frame)) news.urgent = true;
            log_.append(frame, now);
        }
        news.bytes_end = log_.bytes_end();
        log_end_.store(log_.end(), std::memory_order_release);
    }
    wake(news);
}

void Stream::end() {
    ended_.store(true, std::memory_order_release);
    News news{.urgent = true};
    {
        const std::lock_guard lock(mutex_);
        news.bytes_end = log_.bytes_end();
    }
    wake(news);
}

void Stream::add_waker(const std::shared_ptr<Waker>& waker) {
    const std::lock_guard lock(wakers_mutex_);
    std::erase_if(wakers_, [](const auto& known) { return known.expired(); });
    wakers_.push_back(waker);
}

void Stream::wake(const News& news) {
    const std::lock_guard lock(wakers_mutex_);
    for (const auto& known : wakers_)
        if (const auto waker = known.lock()) waker->wake(news);
}

HeadersPtr Stream::headers() const {
    const std::lock_guard lock(mutex_);
    return log_.headers();
}

std::size_t Stream::bytes_held() const {
    const std::lock_guard lock(mutex_);
    return log_.bytes_held();
}

bool Stream::video_expected(base::MonotonicTime now) const {
    if (now - last_picture_ <= video_patience) return true;
    const auto& configs = log_.headers()->configs;
    const bool announced = std::any_of(configs.begin(), configs.end(), [](const media::FramePtr& config) {
        return config->kind == media::Kind::video && config->track == 0;
    });
    return announced && now - publisher_began_ <= video_patience;
}

}  // namespace hub
