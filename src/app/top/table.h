// The live table as text: one block per session, its encoder, and a row for each destination. Pure: the same
// snapshot gives the same text.
#pragma once

#include <string>
#include <string_view>

#include "app/top/snapshot.h"
#include "base/clock.h"

namespace app::top {

struct TableStyle {
    bool colour = true;
    // Lines are cut there; 0: not at all.
    std::size_t width = 0;
};

std::string render(const Snapshot& snapshot, base::WallTime now, const TableStyle& style);

// Text from other people, safe to show in a terminal: control characters become dots.
std::string printable(std::string_view text);
// Cuts or fills to `width` characters as a terminal counts them (one each); escape sequences count nothing.
std::string fitted(std::string_view text, std::size_t width);
// "940 B", "28.1 MB".
std::string human_bytes(std::int64_t bytes);
// "00:01:12".
std::string human_duration(std::int64_t seconds);

}  // namespace app::top
