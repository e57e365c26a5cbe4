// RateMeter: frames and bytes a second, over the last few whole seconds. One thread.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace hub {

class RateMeter {
  public:
    void add(base::MonotonicTime now, std::uint64_t bytes, std::uint64_t frames = 1);
    // Over the seconds that have passed, up to the window; zero when nothing came for a window.
    double frames_per_second(base::MonotonicTime now) const;
    std::int64_t kilobits_per_second(base::MonotonicTime now) const;

  private:
    static constexpr std::int64_t window_s = 4;
    struct Second {
        std::int64_t index = -1;
        std::uint64_t bytes = 0;
        std::uint64_t frames = 0;
    };
    template <class Member>
    double per_second(base::MonotonicTime now, Member member) const;

    std::array<Second, window_s + 1> seconds_{};
    std::int64_t first_ = -1;
};

}  // namespace hub
