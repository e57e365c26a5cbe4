// How much memory this process uses and may use, by the kernel's account. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>

namespace app::process {

// That is nobody else's and no file's: heap and stacks.
std::uint64_t own_memory();

// What the machine has, or what the control groups leave of it that this process is in.
std::uint64_t memory_there_is();

// The least limit of the control groups, version 1 and 2, that `self` (/proc/self/cgroup) names below
// `mounted`
// (/sys/fs/cgroup); 0 where there is none.
std::uint64_t group_limit(const std::filesystem::path& self, const std::filesystem::path& mounted);

}  // namespace app::process
