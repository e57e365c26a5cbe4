#include "net/destination_policy.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include "net/address_policy.h"

namespace net {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using boost::asio::ip::tcp;

constexpr std::array<std::uint16_t, 42> internal_services{
    1099,   // Java RMI
    1433,   // SQL Server
    1521,   // Oracle
    2049,   // NFS
    2181,   // ZooKeeper
    2375,   // Docker
    2376,   // Docker
    2379,   // etcd
    2380,   // etcd
    3128,   // HTTP proxies
    3306,   // MySQL
    3389,   // remote desktop
    4369,   // Erlang's port mapper
    5432,   // PostgreSQL
    5601,   // Kibana
    5672,   // RabbitMQ
    5900,   // VNC
    5984,   // CouchDB
    5985,   // Windows remote management
    5986,   // Windows remote management
    6000,   // X11
    6379,   // Redis
    6443,   // Kubernetes
    7001,   // WebLogic
    8086,   // InfluxDB
    8200,   // Vault
    8300,   // Consul
    8500,   // Consul
    8545,   // Ethereum
    9042,   // Cassandra
    9090,   // Prometheus
    9092,   // Kafka
    9100,   // printers, node exporters
    9200,   // Elasticsearch
    9300,   // Elasticsearch
    10250,  // Kubernetes
    10255,  // Kubernetes
    11211,  // memcached
    15672,  // RabbitMQ
    27017,  // MongoDB
    27018,  // MongoDB
    50070,  // Hadoop
};
static_assert(std::ranges::is_sorted(internal_services));

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// An IPv4 address in IPv6's clothes reaches the IPv4 listener.
address plain(const address& ip) {
    if (ip.is_v6() && ip.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, ip.to_v6());
    if (ip.is_v6()) return address_v6(ip.to_v6().to_bytes());  // without its zone
    return ip;
}

bool is_on_this_machine(const address& ip) {
    if (ip.is_loopback()) return true;
    // Asked each time: addresses come and go with cables, leases and containers, and dials are rare.
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return false;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, &::freeifaddrs);
    for (const ifaddrs* one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr) continue;
        if (one->ifa_addr->sa_family == AF_INET && ip.is_v4()) {
            const auto* in = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
            if (ip.to_v4().to_uint() == ntohl(in->sin_addr.s_addr)) return true;
        } else if (one->ifa_addr->sa_family == AF_INET6 && ip.is_v6()) {
            const auto* in = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr);
            const address_v6::bytes_type bytes = ip.to_v6().to_bytes();
            if (std::equal(bytes.begin(), bytes.end(), in->sin6_addr.s6_addr)) return true;
        }
    }
    return false;
}

}  // namespace

base::Result<PortList> PortList::parse(std::string_view text) {
    PortList list;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view item = trimmed(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        const std::size_t dash = item.find('-');
        const auto first = parse_port(trimmed(item.substr(0, dash)));
        const auto last = dash == std::string_view::npos ? first : parse_port(trimmed(item.substr(dash + 1)));
        if (!first || !last || *first > *last)
            return base::fail(base::ErrorCode::invalid_argument,
                              "ports are given as numbers and ranges from 1 to 65535: 80,443,1024-65535");
        list.ranges_.push_back({*first, *last});
    }
    if (list.ranges_.empty())
        return base::fail(base::ErrorCode::invalid_argument,
                          "at least one port is needed, such as 443: 80,443,1024-65535");
    return list;
}

bool PortList::contains(std::uint16_t port) const {
    const bool internal = std::ranges::binary_search(internal_services, port);
    return std::ranges::any_of(ranges_, [&](const Range& range) {
        const bool by_itself = range.first == range.last;
        return range.first <= port && port <= range.last && (by_itself || !internal);
    });
}

Verdict DestinationPolicy::judge(const tcp::endpoint& where) const {
    if (!port_allowed(where.port())) return Verdict::port_not_allowed;
    // Before anything about this machine: who may not reach an address learns nothing of what is there.
    if (!allowed(where.address(), settings_.allow_private)) return Verdict::address_not_allowed;
    return is_this_server(where) ? Verdict::this_server : Verdict::allowed;
}

bool DestinationPolicy::is_this_server(const tcp::endpoint& where) const {
    const address there = plain(where.address());
    return std::ranges::any_of(settings_.listeners, [&](const tcp::endpoint& listener) {
        if (listener.port() != where.port()) return false;
        if (!listener.address().is_unspecified()) return plain(listener.address()) == there;
        return (listener.address().is_v6() || there.is_v4()) && is_on_this_machine(there);
    });
}

}  // namespace net
