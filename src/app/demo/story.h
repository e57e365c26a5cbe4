// What has to happen in the demo, and whether it did: fed with what the table shows, asked for the verdict.
// Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "app/top/snapshot.h"

namespace app::demo {

// The receiver that fails, by index: after `first_failure`, for `outage`, and again every `failure_interval`.
inline constexpr std::size_t failing_receiver = 1;
inline constexpr std::chrono::seconds first_failure{15};
inline constexpr std::chrono::seconds outage{10};
inline constexpr std::chrono::seconds failure_interval{60};
// How soon after its return a receiver has the stream again: the retry in progress, the backoff, a keyframe.
inline constexpr std::chrono::seconds recovery_time{20};
inline constexpr std::chrono::seconds picture_interval{10};

// Whether the receiver should be down at this moment of a demo that runs for `total` (zero: for ever). None
// is taken down so late that its recovery could not be seen.
bool should_be_down(std::chrono::seconds since_start, std::chrono::seconds total);

class Story {
  public:
    // What the table shows, and whether the failing receiver is down at the time. True when that tells
    // something new, which `news` then says.
    bool observe(const top::Snapshot& snapshot, bool down, std::string& news);
    void picture(std::size_t receiver) { ++pictures_[receiver]; }
    void failed() {
        ++failures_;
        noticed_ = false;
    }

    bool happy() const;
    // One line: what was seen.
    std::string summary() const;

  private:
    static constexpr std::size_t count = 3;

    std::array<std::string, count> state_;
    std::array<bool, count> was_connected_{};
    std::array<std::uint64_t, count> pictures_{};
    bool encoder_seen_ = false;
    bool noticed_ = true;  // the table showed the current failure
    std::uint64_t failures_ = 0;
    std::uint64_t recoveries_ = 0;
};

}  // namespace app::demo
