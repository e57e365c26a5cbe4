#include "net/push_url.h"

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>
#include <optional>

namespace net {
namespace {

namespace urls = boost::urls;

constexpr std::size_t max_host_name = 253;

struct SchemeFacts {
    PushScheme scheme;
    std::string_view name;
    std::uint16_t port;
};

constexpr std::array<SchemeFacts, 4> schemes{{
    {PushScheme::rtmp, "rtmp", 1935},
    {PushScheme::rtmps, "rtmps", 443},
    {PushScheme::http, "http", 80},
    {PushScheme::https, "https", 443},
}};

auto refuse(std::string message) {
    return base::fail(base::Error{base::ErrorCode::invalid_argument, std::move(message), "invalid_url"});
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::optional<PushScheme> find_scheme(std::string_view name) {
    const std::string wanted = lower(name);
    for (const SchemeFacts& entry : schemes)
        if (entry.name == wanted) return entry.scheme;
    return std::nullopt;
}

bool is_ipv6(std::string_view host) {
    return host.find(':') != std::string_view::npos;
}

// Letters, digits, hyphens, underscores and dots: what a resolver takes. Its own syntax would allow far more.
bool is_host_name(std::string_view host) {
    const auto usable = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    return !host.empty() && host.size() <= max_host_name && host.front() != '.' &&
           host.find("..") == std::string_view::npos && std::all_of(host.begin(), host.end(), usable);
}

// "127.1", "0x7f000001", "012.0.0.1": some libraries read an address into these, each its own. No top-level
// domain is a number (the rule that browsers follow).
bool ends_in_a_number(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    std::string_view last = host.substr(host.rfind('.') + 1);
    const bool hex = last.starts_with("0x") || last.starts_with("0X");
    if (hex) last.remove_prefix(2);
    return (hex || !last.empty()) && std::all_of(last.begin(), last.end(), [hex](unsigned char c) {
               return hex ? std::isxdigit(c) != 0 : std::isdigit(c) != 0;
           });
}

std::string_view view(urls::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

std::string_view to_string(PushScheme scheme) {
    return schemes[static_cast<std::size_t>(scheme)].name;
}

std::uint16_t default_port(PushScheme scheme) {
    return schemes[static_cast<std::size_t>(scheme)].port;
}

std::string PushUrl::authority() const {
    std::string text = is_ipv6(host) ? "[" + host + "]" : host;
    if (port != default_port(scheme)) text += ":" + std::to_string(port);
    return text;
}

base::Result<PushUrl> parse_push_url(std::string_view text) {
    if (text.size() > max_push_url) return refuse("The URL has more than 2048 characters.");
    const std::size_t colon = text.find("://");
    const auto scheme = colon == std::string_view::npos ? std::nullopt : find_scheme(text.substr(0, colon));
    if (!scheme) return refuse("The URL must begin with rtmp://, rtmps://, http:// or https://.");

    const auto parsed = urls::parse_uri(urls::string_view(text.data(), text.size()));
    if (parsed.has_error())
        return refuse(
            "The URL cannot be read: it should look like rtmps://host.example/app, without spaces, and with "
            "special "
            "characters written as %XX.");
    const urls::url_view& url = *parsed;
    if (url.has_userinfo())
        return refuse("The URL must not hold a user name or a password (what stands before \"@\").");
    if (url.has_fragment()) return refuse("The URL must not hold a \"#\".");

    PushUrl result;
    result.scheme = *scheme;
    switch (url.host_type()) {
        case urls::host_type::ipv4:
        case urls::host_type::ipv6:
            result.host = std::string(view(url.host_address()));
            break;
        case urls::host_type::name:
            result.host = std::string(view(url.encoded_host()));
            break;
        default:
            return refuse("The URL names no host that can be connected to.");
    }
    if (!is_ipv6(result.host) && !is_host_name(result.host))
        return refuse("The URL names no host that can be connected to.");
    if (url.host_type() == urls::host_type::name && ends_in_a_number(result.host))
        return refuse(
            "The URL's host is no name, and no address as four numbers from 0 to 255 with dots between.");
    result.port = default_port(*scheme);
    if (url.has_port() && !view(url.port()).empty()) {
        result.port = url.port_number();
        if (result.port == 0) return refuse("The URL's port must be a number from 1 to 65535.");
    }

    const std::string path(view(url.encoded_path()));
    // This parser lets letters follow the port's digits, and takes them for a path.
    if (!path.empty() && path.front() != '/')
        return refuse("The URL's port must be a number from 1 to 65535.");
    const std::string query = url.has_query() ? "?" + std::string(view(url.encoded_query())) : std::string();
    result.target = (path.empty() ? "/" : path) + query;
    std::string app = path + query;
    if (query.empty())
        while (!app.empty() && app.back() == '/') app.pop_back();
    if (!app.empty() && app.front() == '/') app.erase(0, 1);
    result.tc_url = std::string(to_string(*scheme)) + "://" + std::string(view(url.encoded_host_and_port()));
    if (!app.empty()) result.tc_url += (app.front() == '?' ? "" : "/") + app;
    result.app = std::move(app);
    return result;
}

}  // namespace net
