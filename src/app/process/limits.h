// What the process asks of its kernel before anything else: privacy and descriptors. Main thread, before any
// other.
#pragma once

#include <cstdint>

namespace app::process {

// Nothing this process writes is readable by others, and unless `core_dumps` no crash writes its memory to
// disk, nor may another process of the same user read it.
void harden(bool core_dumps);

// Raises the limit of open files as far as the system lets it; gives what it is now.
std::uint64_t raise_descriptor_limit();
std::uint64_t descriptor_limit();

}  // namespace app::process
