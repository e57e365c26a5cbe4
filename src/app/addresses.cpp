#include "app/addresses.h"

#include <fmt/format.h>

#include "app/config/setting.h"

namespace app {
namespace {

constexpr std::string_view rtmp_app = "live";

// The host of "https://live.example.org:8443/path"; brackets of an IPv6 address stay on.
std::string host_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find('/'));
    const auto bracket = url.rfind(']');
    const auto colon = url.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket))
        url = url.substr(0, colon);
    return std::string(url);
}

std::string without_slash(std::string text) {
    while (text.ends_with('/')) text.pop_back();
    return text;
}

std::uint16_t port_of(const std::string& listen) {
    const auto parsed = config::parse_host_port(listen);
    return parsed ? parsed->port : 0;
}

}  // namespace

Addresses addresses(const config::Config& config, const std::string& own_host) {
    Addresses result;
    result.web = config.public_url.empty() ? fmt::format("{}://{}:{}", config.https ? "https" : "http",
                                                         own_host, port_of(config.http))
                                           : without_slash(config.public_url);
    const std::string host = config.public_url.empty() ? own_host : host_of(config.public_url);
    const bool plain = config.rtmp != config::off;
    result.rtmp = config.public_rtmp_url.empty()
                      ? fmt::format("{}://{}:{}/{}", plain ? "rtmp" : "rtmps", host,
                                    port_of(plain ? config.rtmp : config.rtmps), rtmp_app)
                      : without_slash(config.public_rtmp_url);
    return result;
}

}  // namespace app
