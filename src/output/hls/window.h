// Window: the segments of one stream that can be had, as they come, slide out of its playlists and are let
// go. Owned by a LiveStream, which guards it; gives editions.
#pragma once

#include <deque>

#include "output/hls/arena.h"
#include "output/hls/edition.h"
#include "output/hls/settings.h"

namespace output::hls {

class Window {
  public:
    Window(const Settings& settings, Duration part_target,
           std::shared_ptr<std::atomic<std::uint64_t>> texts_made);

    // `extent` is the segment's, and ends with this part, unless it is lost.
    void on_part(const cmaf::Part& part, const ExtentPtr& extent, bool lost, base::MonotonicTime now);
    void on_segment_end(const cmaf::SegmentEnded& ended, base::MonotonicTime now);
    void on_discontinuity() { discontinuity_ = true; }
    void on_stream_end();

    // As if nothing had come yet.
    void clear();

    EditionPtr edition();

    // Lets segments go, oldest first, until about so many bytes of memory are free; what is listed stays at
    // least three target durations long. How many it were.
    std::uint64_t shrink(std::uint64_t bytes, base::MonotonicTime now);
    // What has had its time, also where no more segments come. True when something was let go.
    bool expire(base::MonotonicTime now);
    // In memory, of those that can be had.
    std::uint64_t bytes() const { return bytes_; }

    // The oldest that memory need not hold; null when there is none.
    SegmentPtr to_spill() const;
    void spilled(const SegmentPtr& segment, base::FileSlice slice);
    // It cannot be kept any longer, and so none before it. False where it has to stay all the same.
    bool give_up(const SegmentPtr& segment, base::MonotonicTime now);

  private:
    struct Kept {
        SegmentPtr segment;
        // Where it is no longer listed: how long it can be had.
        base::MonotonicTime until{};
    };

    void begin_anew(base::MonotonicTime now);
    void forget_segments();
    void close_parts();
    void slide(base::MonotonicTime now);
    bool may_unlist() const;
    void unlist_first(base::MonotonicTime now);
    std::uint64_t drop_first();
    void measure(const Segment& segment);
    Bandwidth bandwidth() const;

    const Settings settings_;
    const Duration part_target_;
    const std::shared_ptr<std::atomic<std::uint64_t>> texts_made_;

    Phase phase_ = Phase::starting;
    std::deque<Kept> kept_;
    std::size_t first_listed_ = 0;
    Duration listed_{0};
    std::shared_ptr<Segment> open_;
    InitSectionPtr init_;
    bool discontinuity_ = false;
    std::uint64_t discontinuity_sequence_ = 0;
    std::chrono::seconds target_duration_{0};
    std::uint64_t peak_ = 0;
    double frame_rate_ = 0;

    std::shared_ptr<const std::vector<SegmentPtr>> segments_;  // of kept_; null when that has changed
    std::uint64_t serial_ = 0;
    std::uint64_t bytes_ = 0;
    EditionPtr past_;
    base::MonotonicTime past_until_{};
};

}  // namespace output::hls
