#include "hub/frame_log.h"

#include <algorithm>

namespace hub {

HeadersPtr with_header(const HeadersPtr& headers, const media::FramePtr& frame) {
    auto changed = std::make_shared<Headers>(*headers);
    if (frame->kind == media::Kind::data) {
        changed->metadata = frame;
        return changed;
    }
    const auto key = [](const media::FramePtr& config) { return std::pair(config->kind, config->track); };
    const auto place = std::lower_bound(changed->configs.begin(), changed->configs.end(), frame,
                                        [&](const auto& a, const auto& b) { return key(a) < key(b); });
    if (place != changed->configs.end() && key(*place) == key(frame))
        *place = frame;
    else
        changed->configs.insert(place, frame);
    return changed;
}

void FrameLog::append(media::FramePtr frame, base::MonotonicTime now) {
    const bool is_header = frame->role == media::Role::config ||
                           (frame->role == media::Role::metadata && frame->kind == media::Kind::data);
    if (is_header) headers_ = with_header(headers_, frame);
    if (is_video_keyframe(*frame)) keyframes_.push_back(end());
    const std::size_t size = frame->tag.size();
    entries_.push_back({std::move(frame), headers_, now, bytes_end_});
    bytes_end_ += size;
    trim(now);
}

std::size_t FrameLog::bytes_held() const {
    return entries_.empty() ? 0 : static_cast<std::size_t>(bytes_end_ - entries_.front().bytes_before);
}

std::uint64_t FrameLog::keyframe_from(std::uint64_t from) const {
    const auto found = std::lower_bound(keyframes_.begin(), keyframes_.end(), from);
    return found == keyframes_.end() ? end() : *found;
}

void FrameLog::trim(base::MonotonicTime now) {
    while (entries_.size() > 1) {
        const bool too_many_bytes = bytes_held() > settings_.max_bytes;
        const std::size_t groups = std::min(keyframes_.size(), settings_.groups);
        const bool in_kept_groups = groups > 0 && first_ >= keyframes_[keyframes_.size() - groups];
        const bool old = now - entries_.front().arrived > settings_.keep;
        if (!too_many_bytes && (in_kept_groups || !old)) return;
        drop_front();
    }
}

void FrameLog::drop_front() {
    if (!keyframes_.empty() && keyframes_.front() == first_) keyframes_.pop_front();
    entries_.pop_front();
    ++first_;
}

}  // namespace hub
