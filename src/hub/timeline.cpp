#include "hub/timeline.h"

#include <algorithm>

namespace hub {
namespace {

bool plausible(std::int64_t step_ms) {
    return step_ms >= -max_step_back_ms && step_ms <= max_step_forward_ms;
}

}  // namespace

void Timeline::anchor(std::int64_t raw_ms, base::MonotonicTime now) {
    std::int64_t at = 0;
    if (started_) {
        const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - latest_at_).count();
        at = latest_ms_ + std::max<std::int64_t>(passed, 1);
    }
    offset_ms_ = at - raw_ms;
}

Timeline::Placed Timeline::place(media::Kind kind, std::uint32_t wire_ms, base::MonotonicTime now) {
    Placed placed;
    // The nearest time to the last one that has these 32 bits: a step is taken as signed, so wraps vanish
    // here.
    std::int64_t raw_ms = wire_ms;
    if (!fresh_) {
        const auto step = static_cast<std::int32_t>(wire_ms - static_cast<std::uint32_t>(last_raw_ms_));
        raw_ms = last_raw_ms_ + step;
    }

    if (fresh_) {
        anchor(raw_ms, now);
        previous_offset_ms_.reset();
        fresh_ = false;
    }
    std::int64_t at_ms = raw_ms + offset_ms_;
    if (started_ && !plausible(at_ms - latest_ms_)) {
        if (previous_offset_ms_ && plausible(raw_ms + *previous_offset_ms_ - latest_ms_)) {
            at_ms = raw_ms + *previous_offset_ms_;
        } else {
            previous_offset_ms_ = offset_ms_;
            anchor(raw_ms, now);
            at_ms = raw_ms + offset_ms_;
            placed.discontinuity = true;
            ++discontinuities_;
        }
    }
    last_raw_ms_ = raw_ms;

    std::int64_t& latest_of_kind = latest_by_kind_ms_[static_cast<std::size_t>(kind)];
    if (at_ms < latest_of_kind) {
        at_ms = latest_of_kind;
        placed.clamped = true;
        ++clamped_;
    }
    latest_of_kind = at_ms;
    if (!started_ || at_ms >= latest_ms_) {
        latest_ms_ = at_ms;
        latest_at_ = now;
    }
    started_ = true;
    placed.dts = std::chrono::milliseconds(at_ms);
    return placed;
}

}  // namespace hub
