// Track: the frames of one track that wait for their part, and the decode times given to them. Owned by a
// Packager; one thread.
#pragma once

#include <optional>
#include <vector>

#include "output/cmaf/track_config.h"

namespace output::cmaf {

// An audio track counts its samples, and its frames' stamps are looked at only for this: RTMP's are rounded
// to milliseconds, and encoders shake them. Further off than this, the count goes to where the stamp says;
// sound that is early by less than 90 ms is still accepted (ITU-R BT.1359).
inline constexpr std::chrono::milliseconds audio_resync{80};

// Exact for every time that there is: seconds and the rest are scaled apart. Rounded to the nearest.
std::int64_t to_ticks(media::Timestamp time, std::uint32_t timescale);
media::Timestamp from_ticks(std::int64_t ticks, std::uint32_t timescale);

struct Waiting {
    media::FramePtr frame;
    std::int64_t decode_time = 0;  // in ticks of the stream's own time
    media::Timestamp at{0};        // the same, rounded
    std::uint32_t duration = 0;
    std::int32_t composition_offset = 0;
};

class Track {
  public:
    // Its frames have this configuration from now on. Nothing may wait.
    void start(TrackConfigPtr config);
    void stop() { config_.reset(); }
    // Null when it is not carried.
    const TrackConfigPtr& config() const { return config_; }
    bool carried() const { return config_ != nullptr; }

    // A frame at this time: the one before it lasts until then.
    void append(media::FramePtr frame, media::Timestamp at);
    // The last one is complete: it lasts until a frame at `next`, or as long as the one before it did.
    void close(std::optional<media::Timestamp> next);

    // The next frame is not where the one before it would have it. The track is closed.
    void forget() { expected_.reset(); }

    // In the order of their decode times. The last one's duration is not known before the next has come.
    const std::vector<Waiting>& waiting() const { return waiting_; }
    std::size_t complete() const {
        return closed_ || waiting_.empty() ? waiting_.size() : waiting_.size() - 1;
    }
    // The frame of one that goes into a part; then all up to the last of these are dropped.
    media::FramePtr take(std::size_t index) { return std::move(waiting_[index].frame); }
    void drop(std::size_t count);

    // When the last frame began; only while one waits.
    media::Timestamp newest_at() const { return waiting_.back().at; }
    std::uint32_t timescale() const { return config_->description.timescale; }
    // How long a frame lasts, as far as one can say.
    media::Timestamp usual_duration() const { return from_ticks(usual_duration_, timescale()); }
    // Where the next frame is expected; nothing before the first, also of those after forget().
    std::optional<media::Timestamp> expected() const;
    // The time that is taken: the next frame cannot begin before.
    media::Timestamp reached() const { return from_ticks(floor_, timescale()); }

  private:
    bool is_video() const { return config_->description.id == video_track_id; }
    std::int64_t place(media::Timestamp at) const;

    TrackConfigPtr config_;
    std::vector<Waiting> waiting_;
    bool closed_ = false;
    // In ticks: of a frame, and where the next one would be.
    std::int64_t usual_duration_ = 0;
    std::optional<std::int64_t> expected_;
    // Nothing begins before this.
    std::int64_t floor_ = 0;
};

}  // namespace output::cmaf
