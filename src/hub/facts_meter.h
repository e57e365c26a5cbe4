// FactsMeter: what is told of a running ingest, measured frame by frame: codecs, picture size, rates,
// keyframe interval, drift. Owned by one ingest; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "hub/rate_meter.h"
#include "media/facts.h"
#include "media/frame.h"

namespace hub {

class FactsMeter {
  public:
    explicit FactsMeter(media::IngestFacts known) : facts_(std::move(known)) {}

    // True when a slow fact changed (codec, size, profile, sample rate): worth an event.
    bool add(const media::Frame& frame, base::MonotonicTime now);
    // What metadata says fills in only what the codec configuration does not tell.
    void set_declared_fps(double fps) { declared_fps_ = fps; }
    void set_discontinuities(std::uint64_t count) { facts_.discontinuities = count; }
    void count_dropped() { ++facts_.frames_dropped; }

    media::IngestFacts facts(base::MonotonicTime now) const;

  private:
    bool add_config(const media::Frame& frame);
    void add_picture(const media::Frame& frame);
    bool add_sound(const media::Frame& frame);

    media::IngestFacts facts_;
    RateMeter video_;
    RateMeter audio_;
    double declared_fps_ = 0;
    double configured_fps_ = 0;
    std::optional<media::Timestamp> last_keyframe_;
    std::optional<media::Timestamp> first_dts_;
    media::Timestamp latest_dts_{0};
    base::MonotonicTime first_at_{};
    base::MonotonicTime latest_at_{};
};

}  // namespace hub
