// What the worker may do: use its processor and its memory for a while, read and write what is open. It says
// so to the kernel itself, and cannot take it back. The worker's only thread.
#pragma once

#include <chrono>

#include "base/result.h"

namespace transcode {

inline constexpr int max_cpu_seconds = 5;
inline constexpr std::size_t max_address_space = std::size_t{1} << 30;
// However it was started, and whoever waits for it: after so long it is gone.
inline constexpr std::chrono::seconds longest_life{10};

// First of all, before a library is loaded.
base::Result<> limit_resources();
// Before the first byte from outside: from here on no file, no socket, no program, no thread, no code that is
// not there already. Another system call than those for memory and for what is open ends the process.
base::Result<> forbid_system_calls();

}  // namespace transcode
