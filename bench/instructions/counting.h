// Counts allocations, and bytes that are copied, on one thread: the program it is linked into has operator
// new and memcpy of its own, also for the libraries that it uses.
#pragma once

#include <cstdint>

namespace bench {

// Copies shorter than this are headers and strings, not payload.
inline constexpr std::size_t payload_copy = 256;

struct Counts {
    std::uint64_t allocations = 0;
    std::uint64_t payload_bytes_copied = 0;
};

// On the calling thread, from now on. Starts at zero.
void start_counting();
Counts stop_counting();

}  // namespace bench
