// Histogram of durations: 16 steps to each doubling, so that a percentile is right to about 6 %, in constant
// memory. One thread.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>

namespace bench {

class Histogram {
  public:
    void add(std::int64_t ns) {
        const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0));
        ++counts_[slot(value)];
        ++count_;
        largest_ = std::max(largest_, value);
    }
    void clear() { *this = {}; }

    // The upper end of the step below which this share of all lies.
    std::uint64_t at(double share) const {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            below += counts_[i];
            if (below > wanted) return std::min(upper(i), largest_);
        }
        return largest_;
    }

    std::string json() const {
        const auto ms = [](std::uint64_t ns) { return static_cast<double>(ns) / 1e6; };
        return fmt::format(
            R"({{"count":{},"p50_ms":{:.3f},"p90_ms":{:.3f},"p99_ms":{:.3f},"p999_ms":{:.3f},"max_ms":{:.3f}}})",
            count_, ms(at(0.5)), ms(at(0.9)), ms(at(0.99)), ms(at(0.999)), ms(largest_));
    }

  private:
    static constexpr unsigned step_bits = 4;
    static constexpr std::uint64_t steps = 1u << step_bits;

    static std::size_t slot(std::uint64_t value) {
        if (value < steps) return value;
        const auto doubling = static_cast<unsigned>(std::bit_width(value)) - step_bits - 1;
        return (doubling + 1) * steps + ((value >> doubling) & (steps - 1));
    }
    static std::uint64_t upper(std::size_t slot) {
        if (slot < steps) return slot;
        const auto doubling = slot / steps - 1;
        return (steps + slot % steps + 1) << doubling;
    }

    std::array<std::uint64_t, 64 * steps> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t largest_ = 0;
};

}  // namespace bench
