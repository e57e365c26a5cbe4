// Where this server connects to for its users: ports, addresses, and never itself. Made once by app/, asked
// by the dialer about each port before a name is looked up and about each address before it is connected to.
// Immutable; safe from any thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace net {

// "80,443,1024-65535". A range leaves out the ports of services that speak no RTMP and are often reachable
// without a password from inside a network (databases, control APIs); such a port counts when it stands in
// the list by itself.
class PortList {
  public:
    static base::Result<PortList> parse(std::string_view text);
    bool contains(std::uint16_t port) const;

  private:
    struct Range {
        std::uint16_t first;
        std::uint16_t last;
    };
    std::vector<Range> ranges_;
};

enum class Verdict : std::uint8_t { allowed, address_not_allowed, port_not_allowed, this_server };

class DestinationPolicy {
  public:
    struct Settings {
        bool allow_private = false;
        PortList ports = {};
        // What this server listens on; 0.0.0.0 and :: stand for every address of the machine.
        std::vector<boost::asio::ip::tcp::endpoint> listeners = {};
    };

    explicit DestinationPolicy(Settings settings) : settings_(std::move(settings)) {}

    bool port_allowed(std::uint16_t port) const { return settings_.ports.contains(port); }
    Verdict judge(const boost::asio::ip::tcp::endpoint& where) const;

  private:
    bool is_this_server(const boost::asio::ip::tcp::endpoint& where) const;

    Settings settings_;
};

}  // namespace net
