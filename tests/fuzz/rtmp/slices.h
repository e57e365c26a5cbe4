// How fuzz targets cut their input: the first byte says it, so that the fuzzer chooses.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"

namespace fuzz {

// Calls `consume` with one part after another until it returns false.
template <class Consume>
void in_slices(base::ByteView input, Consume consume) {
    if (input.empty()) return;
    static constexpr std::size_t sizes[] = {1 << 20, 1, 2, 3, 7, 18, 100, 4096};
    const std::size_t size = sizes[input[0] % std::size(sizes)];
    input = input.subspan(1);
    while (!input.empty()) {
        const base::ByteView part = input.first(std::min(size, input.size()));
        input = input.subspan(part.size());
        if (!consume(part)) return;
    }
}

// A broken promise of the code under test.
inline void require(bool holds) {
    if (!holds) __builtin_trap();
}

}  // namespace fuzz
