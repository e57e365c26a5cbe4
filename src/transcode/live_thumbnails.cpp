#include "transcode/live_thumbnails.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace transcode {

LiveThumbnails::LiveThumbnails(ThumbnailMaker& maker, const hub::Registry& streams, const base::Clock& clock,
                               const base::Logger& log, const LiveThumbnailSettings& settings)
    : maker_(maker),
      streams_(streams),
      clock_(clock),
      log_(log),
      settings_(settings),
      shelf_(settings.posters) {
    if (settings_.threads == 0) settings_.threads = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < settings_.threads; ++i) {
        threads_.emplace_back([this] { run(); });
        ::pthread_setname_np(threads_.back().native_handle(), "thumbnails");
    }
}

LiveThumbnails::~LiveThumbnails() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    for (const Single& single : singles_)
        single.done(base::fail(base::ErrorCode::closed, "the server is stopping"));
}

std::optional<media::Content> LiveThumbnails::poster(const std::string& stream_id) {
    std::optional<media::Content> content;
    {
        const std::lock_guard lock(mutex_);
        content = shelf_.ask(stream_id, clock_.now());
    }
    if (!content) wake_.notify_one();
    return content;
}

void LiveThumbnails::set_recording(const std::string& stream_id, bool recording) {
    {
        const std::lock_guard lock(mutex_);
        shelf_.set_recording(stream_id, recording, clock_.now());
    }
    wake_.notify_one();
}

void LiveThumbnails::make(ThumbnailRequest request, Done done) {
    {
        const std::lock_guard lock(mutex_);
        if (singles_.size() < settings_.max_queued) {
            singles_.push_back({std::move(request), std::move(done)});
            wake_.notify_one();
            return;
        }
    }
    done(base::fail(base::ErrorCode::unavailable, "too many thumbnails are being made"));
}

void LiveThumbnails::make(const std::string& stream_id, Done done) {
    const auto stream = streams_.find(stream_id);
    auto keyframe = stream ? newest_keyframe(stream, clock_.now()) : std::nullopt;
    if (!keyframe) return done(base::fail(base::ErrorCode::not_found, "the stream has no picture to show"));
    make(std::move(keyframe->request), std::move(done));
}

std::size_t LiveThumbnails::posters() const {
    const std::lock_guard lock(mutex_);
    return shelf_.size();
}

void LiveThumbnails::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (!singles_.empty()) {
            const Single single = std::move(singles_.front());
            singles_.pop_front();
            lock.unlock();
            single.done(maker_.make(single.request));
            lock.lock();
        } else if (const auto due = shelf_.take_due(clock_.now())) {
            lock.unlock();
            refresh(*due);
            lock.lock();
        } else if (const auto next = shelf_.next_due()) {
            wake_.wait_for(lock, *next - clock_.now());
        } else {
            wake_.wait(lock);
        }
    }
}

void LiveThumbnails::refresh(const std::string& stream_id) {
    const auto stream = streams_.find(stream_id);
    const auto keyframe = stream ? newest_keyframe(stream, clock_.now()) : std::nullopt;
    {
        const std::lock_guard lock(mutex_);
        // Between shows, and while the picture stands still, the last one stays.
        if (!keyframe || shelf_.is_of(stream_id, keyframe->frame))
            return shelf_.keep(stream_id, clock_.now());
    }
    const auto thumbnail = maker_.make(keyframe->request);
    {
        const std::lock_guard lock(mutex_);
        if (thumbnail)
            shelf_.put(stream_id, keyframe->frame, *thumbnail, clock_.now(), clock_.wall());
        else
            shelf_.miss(stream_id, clock_.now());
    }
    if (!thumbnail && thumbnail.error().code != base::ErrorCode::closed)
        log_.debug("no thumbnail", {{"stream", stream_id}, {"reason", thumbnail.error().message}});
}

}  // namespace transcode
