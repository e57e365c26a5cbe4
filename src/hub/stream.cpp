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
    bool urgent = false;
    {
        const std::lock_guard lock(mutex_);
        for (const media::FramePtr& frame : frames) {
            if (frame->kind == media::Kind::video && frame->role == media::Role::coded) last_picture_ = now;
            if (is_video_keyframe(*frame)) urgent = true;
            log_.append(frame, now);
        }
        if (log_.bytes_end() - urgent_from_bytes_ >= urgent_bytes) urgent = true;
        if (urgent) urgent_from_bytes_ = log_.bytes_end();
    }
    wake(urgent);
}

void Stream::end() {
    ended_.store(true, std::memory_order_release);
    wake(true);
}

void Stream::add_waker(const std::shared_ptr<Waker>& waker, WakeOn on) {
    const std::lock_guard lock(wakers_mutex_);
    std::erase_if(wakers_, [](const WakerEntry& entry) { return entry.waker.expired(); });
    wakers_.push_back({waker, on});
}

void Stream::wake(bool urgent) {
    const std::lock_guard lock(wakers_mutex_);
    for (const WakerEntry& entry : wakers_) {
        if (!urgent && entry.on == WakeOn::urgent) continue;
        if (const auto waker = entry.waker.lock()) waker->wake();
    }
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
