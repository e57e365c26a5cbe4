#include <fmt/format.h>

#include <charconv>

#include "platform/advice.h"

namespace platform {
namespace {

// The value of `name` in the query of a key ("stream-1?a=b&expire=65f0"); empty when there is none.
std::string_view query_value(std::string_view key, std::string_view name) {
    std::size_t at = key.find('?');
    while (at != std::string_view::npos) {
        const std::string_view pair = key.substr(at + 1, key.find('&', at + 1) - at - 1);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            return pair.substr(name.size() + 1);
        at = key.find('&', at + 1);
    }
    return {};
}

// TikTok's keys tell when they end: seconds since 1970, in hexadecimal.
std::optional<base::WallTime> expiry(std::string_view key) {
    const std::string_view text = query_value(key, "expire");
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds, 16);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return base::WallTime(std::chrono::seconds(seconds));
}

}  // namespace

std::vector<Advice> check_key(const Platform& platform, const base::Secret& key, base::WallTime now) {
    std::vector<Advice> advice;
    const std::string_view text = key.reveal();
    if (text.empty()) return advice;
    if (text.find("://") != std::string_view::npos) {
        advice.push_back(
            {"key_is_a_url", Severity::warning,
             "The stream key looks like a whole URL: paste the server's URL and the key apart."});
    } else if (platform.key.looks_right && !platform.key.looks_right(text)) {
        advice.push_back(
            {"key_looks_wrong", Severity::warning,
             fmt::format("This does not look like a stream key of {}. What one looks like: {} {}",
                         platform.name, platform.key.description, platform.key_help)});
    }
    if (platform.id == "tiktok") {
        const auto ends = expiry(text);
        if (ends && *ends <= now)
            advice.push_back(
                {"key_expired", Severity::error,
                 fmt::format("This stream key expired at {}: get a new one from TikTok for this show.",
                             base::to_rfc3339(*ends))});
    }
    return advice;
}

}  // namespace platform
