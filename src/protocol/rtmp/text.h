// Text from peers made fit for logs, answers and people. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace protocol::rtmp {

inline constexpr std::size_t max_shown_text = 256;

// At most `max_bytes` of UTF-8 without control characters, direction overrides or broken sequences: each of
// those becomes "?". Cut between characters.
std::string printable(std::string_view text, std::size_t max_bytes = max_shown_text);

// The same, with every occurrence of the key, or of a part of it that is long enough to be one, replaced by
// dots.
std::string printable_without(std::string_view text, const base::Secret& key);

// The parts before and after the first "?".
struct NameAndQuery {
    std::string_view name;
    std::string_view query;
};
NameAndQuery cut_query(std::string_view text);

}  // namespace protocol::rtmp
