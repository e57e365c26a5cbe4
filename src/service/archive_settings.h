// How recordings are brought to an object store, and what came of it. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace service {

struct ArchiveSettings {
    // Before every key: "shows/".
    std::string prefix = {};
    // What failed is tried again after the first delay, then after twice that, up to the longest.
    std::chrono::milliseconds first_delay{30'000};
    std::chrono::milliseconds longest_delay{600'000};
    // How often the database is asked for work that nobody told of.
    std::chrono::milliseconds interval{10'000};
    // How often a trouble that goes on is told in the log again.
    std::chrono::milliseconds remind{3'600'000};

    // Whether the store answers is looked at when a replay needs it or a recording waits for it, not more
    // often than this; while it is silent, as often as this. The second look, which decides, comes sooner.
    std::chrono::milliseconds look_again{15'000};
    std::chrono::milliseconds second_look{2'000};
    // How often what waits is counted.
    std::chrono::milliseconds count_every{5'000};
};

// Recordings that are ready and not yet in the store.
struct ArchiveStock {
    std::uint64_t recordings = 0;
    std::uint64_t bytes = 0;
};

struct ArchiveFigures {
    std::uint64_t files = 0;  // that left the disk
    std::uint64_t bytes = 0;
    std::uint64_t removed = 0;  // objects
    std::uint64_t failures = 0;
    ArchiveStock waiting = {};
    // For how long nothing could be brought there although something waits, and for how long it has not
    // answered; 0: all is well.
    std::chrono::seconds late{0};
    std::chrono::seconds away{0};
};

}  // namespace service
