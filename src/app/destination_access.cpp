#include "app/destination_access.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>

#include "app/config/setting.h"
#include "net/destination_policy.h"

namespace app {
namespace {

using boost::asio::ip::tcp;

bool is_address(const std::string& text) {
    boost::system::error_code not_literal;
    boost::asio::ip::make_address(text, not_literal);
    return !not_literal;
}

bool is_name_server(const std::string& text) {
    if (is_address(text)) return true;
    const auto parsed = config::parse_host_port(text);
    return parsed && parsed->port != 0 && is_address(parsed->host);
}

// A destination there would be this server.
std::vector<tcp::endpoint> own_listeners(const config::Config& config) {
    std::vector<tcp::endpoint> listeners;
    for (const std::string& listen : {config.http, config.rtmp, config.rtmps}) {
        const auto parsed = config::parse_host_port(listen);
        if (parsed && is_address(parsed->host))
            listeners.emplace_back(boost::asio::ip::make_address(parsed->host), parsed->port);
    }
    return listeners;
}

}  // namespace

base::Result<> check_destination_access(const config::Config& config) {
    const auto wrong = [](std::string text) {
        return base::fail(base::ErrorCode::invalid_argument, std::move(text));
    };
    if (const auto ports = net::PortList::parse(config.destination_ports); !ports)
        return wrong("destination_ports: " + ports.error().message);
    for (const std::string& server : config.dns_servers)
        if (!is_name_server(server))
            return wrong(fmt::format(
                "dns_servers: \"{}\" is no address, with or without a port: 192.0.2.53 or [2001:db8::53]:53",
                server));
    return {};
}

net::DialerSettings dialer_settings(const config::Config& config) {
    net::DialerSettings settings;
    settings.policy.emplace(net::DestinationPolicy::Settings{
        .allow_private = config.allow_private_addresses,
        .ports = net::PortList::parse(config.destination_ports).value_or(net::PortList()),
        .listeners = own_listeners(config)});
    return settings;
}

net::ResolverSettings resolver_settings(const config::Config& config) {
    net::ResolverSettings settings;
    settings.servers = fmt::format("{}", fmt::join(config.dns_servers, ","));
    return settings;
}

}  // namespace app
