// MemoryWatch: measures what is in use of the memory there may be, tells it to the gauge, and makes the cache
// give back what has to be. Owned by Engine; one thread.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory_gauge.h"

namespace app {

// How often it is measured.
inline constexpr std::chrono::milliseconds memory_interval{250};

class MemoryWatch {
  public:
    struct Sources {
        std::function<std::uint64_t()> used;
        std::function<void(std::uint64_t bytes)> shed_cache;
    };

    // All references outlive it.
    MemoryWatch(base::MemoryGauge& gauge, Sources sources, const base::Clock& clock, base::Logger log)
        : gauge_(gauge), sources_(std::move(sources)), clock_(clock), log_(std::move(log)) {}

    void look();

  private:
    void tell(base::MonotonicTime now);

    base::MemoryGauge& gauge_;
    const Sources sources_;
    const base::Clock& clock_;
    const base::Logger log_;
    bool short_ = false;
    base::MonotonicTime told_at_{};
    base::MonotonicTime trimmed_at_{};
};

}  // namespace app
