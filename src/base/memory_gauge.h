// MemoryGauge: how much of the memory that the server may have is in use, and what is given up for it, one
// after the other: new viewers are turned away, HLS lets earlier segments go, readers that are slow are
// ended. Encoders and what keeps up with them stay. app/ measures and owns it; any thread reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace base {

class MemoryGauge {
  public:
    // Percent of what there may be. Between them there is room for what each of them sets free.
    static constexpr std::uint64_t viewers_at = 85;
    static constexpr std::uint64_t cache_at = 90;
    static constexpr std::uint64_t slow_at = 95;

    // In bytes; 0: there is no bound.
    explicit MemoryGauge(std::uint64_t limit) : limit_(limit) {}

    void set_used(std::uint64_t bytes) { used_.store(bytes, std::memory_order_relaxed); }
    std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
    std::uint64_t limit() const { return limit_; }

    bool refuses_viewers() const { return over(viewers_at); }
    // What the cache has to give back; 0 where it may stay.
    std::uint64_t cache_excess() const {
        const std::uint64_t may = limit_ / 100 * cache_at;
        return over(cache_at) ? used() - may : 0;
    }
    bool ends_slow_readers() const { return over(slow_at); }

  private:
    bool over(std::uint64_t percent) const { return limit_ > 0 && used() > limit_ / 100 * percent; }

    const std::uint64_t limit_;
    std::atomic<std::uint64_t> used_{0};
};

}  // namespace base
