#include <algorithm>

#include "hub/stream.h"

namespace hub {
namespace {

bool is_sound(const media::Frame& frame) {
    return frame.kind == media::Kind::audio && frame.role == media::Role::coded && frame.track == 0;
}

}  // namespace

Subscription::Subscription(std::shared_ptr<Stream> stream, const SubscriptionSettings& settings,
                           base::MonotonicTime now)
    : stream_(std::move(stream)), settings_(settings), joined_at_(now) {
    const std::lock_guard lock(stream_->mutex_);
    const FrameLog& log = stream_->log_;
    if (settings_.start == StartAt::oldest_keyframe) {
        const std::uint64_t oldest = log.keyframe_from(log.begin());
        next_ = oldest < log.end() ? oldest : log.begin();
        return;
    }
    next_ = std::min(log.newest_keyframe(), log.end());
    if (next_ < log.end() && settings_.start == StartAt::live_keyframe &&
        now - log.at(next_).arrived > settings_.max_age)
        next_ = log.end();
}

BatchPtr Subscription::read(base::MonotonicTime now, std::size_t max_bytes, BatchPtr& recent) {
    if (state_ == State::flowing) {
        if (next_ == stream_->log_end_.load(std::memory_order_acquire)) return nullptr;
        if (recent && stands_at(*recent, now)) {
            next_ = recent->to;
            if (sent_headers_ != recent->headers) sent_headers_ = recent->headers;
            return recent;
        }
    }
    auto batch = std::make_shared<Batch>();
    bool own = false;
    {
        const std::lock_guard lock(stream_->mutex_);
        const FrameLog& log = stream_->log_;
        keep_bounds(log, now);
        if (state_ != State::flowing) {
            if (!find_start(log, stream_->video_expected(now))) return nullptr;
            own = true;
            add_headers(log.at(next_), batch->frames);
            state_ = State::flowing;
        }
        if (next_ == log.end()) return nullptr;
        batch->from = next_;
        batch->frames.reserve(batch->frames.size() + std::min<std::size_t>(log.end() - next_, 64));
        batch->first_arrived = log.at(next_).arrived;
        for (std::size_t bytes = 0; next_ < log.end() && bytes < max_bytes; ++next_) {
            const FrameLog::Entry& entry = log.at(next_);
            batch->frames.push_back({entry.frame, entry.frame->dts});
            bytes += entry.frame->tag.size();
        }
        sent_headers_ = log.at(next_ - 1).headers;
    }
    batch->to = next_;
    batch->headers = sent_headers_;
    if (!own) {
        batch->stream = stream_;
        recent = batch;
    }
    return batch;
}

// Frames that are young enough for anybody are within everybody's bounds.
bool Subscription::stands_at(const Batch& batch, base::MonotonicTime now) const {
    return batch.from == next_ && now - batch.first_arrived <= settings_.max_age &&
           !batch.stream.owner_before(stream_) && !stream_.owner_before(batch.stream);
}

void Subscription::keep_bounds(const FrameLog& log, base::MonotonicTime now) {
    const bool lost = next_ < log.begin();
    if (lost) skip_to(log.begin());
    if (state_ != State::flowing || next_ == log.end()) return;
    const bool too_old = age_at(log, next_, now) > settings_.max_age;
    const bool too_much = log.bytes_end() - log.at(next_).bytes_before > settings_.max_bytes;
    if (!lost && !too_old && !too_much) return;
    ++overflows_;
    state_ = State::waiting_for_keyframe;
    // The newest keyframe, unless it is already too old itself: then the next one that comes.
    const std::uint64_t newest = log.newest_keyframe();
    const bool usable =
        newest >= next_ && newest < log.end() && age_at(log, newest, now) <= settings_.max_age;
    skip_to(usable ? newest : log.end());
}

bool Subscription::find_start(const FrameLog& log, bool video_expected) {
    std::uint64_t start = log.keyframe_from(next_);
    if (start == log.end() && !video_expected) {
        start = next_;
        while (start < log.end() && !is_sound(*log.at(start).frame)) ++start;
    }
    skip_to(start);
    return start < log.end();
}

void Subscription::add_headers(const FrameLog::Entry& first, std::vector<Delivery>& out) {
    const auto known = [&](const media::FramePtr& config) {
        return sent_headers_ && std::find(sent_headers_->configs.begin(), sent_headers_->configs.end(),
                                          config) != sent_headers_->configs.end();
    };
    const Headers& headers = *first.headers;
    if (headers.metadata && (!sent_headers_ || sent_headers_->metadata != headers.metadata))
        out.push_back({headers.metadata, first.frame->dts});
    for (const media::FramePtr& config : headers.configs)
        if (!known(config)) out.push_back({config, first.frame->dts});
}

void Subscription::skip_to(std::uint64_t sequence) {
    if (state_ != State::starting && sequence > next_) dropped_ += sequence - next_;
    next_ = std::max(next_, sequence);
}

std::chrono::nanoseconds Subscription::age_at(const FrameLog& log, std::uint64_t sequence,
                                              base::MonotonicTime now) const {
    return now - std::max(log.at(sequence).arrived, joined_at_);
}

Backlog Subscription::backlog(base::MonotonicTime now) const {
    const std::lock_guard lock(stream_->mutex_);
    const FrameLog& log = stream_->log_;
    const std::uint64_t next = std::max(next_, log.begin());
    if (state_ != State::flowing || next >= log.end()) return {};
    return {std::chrono::duration_cast<std::chrono::milliseconds>(age_at(log, next, now)),
            log.bytes_end() - log.at(next).bytes_before};
}

bool Subscription::ended() const {
    if (!stream_->ended()) return false;
    const std::lock_guard lock(stream_->mutex_);
    const FrameLog& log = stream_->log_;
    return state_ == State::flowing ? next_ >= log.end() : log.keyframe_from(next_) == log.end();
}

}  // namespace hub
