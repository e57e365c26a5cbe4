#include "transcode/poster_shelf.h"

#include <fmt/format.h>

#include <algorithm>

#include "transcode/worker_message.h"

namespace transcode {

std::optional<media::Content> PosterShelf::ask(const std::string& stream_id, base::MonotonicTime now) {
    Poster& poster = find_or_add(stream_id, now)->second;
    poster.asked = now;
    return poster.content;
}

void PosterShelf::set_recording(const std::string& stream_id, bool recording, base::MonotonicTime now) {
    if (recording) {
        find_or_add(stream_id, now)->second.recording = true;
    } else if (const auto found = posters_.find(stream_id); found != posters_.end()) {
        found->second.recording = false;
    }
}

PosterShelf::Posters::iterator PosterShelf::find_or_add(const std::string& stream_id,
                                                        base::MonotonicTime now) {
    if (const auto found = posters_.find(stream_id); found != posters_.end()) return found;
    make_room();
    const auto added = posters_.try_emplace(stream_id).first;
    // Wanted by nobody yet, and the first to go.
    added->second.asked = now - settings_.idle - std::chrono::milliseconds(1);
    schedule(stream_id, added->second, now);
    return added;
}

// The one that was not asked for the longest goes; of those that are recorded only when there is no other.
void PosterShelf::make_room() {
    if (posters_.size() < settings_.max_streams) return;
    const auto oldest = std::min_element(posters_.begin(), posters_.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second.recording, a.second.asked) < std::pair(b.second.recording, b.second.asked);
    });
    if (oldest->second.due) queue_.erase({*oldest->second.due, oldest->first});
    posters_.erase(oldest);
}

void PosterShelf::schedule(const std::string& stream_id, Poster& poster, base::MonotonicTime at) {
    if (poster.due) queue_.erase({*poster.due, stream_id});
    poster.due = at;
    queue_.emplace(at, stream_id);
}

std::optional<std::string> PosterShelf::take_due(base::MonotonicTime now) {
    while (!queue_.empty() && queue_.begin()->first <= now) {
        const std::string stream_id = queue_.begin()->second;
        queue_.erase(queue_.begin());
        const auto found = posters_.find(stream_id);
        found->second.due.reset();
        if (wanted(found->second, now)) return stream_id;
        posters_.erase(found);
    }
    return std::nullopt;
}

std::optional<base::MonotonicTime> PosterShelf::next_due() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
}

void PosterShelf::put(const std::string& stream_id, const media::FramePtr& of, const Thumbnail& thumbnail,
                      base::MonotonicTime now, base::WallTime wall) {
    const auto found = posters_.find(stream_id);
    if (found == posters_.end()) return;
    Poster& poster = found->second;
    poster.of = of;
    poster.misses = 0;
    media::Content content;
    content.body = thumbnail.jpeg;
    content.type = "image/jpeg";
    content.lifetime = std::chrono::duration_cast<std::chrono::seconds>(settings_.period);
    content.etag = fmt::format("{:x}-{:x}", base::unix_millis(wall), thumbnail.jpeg->size());
    content.modified = wall;
    poster.content = std::move(content);
    schedule(stream_id, poster, now + settings_.period);
}

void PosterShelf::keep(const std::string& stream_id, base::MonotonicTime now) {
    if (const auto found = posters_.find(stream_id); found != posters_.end())
        schedule(stream_id, found->second, now + settings_.period);
}

void PosterShelf::miss(const std::string& stream_id, base::MonotonicTime now) {
    const auto found = posters_.find(stream_id);
    if (found == posters_.end()) return;
    Poster& poster = found->second;
    constexpr unsigned most_doublings = 10;
    poster.misses = std::min(poster.misses + 1, most_doublings);
    schedule(stream_id, poster,
             now + std::min(settings_.period * (1 << (poster.misses - 1)), settings_.longest_period));
}

bool PosterShelf::is_of(const std::string& stream_id, const media::FramePtr& frame) const {
    const auto found = posters_.find(stream_id);
    return found != posters_.end() && found->second.content && found->second.of.lock() == frame;
}

std::optional<Keyframe> newest_keyframe(const std::shared_ptr<hub::Stream>& stream, base::MonotonicTime now) {
    // A new reader gets what a decoder needs first, then the newest keyframe.
    const auto reader = stream->subscribe({.start = hub::StartAt::cached_keyframe}, now);
    hub::BatchPtr recent;
    const hub::BatchPtr batch = reader->read(now, 1, recent);
    if (!batch) return std::nullopt;
    std::optional<Keyframe> keyframe;
    for (const hub::Delivery& delivery : batch->frames)
        if (hub::is_video_keyframe(*delivery.frame)) keyframe = Keyframe{delivery.frame, {}};
    if (!keyframe || !can_be_decoded(keyframe->frame->codec)) return std::nullopt;
    const auto bytes = [](const media::Frame& frame) { return frame.tag.from(frame.payload_offset); };
    keyframe->request.codec = keyframe->frame->codec;
    keyframe->request.keyframe = bytes(*keyframe->frame);
    for (const media::FramePtr& config : batch->headers->configs)
        if (config->kind == media::Kind::video && config->track == 0 &&
            config->codec == keyframe->frame->codec)
            keyframe->request.config = bytes(*config);
    return keyframe;
}

}  // namespace transcode
