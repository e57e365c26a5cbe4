// What a fuzz target wants of the process around it; called once, from LLVMFuzzerInitialize.
#pragma once

#include <sodium.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstring>

#include "fuzz/require.h"

namespace fuzz {

// The same input has to do the same each time: random bytes come from a counter.
inline void without_chance() {
    static std::uint32_t counter = 0;
    static randombytes_implementation plain{
        [] { return "plain"; },
        [] { return ++counter; },
        nullptr,
        nullptr,
        [](void* bytes, std::size_t size) { std::memset(bytes, static_cast<int>(++counter & 0xff), size); },
        nullptr,
    };
    require(randombytes_set_implementation(&plain) == 0 && sodium_init() >= 0);
}

// Threads may have little stack (musl's have 128 KiB, some servers' coroutines less): a parser that recurses
// as deep as its input says dies in here. The kernel asks for the limit whenever the main thread's stack
// grows.
inline void with_small_stack() {
    constexpr rlim_t size = 256 * 1024;
    rlimit limit{};
    require(getrlimit(RLIMIT_STACK, &limit) == 0);
    limit.rlim_cur = size;
    require(setrlimit(RLIMIT_STACK, &limit) == 0);
}

}  // namespace fuzz
