// FrameLog: the last seconds of one stream, in order, shared by all that read it. A reader is a position in
// it, so a thousand readers cost no more memory than one. Not safe between threads by itself: Stream guards
// it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "media/frame.h"

namespace hub {

// What a decoder must have before a frame of this stream makes sense. Immutable; a change makes a new one.
struct Headers {
    media::FramePtr metadata;
    // Codec configurations by kind and track: audio before video, as platforms expect them.
    std::vector<media::FramePtr> configs;
};
using HeadersPtr = std::shared_ptr<const Headers>;

// Headers with this metadata or configuration frame in place of the one it supersedes.
HeadersPtr with_header(const HeadersPtr& headers, const media::FramePtr& frame);

struct FrameLogSettings {
    // Kept for readers that lag behind, besides the group of pictures that a new reader starts with.
    std::chrono::milliseconds keep{3'000};
    // The newest groups of pictures that are kept however old they are. With two, who wants the last seconds
    // finds a whole one.
    std::size_t groups = 1;
    // Over this, even the current group of pictures is let go from its beginning.
    std::size_t max_bytes = 32 * 1024 * 1024;
};

class FrameLog {
  public:
    struct Entry {
        media::FramePtr frame;
        HeadersPtr headers;  // as they are at this frame, itself included
        base::MonotonicTime arrived;
        std::uint64_t bytes_before = 0;  // of all frames ever logged before this one
    };

    explicit FrameLog(const FrameLogSettings& settings) : settings_(settings) {}

    void append(media::FramePtr frame, base::MonotonicTime now);

    // Sequence numbers run from begin() to end(), exclusive, and are never used twice.
    std::uint64_t begin() const { return first_; }
    std::uint64_t end() const { return first_ + entries_.size(); }
    const Entry& at(std::uint64_t sequence) const { return entries_[sequence - first_]; }
    std::uint64_t bytes_end() const { return bytes_end_; }
    std::size_t bytes_held() const;
    const HeadersPtr& headers() const { return headers_; }

    // The first video keyframe at or after `from`; end() when there is none.
    std::uint64_t keyframe_from(std::uint64_t from) const;
    // The newest video keyframe; end() when there is none.
    std::uint64_t newest_keyframe() const { return keyframes_.empty() ? end() : keyframes_.back(); }

  private:
    void trim(base::MonotonicTime now);
    void drop_front();

    FrameLogSettings settings_;
    std::deque<Entry> entries_;
    std::deque<std::uint64_t> keyframes_;
    std::uint64_t first_ = 0;
    std::uint64_t bytes_end_ = 0;
    HeadersPtr headers_ = std::make_shared<const Headers>();
};

// A picture that decoding can start with, on the main track.
inline bool is_video_keyframe(const media::Frame& frame) {
    return frame.kind == media::Kind::video && frame.role == media::Role::coded && frame.keyframe &&
           frame.track == 0;
}

}  // namespace hub
