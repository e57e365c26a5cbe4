#include "app/process/memory.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

namespace app::process {
namespace {

namespace fs = std::filesystem;

// Version 1 says this much, less a page, where there is no limit.
constexpr std::uint64_t no_limit = std::uint64_t{1} << 62;

std::uint64_t page_size() {
    return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// 0: it is not there, or sets no limit.
std::uint64_t limit_in(const fs::path& file) {
    std::string text;
    if (std::ifstream stream(file); !(stream >> text)) return 0;
    std::uint64_t bytes = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
    return error == std::errc() && end == text.data() + text.size() && bytes < no_limit ? bytes : 0;
}

std::uint64_t least(std::uint64_t one, std::uint64_t other) {
    if (one == 0 || other == 0) return std::max(one, other);
    return std::min(one, other);
}

// A limit binds all groups below it. In a container the group's path may not be there, and its root is the
// container's own group.
std::uint64_t least_above(const fs::path& mounted, std::string_view group, const char* file) {
    fs::path inside = fs::path(group).relative_path();
    std::uint64_t found = limit_in(mounted / file);
    for (; !inside.empty(); inside = inside.parent_path())
        found = least(found, limit_in(mounted / inside / file));
    return found;
}

bool names_memory(std::string_view controllers) {
    while (!controllers.empty()) {
        const auto comma = controllers.find(',');
        if (controllers.substr(0, comma) == "memory") return true;
        controllers.remove_prefix(comma == std::string_view::npos ? controllers.size() : comma + 1);
    }
    return false;
}

}  // namespace

std::uint64_t own_memory() {
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    std::uint64_t shared = 0;
    if (std::ifstream file("/proc/self/statm"); !(file >> total >> resident >> shared)) return 0;
    return (resident - std::min(resident, shared)) * page_size();
}

std::uint64_t group_limit(const fs::path& self, const fs::path& mounted) {
    std::uint64_t found = 0;
    std::ifstream file(self);
    // hierarchy:controllers:path
    for (std::string line; std::getline(file, line);) {
        const auto first = line.find(':');
        const auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
        const std::string_view group = std::string_view(line).substr(second + 1);
        if (controllers.empty())
            found = least(found, least_above(mounted, group, "memory.max"));
        else if (names_memory(controllers))
            found = least(found, least_above(mounted / "memory", group, "memory.limit_in_bytes"));
    }
    return found;
}

std::uint64_t memory_there_is() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const std::uint64_t machine = pages > 0 ? static_cast<std::uint64_t>(pages) * page_size() : 0;
    return least(machine, group_limit("/proc/self/cgroup", "/sys/fs/cgroup"));
}

}  // namespace app::process
