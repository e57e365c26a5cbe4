#include "app/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace app {
namespace {

// What docs/security.md says under "Limits": the name of each bound, and the cell with its figure.
std::map<std::string, std::string> figures_of_the_manual() {
    std::ifstream file(EVERYCAST_SOURCE_DIR "/docs/security.md");
    std::map<std::string, std::string> figures;
    const std::regex name("`([a-z_]+)`");
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) inside = line == "## Limits";
        if (!inside || !line.starts_with("| `") || line.starts_with("| `of`")) continue;
        std::vector<std::string> cells;
        for (std::size_t at = 1, end; (end = line.find('|', at)) != std::string::npos; at = end + 1)
            cells.push_back(line.substr(at, end - at));
        if (cells.size() < 3) continue;
        for (auto found = std::sregex_iterator(cells[0].begin(), cells[0].end(), name);
             found != std::sregex_iterator(); ++found)
            EXPECT_TRUE(figures.emplace((*found)[1], cells[2]).second)
                << (*found)[1] << " stands there twice";
    }
    return figures;
}

std::string with_commas(double value) {
    std::string digits = std::to_string(std::llround(value));
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

// As the manual writes it.
std::string figure(const Limit& limit) {
    constexpr double kib = 1024;
    constexpr double mib = kib * kib;
    const auto whole = [&](double unit) { return std::fmod(limit.value, unit) == 0; };
    switch (limit.unit) {
        case Limit::Unit::bytes:
            if (whole(mib)) return with_commas(limit.value / mib) + " MiB";
            return whole(kib) && limit.value >= 8 * kib ? with_commas(limit.value / kib) + " KiB"
                                                        : with_commas(limit.value);
        case Limit::Unit::seconds: {
            constexpr double minute = 60;
            constexpr double day = 24 * 60 * minute;
            if (whole(day)) return with_commas(limit.value / day) + " days";
            if (whole(minute) && limit.value > minute) return with_commas(limit.value / minute) + " min";
            if (whole(1)) return with_commas(limit.value) + " s";
            std::string text = std::to_string(limit.value);
            text.erase(text.find_last_not_of('0') + 1);
            return text + " s";
        }
        case Limit::Unit::count:
            break;
    }
    return whole(mib) ? with_commas(limit.value / mib) + " Mi" : with_commas(limit.value);
}

bool says(const std::string& cell, const std::string& text) {
    for (std::size_t at = cell.find(text); at != std::string::npos; at = cell.find(text, at + 1)) {
        const bool begins =
            at == 0 || (!std::isdigit(cell[at - 1]) && cell[at - 1] != ',' && cell[at - 1] != '.');
        const std::size_t end = at + text.size();
        if (begins && (end == cell.size() || !std::isalnum(cell[end]))) return true;
    }
    return false;
}

TEST(Limits, are_those_of_the_manual) {
    const auto manual = figures_of_the_manual();
    std::set<std::string> names;
    for (const Limit& limit : limits({})) {
        const std::string of(limit.of);
        EXPECT_TRUE(names.insert(of).second) << of << " is there twice";
        const auto row = manual.find(of);
        if (row == manual.end()) {
            ADD_FAILURE() << "docs/security.md does not tell of " << of << ", " << figure(limit);
            continue;
        }
        EXPECT_TRUE(says(row->second, figure(limit)))
            << of << " is " << figure(limit) << ", docs/security.md says " << row->second;
    }
    for (const auto& [of, cell] : manual) EXPECT_TRUE(names.contains(of)) << of << " is no metric";
}

TEST(Limits, have_their_unit_in_their_name) {
    for (const Limit& limit : limits({})) {
        const bool seconds = limit.of.ends_with("_seconds");
        EXPECT_EQ(limit.unit == Limit::Unit::seconds, seconds) << limit.of;
        const bool bytes = limit.of.find("_bytes") != std::string_view::npos;
        EXPECT_EQ(limit.unit == Limit::Unit::bytes, bytes) << limit.of;
    }
}

TEST(Limits, follow_the_settings) {
    LimitSettings settings;
    settings.rtmp.rtmp.max_connections = 77;
    settings.api.rate.per_second = 3;
    const auto value = [&](std::string_view of) {
        for (const Limit& limit : limits(settings))
            if (limit.of == of) return limit.value;
        return -1.0;
    };
    EXPECT_EQ(value("rtmp_connections"), 77);
    EXPECT_EQ(value("http_requests_per_second"), 3);
}

}  // namespace
}  // namespace app
