#include "app/config/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>

namespace app::config {
namespace {

constexpr std::array<std::string_view, 2> registrations{"closed", "open"};
constexpr std::array<std::string_view, 2> default_roles{"broadcaster", "viewer"};
constexpr std::array<std::string_view, 5> log_levels{"trace", "debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> log_formats{"text", "json"};

const std::array table{
    Setting{"http", ListenAddress{&Config::http}, "Where the web pages and the API listen, HOST:PORT"},
    Setting{"rtmp", ListenAddress{&Config::rtmp},
            "Where encoders connect by RTMP, HOST:PORT; `off` for none"},
    Setting{"rtmps", ListenAddress{&Config::rtmps},
            "Where encoders connect by RTMPS, once a certificate is set, HOST:PORT; `off` for none"},
    Setting{"tls_certificate", Text{&Config::tls_certificate},
            "PEM file with the certificate chain for RTMPS and HTTPS", "RTMPS is off"},
    Setting{"tls_key", Text{&Config::tls_key}, "PEM file with the certificate's private key", "none"},
    Setting{"https", Flag{&Config::https},
            "Whether the web port speaks HTTPS, and nothing else, with the certificate"},
    Setting{"public_url", Text{&Config::public_url},
            "How browsers reach this server, for links: https://live.example.org",
            "http://localhost and the port"},
    Setting{"public_rtmp_url", Text{&Config::public_rtmp_url},
            "What is shown to people as their encoder's server: rtmp://live.example.org/live",
            "the host of public_url and the RTMP port"},
    Setting{"trusted_proxies", List{&Config::trusted_proxies},
            "Addresses of reverse proxies whose X-Forwarded-For is believed, separated by commas", "none"},
    Setting{"cors_origins", List{&Config::cors_origins},
            "Origins of other sites whose pages may call the API, separated by commas", "none"},
    Setting{"data_dir", Text{&Config::data_dir}, "Where everything is kept: database, keys, recordings"},
    Setting{"database", Hidden{&Config::database}, "postgresql://user:password@host/name, to use PostgreSQL",
            "SQLite in the data directory"},
    Setting{"encryption_key", Hidden{&Config::encryption_key},
            "The key under which stream keys and tokens are stored (`everycast keygen` makes one)",
            "made at the first start and kept in the data directory", "ENCRYPTION_KEY"},
    Setting{"registration", Text{&Config::registration, registrations},
            "Who may make an account: `closed` (those the admin adds) or `open`"},
    Setting{"default_role", Text{&Config::default_role, default_roles},
            "The role of an account made by open registration: `broadcaster` or `viewer`"},
    Setting{"allow_private_addresses", Flag{&Config::allow_private_addresses},
            "Whether destinations, pulls and webhooks may reach private and loopback addresses"},
    Setting{"destination_ports", Text{&Config::destination_ports},
            "Ports that destinations may be at; ranges leave out those of databases and control APIs, unless "
            "one stands there by itself"},
    Setting{"dns_servers", List{&Config::dns_servers},
            "Name servers to ask for destinations, ADDRESS or ADDRESS:PORT, separated by commas",
            "the system's"},
    Setting{"destination_ca_file", Text{&Config::destination_ca_file},
            "PEM file of certificate authorities believed for rtmps destinations besides the system's",
            "none"},
    Setting{"hook_secret", Hidden{&Config::hook_secret},
            "What other RTMP servers show to use /api/v1/streaming", "these routes answer 404"},
    Setting{"metrics_token", Hidden{&Config::metrics_token},
            "The bearer token with which other machines may read /metrics", "only this machine may"},
    Setting{"takeover", Flag{&Config::takeover},
            "Whether a second encoder with a live key replaces the first"},
    Setting{"grace_s", Number{&Config::grace_s, 0, 3600},
            "How many seconds a broadcast waits for an encoder that dropped"},
    Setting{"restart_grace_s", Number{&Config::restart_grace_s, 0, 3600},
            "The same after a restart of the server, for broadcasts that were running"},
    Setting{"uplink_kbps", Number{&Config::uplink_kbps, 0, 100'000'000},
            "What the server's link can send, for the bandwidth advice; 0: not known"},
    Setting{"flush_window_ms", Number{&Config::flush_window_ms, 0, 1'000},
            "How many milliseconds a destination's bytes may wait to be sent together; 0: sent at once"},
    Setting{"max_destinations", Number{&Config::max_destinations, 1, 10'000},
            "How many destinations an account may have, and one broadcast push to"},
    Setting{"max_connections", Number{&Config::max_connections, 1, 1'000'000},
            "How many RTMP connections there may be"},
    Setting{"max_connections_per_address", Number{&Config::max_connections_per_address, 1, 1'000'000},
            "How many of them one address may hold"},
    Setting{"hls_window", Number{&Config::hls_window, 3, 1'000}, "How many segments a live playlist lists"},
    Setting{"hls_dvr_s", Number{&Config::hls_dvr_s, 0, 86'400},
            "How many seconds back viewers of a live stream may go, kept on disk; 0: no further than the "
            "playlist"},
    Setting{"hls_memory_mb", Number{&Config::hls_memory_mb, 16, 1'000'000},
            "MiB of memory for the segments of all live streams together"},
    Setting{"memory_mb", Number{&Config::memory_mb, 0, 100'000'000},
            "MiB of memory for all of the server: near it new viewers are turned away, then earlier segments "
            "and slow readers let go; 0: three quarters of the machine's, or of its control group's"},
    Setting{"http_connections", Number{&Config::http_connections, 16, 1'000'000},
            "How many connections the web port takes, viewers' among them"},
    Setting{"http_connections_per_address", Number{&Config::http_connections_per_address, 1, 1'000'000},
            "How many of them one address may hold; whoever has asked nothing yet, 256"},
    Setting{"recording_keep_days", Number{&Config::recording_keep_days, 0, 36'500},
            "After how many days a recording is deleted; 0: never"},
    Setting{"recording_min_free", Number{&Config::recording_min_free, 0, 90},
            "Percent of the disk that should stay free: with less there is a warning; 0: none"},
    Setting{"recording_delete_oldest", Flag{&Config::recording_delete_oldest},
            "Whether the oldest recordings are deleted where less than that is free"},
    Setting{"recording_delete_unarchived", Flag{&Config::recording_delete_unarchived},
            "With an object store: whether that goes for recordings which it has not got yet, too"},
    Setting{"s3_bucket", Text{&Config::s3_bucket},
            "The bucket of an S3-compatible object store that finished recordings are moved to",
            "they stay on the disk"},
    Setting{"s3_endpoint", Text{&Config::s3_endpoint},
            "Where that store is, as viewers reach it: https://s3.eu-central-1.amazonaws.com", "none"},
    Setting{"s3_region", Text{&Config::s3_region}, "Its region"},
    Setting{"s3_access_key", Text{&Config::s3_access_key}, "The id of the access key", "none"},
    Setting{"s3_secret_key", Hidden{&Config::s3_secret_key}, "The secret that belongs to it", "none"},
    Setting{"s3_prefix", Text{&Config::s3_prefix}, "What the names of all objects begin with: `recordings/`",
            "nothing"},
    Setting{"s3_path_style", Flag{&Config::s3_path_style},
            "Whether the bucket stands in the path of an address, as most stores have it, or in its host"},
    Setting{"media_threads", Number{&Config::media_threads, 0, 256},
            "Threads that move media; 0: one a core"},
    Setting{"api_threads", Number{&Config::api_threads, 1, 256}, "Threads that answer requests"},
    Setting{"requests_per_second", Number{&Config::requests_per_second, 0, 1'000'000},
            "How many requests one address may make, on average; 0: no limit"},
    Setting{"log_level", Text{&Config::log_level, log_levels}, "`trace`, `debug`, `info`, `warn` or `error`"},
    Setting{"log_format", Text{&Config::log_format, log_formats}, "`text`, or `json` for one object a line"},
    Setting{"log_file", Text{&Config::log_file}, "The file the log is appended to", "standard error"},
    Setting{"core_dumps", Flag{&Config::core_dumps},
            "Whether a crash may write a core file, which would hold secrets"},
};

std::string joined(std::span<const std::string_view> words) {
    std::string text;
    for (const std::string_view word : words) {
        if (!text.empty()) text += word == words.back() ? " or " : ", ";
        text += word;
    }
    return text;
}

base::Error bad_value(const Setting& setting, std::string_view wanted, std::string_view got) {
    return {base::ErrorCode::invalid_argument,
            fmt::format("{} must be {}, not \"{}\"", setting.name, wanted, got)};
}

std::optional<bool> parse_bool(std::string_view text) {
    if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
    if (text == "false" || text == "0" || text == "no" || text == "off") return false;
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (const auto item = trimmed(text.substr(0, comma)); !item.empty()) items.emplace_back(item);
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    return items;
}

// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

std::string Setting::flag() const {
    std::string text = fmt::format("--{}{}", name, hidden() ? "_file" : "");
    std::replace(text.begin(), text.end(), '_', '-');
    return text;
}

std::string Setting::variable() const {
    std::string text = fmt::format("EVERYCAST_{}", name);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

std::span<const Setting> settings() {
    return table;
}

const Setting* find_setting(std::string_view name) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const Setting& s) { return s.name == name; });
    return found == table.end() ? nullptr : &*found;
}

std::string_view closest_setting(std::string_view name) {
    const auto nearest = std::min_element(
        table.begin(), table.end(),
        [&](const Setting& a, const Setting& b) { return distance(name, a.name) < distance(name, b.name); });
    const std::size_t tolerated = std::max<std::size_t>(2, nearest->name.size() / 2);
    return distance(name, nearest->name) <= tolerated ? nearest->name : std::string_view{};
}

base::Result<> assign(Config& config, const Setting& setting, std::string_view text) {
    const auto set = [&](const auto& kind) -> base::Result<> {
        using Kind = std::decay_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, Text>) {
            if (!kind.choices.empty() &&
                std::find(kind.choices.begin(), kind.choices.end(), text) == kind.choices.end())
                return base::fail(bad_value(setting, joined(kind.choices), text));
            config.*kind.member = text;
        } else if constexpr (std::is_same_v<Kind, ListenAddress>) {
            if (text != off && !parse_host_port(text))
                return base::fail(bad_value(setting, "HOST:PORT", text));
            config.*kind.member = text;
        } else if constexpr (std::is_same_v<Kind, Flag>) {
            const auto value = parse_bool(text);
            if (!value) return base::fail(bad_value(setting, "true or false", text));
            config.*kind.member = *value;
        } else if constexpr (std::is_same_v<Kind, Number>) {
            std::int64_t value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (error != std::errc() || end != text.data() + text.size() || value < kind.least ||
                value > kind.most)
                return base::fail(
                    bad_value(setting, fmt::format("a number from {} to {}", kind.least, kind.most), text));
            config.*kind.member = value;
        } else if constexpr (std::is_same_v<Kind, List>) {
            config.*kind.member = split_list(text);
        } else {
            config.*kind.member = base::Secret(std::string(trimmed(text)));
        }
        return {};
    };
    return std::visit(set, setting.kind);
}

std::string display(const Config& config, const Setting& setting) {
    const auto show = [&](const auto& kind) -> std::string {
        using Kind = std::decay_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, Flag>)
            return config.*kind.member ? "true" : "false";
        else if constexpr (std::is_same_v<Kind, Number>)
            return std::to_string(config.*kind.member);
        else if constexpr (std::is_same_v<Kind, List>)
            return fmt::format("{}", fmt::join(config.*kind.member, ", "));
        else if constexpr (std::is_same_v<Kind, Hidden>)
            return (config.*kind.member).empty() ? "" : "(set)";
        else
            return config.*kind.member;
    };
    return std::visit(show, setting.kind);
}

std::string settings_as_markdown() {
    const Config defaults;
    std::string text =
        "| in the file | flag | environment | default | what it does |\n|---|---|---|---|---|\n";
    for (const Setting& setting : table) {
        const std::string value = display(defaults, setting);
        std::string variables = fmt::format("`{}`", setting.variable());
        if (!setting.plain_variable.empty()) variables += fmt::format(" or `{}`", setting.plain_variable);
        text += fmt::format("| `{}` | `{}` | {} | {} | {} |\n", setting.name, setting.flag(), variables,
                            value.empty() ? std::string(setting.empty_means) : fmt::format("`{}`", value),
                            setting.help);
    }
    return text;
}

base::Result<HostPort> parse_host_port(std::string_view text) {
    const auto bad = [&] {
        return base::fail(base::ErrorCode::invalid_argument,
                          fmt::format("\"{}\" is not HOST:PORT, such as 0.0.0.0:8000 or [::]:8000", text));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return bad();
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.front() == '[') {
        if (host.size() < 3 || host.back() != ']') return bad();
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return bad();
    }
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return bad();
    return HostPort{std::string(host), port};
}

}  // namespace app::config
