// Which addresses a destination, a pull or a webhook may reach: decided on the resolved address, at connect
// time, so that no name and no redirect can talk its way past. Pure; safe from any thread.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string_view>

namespace net {

enum class AddressClass {
    public_,
    loopback,
    private_,    // RFC 1918, unique local (RFC 4193), and the shared space behind carriers (RFC 6598)
    link_local,  // cloud metadata services live here
    multicast,
    broadcast,
    unspecified,  // 0.0.0.0/8 and ::
    reserved,     // documentation, benchmarking, protocol assignments, what nobody was given yet
};

// An address that carries an IPv4 address inside (mapped, compatible, 6to4, NAT64, Teredo) is what the inner
// one is, unless the inner one is public: then it is public only where a host may really send to it (mapped,
// NAT64).
AddressClass classify(const boost::asio::ip::address& address);

// Public addresses always; private and loopback ones where the operator allows them; nothing else ever.
bool allowed(const boost::asio::ip::address& address, bool allow_private);

// "a private address", "a link-local address": for messages.
std::string_view description(AddressClass address_class);

}  // namespace net
