// PosterShelf: which stream's poster is due when, and the newest of each. No threads, no clock, no decoder:
// LiveThumbnails puts those around it. One thread at a time.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "hub/stream.h"
#include "media/content.h"
#include "transcode/thumbnail.h"

namespace transcode {

struct PosterSettings {
    std::chrono::milliseconds period{10'000};
    // For so long after somebody asked, a poster is kept new.
    std::chrono::milliseconds idle{60'000};
    // A stream whose pictures cannot be decoded is tried less and less often, down to this.
    std::chrono::milliseconds longest_period{300'000};
    std::size_t max_streams = 2'000;
};

class PosterShelf {
  public:
    explicit PosterShelf(const PosterSettings& settings) : settings_(settings) {}

    // Somebody wants to see it. Nothing when there is none yet.
    std::optional<media::Content> ask(const std::string& stream_id, base::MonotonicTime now);
    void set_recording(const std::string& stream_id, bool recording, base::MonotonicTime now);

    // The stream whose turn it is; it is not due again before put(), keep() or miss(). Forgets what nobody
    // wants any more.
    std::optional<std::string> take_due(base::MonotonicTime now);
    // When to look again; nothing while nobody wants anything.
    std::optional<base::MonotonicTime> next_due() const;

    // What came of it: a new one of this frame, the same picture as before, or none.
    void put(const std::string& stream_id, const media::FramePtr& of, const Thumbnail& thumbnail,
             base::MonotonicTime now, base::WallTime wall);
    void keep(const std::string& stream_id, base::MonotonicTime now);
    void miss(const std::string& stream_id, base::MonotonicTime now);
    bool is_of(const std::string& stream_id, const media::FramePtr& frame) const;

    std::size_t size() const { return posters_.size(); }

  private:
    struct Poster {
        std::optional<media::Content> content;
        std::weak_ptr<const media::Frame> of;
        base::MonotonicTime asked{};
        bool recording = false;
        unsigned misses = 0;
        std::optional<base::MonotonicTime> due;  // as in the queue
    };
    using Posters = std::map<std::string, Poster>;

    Posters::iterator find_or_add(const std::string& stream_id, base::MonotonicTime now);
    void make_room();
    void schedule(const std::string& stream_id, Poster& poster, base::MonotonicTime at);
    bool wanted(const Poster& poster, base::MonotonicTime now) const {
        return poster.recording || now - poster.asked <= settings_.idle;
    }

    PosterSettings settings_;
    Posters posters_;
    std::set<std::pair<base::MonotonicTime, std::string>> queue_;
};

// The newest keyframe of the main video track that the stream holds, and what a decoder needs before it.
// Nothing when there is none, or of a codec that is not decoded.
struct Keyframe {
    media::FramePtr frame;
    ThumbnailRequest request;
};
std::optional<Keyframe> newest_keyframe(const std::shared_ptr<hub::Stream>& stream, base::MonotonicTime now);

}  // namespace transcode
