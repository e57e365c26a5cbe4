// Asks the processor to bring memory near before it is needed, without waiting for it.
#pragma once

#include <cstddef>

namespace base {

// `lines` cache lines from `address` on, which need not be memory of anybody's.
template <std::size_t lines>
void prefetch(const void* address) {
    constexpr std::size_t line = 64;
    for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(static_cast<const char*>(address) + i * line);
}

}  // namespace base
