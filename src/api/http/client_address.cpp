#include "api/http/client_address.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <optional>
#include <variant>

namespace api::http {
namespace {

namespace ip = boost::asio::ip;

std::optional<ip::address> parse_address(std::string_view text) {
    boost::system::error_code failed;
    auto address = ip::make_address(std::string(text), failed);
    if (failed) return std::nullopt;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

// What parse_address makes of one address, for a whole network: ::ffff:10.0.0.0/104 is 10.0.0.0/8. Nothing
// when the network is wider than what is mapped: it would hold addresses of both kinds.
std::optional<std::variant<ip::network_v4, ip::network_v6>> unmapped(const ip::network_v6& range) {
    constexpr unsigned short mapped_prefix = 96;
    if (!range.address().is_v4_mapped()) return range.canonical();
    if (range.prefix_length() < mapped_prefix) return std::nullopt;
    const auto inner = ip::make_address_v4(ip::v4_mapped, range.address());
    return ip::network_v4(inner, static_cast<unsigned short>(range.prefix_length() - mapped_prefix))
        .canonical();
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

struct TrustedProxies::Network {
    std::variant<ip::network_v4, ip::network_v6> range;

    bool contains(const ip::address& address) const {
        if (const auto* v4 = std::get_if<ip::network_v4>(&range))
            return address.is_v4() && ip::network_v4(address.to_v4(), v4->prefix_length()).canonical() == *v4;
        const auto& v6 = std::get<ip::network_v6>(range);
        return address.is_v6() && ip::network_v6(address.to_v6(), v6.prefix_length()).canonical() == v6;
    }
};

TrustedProxies::TrustedProxies() = default;
TrustedProxies::~TrustedProxies() = default;
TrustedProxies::TrustedProxies(TrustedProxies&&) noexcept = default;
TrustedProxies& TrustedProxies::operator=(TrustedProxies&&) noexcept = default;

base::Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks) {
    TrustedProxies proxies;
    for (const std::string& text : networks) {
        const bool v6 = text.find(':') != std::string::npos;
        const std::string full = text.find('/') != std::string::npos ? text : text + (v6 ? "/128" : "/32");
        boost::system::error_code failed;
        std::optional<std::variant<ip::network_v4, ip::network_v6>> range;
        if (v6) {
            const auto parsed = ip::make_network_v6(full, failed);
            if (!failed) range = unmapped(parsed);
        } else {
            const auto parsed = ip::make_network_v4(full, failed);
            if (!failed) range = parsed.canonical();
        }
        if (range)
            proxies.networks_.push_back({*range});
        else
            return base::fail(
                base::ErrorCode::invalid_argument,
                "The trusted proxy \"" + text + "\" is neither an address nor a network such as 10.0.0.0/8.");
    }
    return proxies;
}

bool TrustedProxies::contains(std::string_view address) const {
    if (networks_.empty()) return false;
    const auto parsed = parse_address(address);
    if (!parsed) return false;
    for (const Network& network : networks_)
        if (network.contains(*parsed)) return true;
    return false;
}

ClientOrigin client_origin(const Request& request, const TrustedProxies& proxies) {
    ClientOrigin origin{request.peer_address, request.secure, false};
    const bool forwarded = request.has_header("x-forwarded-for") || request.has_header("forwarded");
    if (!proxies.contains(request.peer_address)) {
        origin.forwarded_by_stranger = forwarded;
        return origin;
    }
    if (const auto proto = request.header("x-forwarded-proto"); !proto.empty())
        origin.secure = proto == "https";
    // Several headers of this name are one list; the last entry is what our own proxy saw.
    std::string list;
    for (const Header& header : request.headers) {
        if (header.name != "x-forwarded-for") continue;
        if (!list.empty()) list += ',';
        list += header.value;
    }
    std::string_view rest = list;
    while (!rest.empty()) {
        const auto comma = rest.rfind(',');
        const std::string_view entry =
            trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
        const auto address = parse_address(entry);
        if (!address) break;
        origin.address = address->to_string();
        if (!proxies.contains(origin.address)) break;
    }
    return origin;
}

bool is_address(std::string_view text) {
    return parse_address(text).has_value();
}

bool is_loopback(std::string_view address) {
    const auto parsed = parse_address(address);
    return parsed && parsed->is_loopback();
}

}  // namespace api::http
