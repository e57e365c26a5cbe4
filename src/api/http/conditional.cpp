#include "api/http/conditional.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/http/header_text.h"

namespace api::http {
namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct DateParts {
    int year = -1;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

std::optional<int> number(std::string_view text, std::size_t digits) {
    int value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.size() != digits || failed != std::errc() || end != text.data() + text.size() || value < 0 ||
        text[0] == '-')
        return std::nullopt;
    return value;
}

bool read_month(std::string_view text, DateParts& out) {
    const auto found = std::ranges::find(months, text);
    out.month = static_cast<int>(found - months.begin()) + 1;
    return found != months.end();
}

bool read_time(std::string_view text, DateParts& out) {
    if (text.size() != 8 || text[2] != ':' || text[5] != ':') return false;
    const auto hour = number(text.substr(0, 2), 2);
    const auto minute = number(text.substr(3, 2), 2);
    const auto second = number(text.substr(6, 2), 2);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return false;
    out.hour = *hour;
    out.minute = *minute;
    out.second = std::min(*second, 59);  // a leap second is not worth an exception
    return true;
}

bool read_numbers(std::string_view day, std::string_view year, std::size_t year_digits, DateParts& out) {
    const auto d = number(day, 2);
    const auto y = number(year, year_digits);
    if (!d || !y) return false;
    out.day = *d;
    out.year = *y;
    return true;
}

// "06 Nov 1994 08:49:37 GMT", behind "Sun, ".
bool read_imf(std::string_view text, DateParts& out) {
    return text.size() == 24 && text[2] == ' ' && text[6] == ' ' && text[11] == ' ' &&
           text.substr(20) == " GMT" && read_numbers(text.substr(0, 2), text.substr(7, 4), 4, out) &&
           read_month(text.substr(3, 3), out) && read_time(text.substr(12, 8), out);
}

// "06-Nov-94 08:49:37 GMT", behind "Sunday, ". Two digits mean a year that is not far in the future; nothing
// of ours is older than 1970.
bool read_rfc850(std::string_view text, DateParts& out) {
    if (text.size() != 22 || text[2] != '-' || text[6] != '-' || text[9] != ' ' ||
        text.substr(18) != " GMT" || !read_numbers(text.substr(0, 2), text.substr(7, 2), 2, out) ||
        !read_month(text.substr(3, 3), out) || !read_time(text.substr(10, 8), out))
        return false;
    out.year += out.year < 70 ? 2000 : 1900;
    return true;
}

// "Sun Nov  6 08:49:37 1994".
bool read_asctime(std::string_view text, DateParts& out) {
    if (text.size() != 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || text[19] != ' ')
        return false;
    std::array<char, 2> day{text[8] == ' ' ? '0' : text[8], text[9]};
    return read_month(text.substr(4, 3), out) &&
           read_numbers({day.data(), day.size()}, text.substr(20, 4), 4, out) &&
           read_time(text.substr(11, 8), out);
}

}  // namespace

bool names_etag(std::string_view if_none_match, std::string_view etag) {
    std::string_view rest = trimmed(if_none_match);
    if (rest == "*") return true;
    if (etag.empty() || rest.size() > max_condition_header) return false;
    while (!rest.empty()) {
        rest = trimmed(rest);
        if (rest.starts_with("W/")) rest.remove_prefix(2);
        if (rest.empty() || rest.front() != '"') return false;
        const auto end = rest.find('"', 1);
        if (end == std::string_view::npos) return false;
        if (rest.substr(1, end - 1) == etag) return true;
        rest.remove_prefix(end + 1);
        rest = trimmed(rest);
        if (!rest.empty() && rest.front() != ',') return false;
        while (!rest.empty() && (rest.front() == ',' || rest.front() == ' ' || rest.front() == '\t'))
            rest.remove_prefix(1);
    }
    return false;
}

bool is_same_version(std::string_view if_range, std::string_view etag,
                     const std::optional<base::WallTime>& modified) {
    if (if_range.size() > max_condition_header) return false;
    if (if_range.starts_with('"'))
        return !etag.empty() && if_range.size() == etag.size() + 2 && if_range.ends_with('"') &&
               if_range.substr(1, etag.size()) == etag;
    const auto date = parse_http_date(if_range);
    return date && modified && *date == std::chrono::floor<std::chrono::seconds>(*modified);
}

std::optional<base::WallTime> parse_http_date(std::string_view text) {
    DateParts parts;
    const auto comma = text.find(", ");
    constexpr std::size_t longest_day = 9;
    const bool read = comma == 3             ? read_imf(text.substr(5), parts)
                      : comma <= longest_day ? read_rfc850(text.substr(comma + 2), parts)
                                             : read_asctime(text, parts);
    const std::chrono::year_month_day date(std::chrono::year(parts.year),
                                           std::chrono::month(static_cast<unsigned>(parts.month)),
                                           std::chrono::day(static_cast<unsigned>(parts.day)));
    // The clock's range ends in 2262.
    if (!read || !date.ok() || parts.year < 1970 || parts.year > 2261) return std::nullopt;
    return base::WallTime(std::chrono::sys_days(date)) + std::chrono::hours(parts.hour) +
           std::chrono::minutes(parts.minute) + std::chrono::seconds(parts.second);
}

}  // namespace api::http
