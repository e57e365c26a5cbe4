// How much a test does: short by default, long and at the exact bounds under EVERYCAST_FULL=1, small under
// sanitizers.
#pragma once

#include <chrono>
#include <cstdlib>
#include <string_view>

namespace test_support {

inline bool full() {
    const char* const value = std::getenv("EVERYCAST_FULL");
    return value && std::string_view(value) == "1";
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

template <class Value>
Value by_default_or_full(Value short_one, Value long_one) {
    return full() ? long_one : short_one;
}

// A bound in time that a busy machine can break by itself: exact under EVERYCAST_FULL=1, else with slack.
inline std::chrono::milliseconds bound(std::chrono::milliseconds exact) {
    if (full() && !sanitized) return exact;
    return exact * (sanitized ? 6 : 2) + std::chrono::milliseconds(sanitized ? 2'000 : 500);
}

}  // namespace test_support
