#include "hub/rate_meter.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hub {
namespace {

std::int64_t second_of(base::MonotonicTime now) {
    return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

}  // namespace

void RateMeter::add(base::MonotonicTime now, std::uint64_t bytes, std::uint64_t frames) {
    const std::int64_t index = second_of(now);
    if (first_ < 0) first_ = index;
    Second& second = seconds_[static_cast<std::size_t>(index) % seconds_.size()];
    if (second.index != index) second = {index, 0, 0};
    second.bytes += bytes;
    second.frames += frames;
}

template <class Member>
double RateMeter::per_second(base::MonotonicTime now, Member member) const {
    // Whole seconds only: the current one is not over yet, and the first began somewhere in its middle.
    const std::int64_t current = second_of(now);
    const std::int64_t from = std::max(current - window_s, first_ + 1);
    if (first_ < 0) return 0;
    if (from >= current) {
        // Less than two seconds old: what there is, as if it were a second's worth.
        std::uint64_t sum = 0;
        for (const Second& second : seconds_)
            if (second.index >= 0 && second.index >= current - 1) sum += second.*member;
        return static_cast<double>(sum);
    }
    std::uint64_t sum = 0;
    for (const Second& second : seconds_)
        if (second.index >= from && second.index < current) sum += second.*member;
    return static_cast<double>(sum) / static_cast<double>(current - from);
}

double RateMeter::frames_per_second(base::MonotonicTime now) const {
    return per_second(now, &Second::frames);
}

std::int64_t RateMeter::kilobits_per_second(base::MonotonicTime now) const {
    return std::llround(per_second(now, &Second::bytes) * 8 / 1000);
}

}  // namespace hub
