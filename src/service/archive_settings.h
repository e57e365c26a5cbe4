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
};

struct ArchiveFigures {
    std::uint64_t files = 0;  // that left the disk
    std::uint64_t bytes = 0;
    std::uint64_t removed = 0;  // objects
    std::uint64_t failures = 0;
};

}  // namespace service
