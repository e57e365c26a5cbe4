// The one table of settings. Flags, environment names, the file's keys, `everycast check` and the table in
// docs/operating.md are all made from it, so they cannot disagree. Constant data; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/config.h"
#include "base/result.h"

namespace app::config {

struct Text {
    std::string Config::*member;
    std::span<const std::string_view> choices = {};  // empty: any text
};
struct ListenAddress {
    std::string Config::*member;  // "HOST:PORT", "[v6]:PORT", or "off"
};
struct Flag {
    bool Config::*member;
};
struct Number {
    std::int64_t Config::*member;
    std::int64_t least;
    std::int64_t most;
};
struct List {
    std::vector<std::string> Config::*member;  // separated by commas outside the file
};
// Never shown, and never taken from the command line, where every user of the machine could read it: the flag
// and a second key and variable ending in `_file` name a file that holds it.
struct Hidden {
    base::Secret Config::*member;
};

struct Setting {
    // The file's key. The flag is --with-dashes, the variable EVERYCAST_UPPER_CASE.
    std::string_view name;
    std::variant<Text, ListenAddress, Flag, Number, List, Hidden> kind;
    std::string_view help;
    // What an empty default means; shown in its place.
    std::string_view empty_means = {};
    // A variable that is read as well, without our prefix.
    std::string_view plain_variable = {};

    bool hidden() const { return std::holds_alternative<Hidden>(kind); }
    bool is_flag() const { return std::holds_alternative<Flag>(kind); }
    std::string flag() const;
    std::string variable() const;
};

std::span<const Setting> settings();
const Setting* find_setting(std::string_view name);
// The known name that `name` was probably meant to be; empty when none is near.
std::string_view closest_setting(std::string_view name);

// Sets one member from text, checked. The error says what is allowed and never repeats a hidden value.
base::Result<> assign(Config& config, const Setting& setting, std::string_view text);
// The value as a person reads it; "(set)" or "" for hidden ones.
std::string display(const Config& config, const Setting& setting);

// docs/operating.md's table.
std::string settings_as_markdown();

struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};
// "HOST:PORT" or "[v6]:PORT"; an error that says so otherwise.
base::Result<HostPort> parse_host_port(std::string_view text);
// Listeners are switched off by this word.
inline constexpr std::string_view off = "off";

}  // namespace app::config
