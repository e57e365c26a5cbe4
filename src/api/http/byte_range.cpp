#include "api/http/byte_range.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "api/http/header_text.h"

namespace api::http {
namespace {

// Nothing unless it is all digits; what is too large for us is larger than any body.
std::optional<std::uint64_t> number(std::string_view digits) {
    if (digits.empty()) return std::nullopt;
    constexpr std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        value = value > (max - digit) / 10 ? max : value * 10 + digit;
    }
    return value;
}

}  // namespace

RangeAnswer read_range(std::string_view header, std::uint64_t size) {
    using Kind = RangeAnswer::Kind;
    constexpr std::string_view unit = "bytes=";
    if (header.size() > max_range_header || header.size() <= unit.size() ||
        !same_ignoring_case(header.substr(0, unit.size()), unit))
        return {};
    const std::string_view set = trimmed(header.substr(unit.size()));
    const auto dash = set.find('-');
    if (dash == std::string_view::npos || set.find(',') != std::string_view::npos) return {};
    const std::string_view before = set.substr(0, dash);
    const std::string_view after = set.substr(dash + 1);

    if (before.empty()) {
        const auto suffix = number(after);
        if (!suffix) return {};
        const std::uint64_t count = std::min(*suffix, size);
        if (count == 0) return {Kind::unsatisfiable};
        return {Kind::part, size - count, count};
    }
    const auto first = number(before);
    const auto last = after.empty() ? std::numeric_limits<std::uint64_t>::max() : number(after);
    if (!first || !last || *last < *first) return {};
    if (*first >= size) return {Kind::unsatisfiable};
    return {Kind::part, *first, std::min(*last, size - 1) - *first + 1};
}

}  // namespace api::http
