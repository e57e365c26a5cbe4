// CounterRate: how fast a counter that only grows has grown over the last seconds, from looks at it now and
// then. One thread.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace output {

class CounterRate {
  public:
    // What grows from here on is counted from the first look at it.
    void reset() { count_ = 0; }
    // The last five are kept: with a look a second, four seconds.
    void look(base::MonotonicTime now, std::uint64_t total);
    // Zero until there are two looks.
    double per_second() const;

  private:
    struct Look {
        base::MonotonicTime at{};
        std::uint64_t total = 0;
    };
    std::array<Look, 5> looks_{};
    std::size_t count_ = 0;  // ever
};

}  // namespace output
