// Small text rules that more than one repository follows.
#pragma once

#include <string>
#include <string_view>

namespace store {

// ASCII letters only: what e-mail addresses and slugs are compared by, the same in both databases.
inline std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

// The row in `settings` that holds the one-time setup code's hash.
inline constexpr std::string_view setup_code_setting = "setup_code";

}  // namespace store
