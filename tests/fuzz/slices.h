// How fuzz targets cut their input: the first byte says it, so that the fuzzer chooses.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "base/bytes.h"
#include "fuzz/require.h"

namespace fuzz {

// The part of the first byte that chooses the slices; a target may give the other bits a meaning of its own.
inline constexpr std::uint8_t slice_bits = 0x07;

// Calls `consume` with one part after another until it returns false.
template <class Consume>
void in_slices(base::ByteView input, Consume consume) {
    if (input.empty()) return;
    static constexpr std::size_t sizes[] = {1 << 20, 1, 2, 3, 7, 18, 100, 4096};
    static_assert(std::size(sizes) == slice_bits + 1);
    const std::size_t size = sizes[input[0] & slice_bits];
    input = input.subspan(1);
    while (!input.empty()) {
        const base::ByteView part = input.first(std::min(size, input.size()));
        input = input.subspan(part.size());
        if (!consume(part)) return;
    }
}

}  // namespace fuzz
