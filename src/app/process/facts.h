// What the kernel says of this process and this machine. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace app::process {

struct Facts {
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t threads = 0;
    double cpu_seconds = 0;
};
Facts facts();

// The first address of this machine that is not loopback, by its own account; "localhost" when there is none.
std::string reachable_address();

}  // namespace app::process
