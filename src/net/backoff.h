// Exponential backoff with jitter. Pure: the caller supplies the randomness and keeps the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace net {

struct BackoffSettings {
    std::chrono::milliseconds first{1'000};
    std::chrono::milliseconds cap{30'000};
    // Of the delay, to either side.
    double jitter = 0.2;
};

class Backoff {
  public:
    explicit Backoff(const BackoffSettings& settings) : settings_(settings) {}

    // The delay before the next try; `random` is in [0, 1).
    std::chrono::milliseconds next(double random) {
        // 2^20 s is past every cap: further doubling would only overflow.
        const auto doubled = settings_.first * (std::int64_t{1} << std::min<std::uint32_t>(failures_, 20));
        const auto delay = std::min<std::chrono::milliseconds>(doubled, settings_.cap);
        ++failures_;
        const double factor = 1.0 + settings_.jitter * (2.0 * random - 1.0);
        return std::chrono::milliseconds(
            static_cast<std::int64_t>(static_cast<double>(delay.count()) * factor));
    }

    std::uint32_t failures() const { return failures_; }
    void reset() { failures_ = 0; }

  private:
    BackoffSettings settings_;
    std::uint32_t failures_ = 0;
};

}  // namespace net
