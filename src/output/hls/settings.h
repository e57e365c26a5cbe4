// What live HLS is set to. Plain data, passed in by app/.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace output::hls {

struct Settings {
    // Listed segments; more where they are so short that this is less than three target durations.
    std::size_t window_segments = 6;
    // How far back one may go. Zero: no further than the window. What is older than the window is kept on
    // disk, in files without a name below `dvr_folder`.
    std::chrono::seconds dvr{0};
    std::filesystem::path dvr_folder = {};
    // In memory, for all streams.
    std::uint64_t memory_budget = std::uint64_t{512} * 1024 * 1024;
    // A stream that nobody asked for so long is let go.
    std::chrono::seconds idle{60};
    // A stream that has ended can be asked for that long, so that players see its end.
    std::chrono::seconds after_end{60};
};

// Questions that wait, of all streams together: a few hundred bytes each.
inline constexpr std::size_t max_waiting = 20'000;

}  // namespace output::hls
