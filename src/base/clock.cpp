#include "base/clock.h"

#include <fmt/format.h>

namespace base {
namespace {

// Reads exactly `count` digits at `at` and moves past them; nothing if there are other characters.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const char c = text[at + i];
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    at += count;
    return value;
}

bool literal(std::string_view text, std::size_t& at, std::string_view any_of) {
    if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
}

// What the clock can hold: its nanoseconds end in the year 2262.
constexpr std::chrono::year_month_day first_day{std::chrono::year(1970), std::chrono::January,
                                                std::chrono::day(1)};
constexpr std::chrono::year_month_day end_of_days{std::chrono::year(2262), std::chrono::January,
                                                  std::chrono::day(1)};

}  // namespace

std::string to_rfc3339(WallTime time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<milliseconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::optional<WallTime> from_rfc3339(std::string_view text) {
    using namespace std::chrono;
    std::size_t at = 0;
    const auto y = digits(text, at, 4);
    if (!y || !literal(text, at, "-")) return std::nullopt;
    const auto mo = digits(text, at, 2);
    if (!mo || !literal(text, at, "-")) return std::nullopt;
    const auto d = digits(text, at, 2);
    if (!d || !literal(text, at, "Tt ")) return std::nullopt;
    const auto h = digits(text, at, 2);
    if (!h || !literal(text, at, ":")) return std::nullopt;
    const auto mi = digits(text, at, 2);
    if (!mi || !literal(text, at, ":")) return std::nullopt;
    const auto s = digits(text, at, 2);
    if (!s) return std::nullopt;

    int millis = 0;
    if (literal(text, at, ".")) {
        int scale = 100;
        const std::size_t first = at;
        while (const auto digit = digits(text, at, 1)) {
            millis += *digit * scale;
            scale /= 10;
        }
        if (at == first) return std::nullopt;
    }
    int offset_minutes = 0;
    if (!literal(text, at, "Zz")) {
        const bool behind = at < text.size() && text[at] == '-';
        if (!literal(text, at, "+-")) return std::nullopt;
        const auto oh = digits(text, at, 2);
        if (!oh || !literal(text, at, ":")) return std::nullopt;
        const auto om = digits(text, at, 2);
        if (!om || *oh > 23 || *om > 59) return std::nullopt;
        offset_minutes = (*oh * 60 + *om) * (behind ? -1 : 1);
    }
    const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
    // 60 is a leap second, which the system clock does not know: it counts as the next minute's first.
    if (at != text.size() || !date.ok() || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
    const sys_time<milliseconds> time =
        sys_days(date) + hours(*h) + minutes(*mi - offset_minutes) + seconds(*s) + milliseconds(millis);
    if (time < sys_days(first_day) || time >= sys_days(end_of_days)) return std::nullopt;
    return time;
}

}  // namespace base
