// A broken promise of the code under test ends a fuzz target; its input is then kept.
#pragma once

namespace fuzz {

inline void require(bool holds) {
    if (!holds) __builtin_trap();
}

}  // namespace fuzz
