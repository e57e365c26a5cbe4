// What the process asks of its kernel: limits, privacy, signals. Called on the main thread before any other is started.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace app {

// Nothing this process writes is readable by others, and unless `core_dumps` no crash writes its memory to disk,
// nor may another process of the same user read it.
void harden_process(bool core_dumps);

// Raises the limit of open files as far as the system lets it; gives what it is now.
std::uint64_t raise_descriptor_limit();
std::uint64_t descriptor_limit();

// SIGINT and SIGTERM as something to wait for. Made before the first thread, so that every thread inherits the mask.
class Signals {
  public:
    Signals();
    // The name of the signal that came.
    std::string wait();
    // From here on a second signal ends the process at once, and so does the deadline.
    void force_after(std::chrono::seconds deadline);
};

struct ProcessFacts {
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t max_descriptors = 0;
    double cpu_seconds = 0;
    std::uint64_t threads = 0;
};
ProcessFacts process_facts();

// The first address of this machine that other machines can reach, by its own account; "localhost" when there is none.
std::string reachable_address();

}  // namespace app
