// Timeline: places an encoder's 32-bit RTMP timestamps on the stream's own clock, which starts at zero, never
// wraps and goes on when an encoder returns. Pure; owned by the ingest of one stream, one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "media/frame.h"

namespace hub {

// A step further than this, back or forward, is a jump of the encoder's clock and not late or missing media.
inline constexpr std::int64_t max_step_back_ms = 2'000;
inline constexpr std::int64_t max_step_forward_ms = 10'000;

class Timeline {
  public:
    struct Placed {
        media::Timestamp dts{0};
        // The encoder's clock jumped here; the stream's goes on by the time that really passed.
        bool discontinuity = false;
        // Moved up to keep this kind's decoding times from running backwards.
        bool clamped = false;
    };

    // An encoder begins, the first or one that came back: its clock has nothing to do with the one before.
    void begin_publisher() { fresh_ = true; }

    Placed place(media::Kind kind, std::uint32_t wire_ms, base::MonotonicTime now);

    std::uint64_t discontinuities() const { return discontinuities_; }
    std::uint64_t clamped() const { return clamped_; }

  private:
    void anchor(std::int64_t raw_ms, base::MonotonicTime now);

    bool fresh_ = true;
    bool started_ = false;
    std::int64_t last_raw_ms_ = 0;
    std::int64_t offset_ms_ = 0;
    // What held before the last jump: the other track's frames from before it may still come.
    std::optional<std::int64_t> previous_offset_ms_;
    std::int64_t latest_ms_ = 0;
    base::MonotonicTime latest_at_{};
    std::array<std::int64_t, 3> latest_by_kind_ms_{};
    std::uint64_t discontinuities_ = 0;
    std::uint64_t clamped_ = 0;
};

}  // namespace hub
