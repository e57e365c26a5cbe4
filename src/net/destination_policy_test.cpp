#include "net/destination_policy.h"

#include <gtest/gtest.h>
#include <ifaddrs.h>

#include <boost/asio/ip/address.hpp>
#include <set>

#include "net/push_url.h"

namespace net {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

DestinationPolicy policy(bool allow_private, std::vector<tcp::endpoint> listeners = {},
                         const char* ports = "80,443,1024-65535") {
    return DestinationPolicy({allow_private, *PortList::parse(ports), std::move(listeners)});
}

tcp::endpoint at(const char* text, std::uint16_t port) {
    return {make_address(text), port};
}

TEST(PortList, takes_numbers_and_ranges) {
    const auto list = PortList::parse("80, 443 ,1024-65535");
    ASSERT_TRUE(list) << list.error().message;
    for (const std::uint16_t port : {80, 443, 1024, 1935, 1936, 2935, 5222, 8080, 8443, 19350, 65535})
        EXPECT_TRUE(list->contains(port)) << port;
    for (const std::uint16_t port : {1, 22, 25, 53, 79, 81, 442, 444, 445, 1023})
        EXPECT_FALSE(list->contains(port)) << port;
}

TEST(PortList, ranges_leave_out_what_listens_inside_networks) {
    const auto range = PortList::parse("1-65535");
    for (const std::uint16_t port : {2375, 2379, 3306, 5432, 6379, 6443, 9200, 10250, 11211, 27017})
        EXPECT_FALSE(range->contains(port)) << port;
    const auto named = PortList::parse("1935,6379");
    EXPECT_TRUE(named->contains(6379)) << "the operator wrote it there";
    EXPECT_FALSE(named->contains(9200));
}

TEST(PortList, refuses_what_is_no_list) {
    for (const char* text : {"", ",", "80,,443", "0", "65536", "-1", "80-", "-80", "443-80", "http", "80;443",
                             "8 0", "80-90-100", "1e3", "+80", "0x50"})
        EXPECT_FALSE(PortList::parse(text)) << text;
}

// Every way to write these into a URL, with nothing of it reached. `inner`: an IPv4 address.
std::vector<std::string> disguises(const std::string& inner) {
    const auto bytes = boost::asio::ip::make_address_v4(inner).to_bytes();
    char hex[16];
    std::snprintf(hex, sizeof hex, "%02x%02x:%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3]);
    char turned[16];
    std::snprintf(turned, sizeof turned, "%02x%02x:%02x%02x", bytes[0] ^ 0xff, bytes[1] ^ 0xff,
                  bytes[2] ^ 0xff, bytes[3] ^ 0xff);
    const std::string h = hex;
    const std::string t = turned;
    return {inner,
            "[::ffff:" + inner + "]",
            "[::ffff:" + h + "]",
            "[0:0:0:0:0:ffff:" + h + "]",
            "[::" + inner + "]",
            "[::ffff:0:" + inner + "]",
            "[64:ff9b::" + inner + "]",
            "[64:ff9b:1::" + inner + "]",
            "[2002:" + h + "::1]",
            "[2001:0:4136:e378:8000:63bf:" + t + "]"};
}

const std::vector<std::string>& never_by_default() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> hosts;
        for (const char* inner :
             {"127.0.0.1",       "127.0.0.2",       "127.1.2.3",      "127.255.255.255", "10.0.0.1",
              "10.255.255.255",  "172.16.0.1",      "172.31.255.255", "192.168.0.1",     "192.168.255.255",
              "100.64.0.1",      "100.100.100.200", "169.254.0.1",    "169.254.169.254", "169.254.170.2",
              "168.63.129.16",   "0.0.0.0",         "0.0.0.1",        "224.0.0.1",       "239.255.255.250",
              "255.255.255.255", "240.0.0.1",       "192.0.0.1",      "192.0.2.1",       "198.18.0.1",
              "198.51.100.1",    "203.0.113.1",     "192.88.99.1"})
            for (std::string& text : disguises(inner)) hosts.push_back(std::move(text));
        for (const char* text : {"[::1]",          "[0:0:0:0:0:0:0:1]", "[::]",         "[fe80::1]",
                                 "[febf::1]",      "[fec0::1]",         "[fc00::1]",    "[fd00:ec2::254]",
                                 "[fd20:ce::254]", "[ff02::1]",         "[ff05::2]",    "[2001:db8::1]",
                                 "[100::1]",       "[3fff::1]",         "[5f00::1]",    "[4000::1]",
                                 "[2001:2::1]",    "[2001:10::1]",      "[2001:20::1]", "[fe00::1]"})
            hosts.emplace_back(text);
        return hosts;
    }();
    return all;
}

TEST(DestinationPolicy, three_hundred_ways_to_write_what_is_not_reached) {
    ASSERT_GE(never_by_default().size(), 300u);
    const DestinationPolicy strict = policy(false);
    std::set<std::string> seen;
    for (const std::string& host : never_by_default()) {
        EXPECT_TRUE(seen.insert(host).second) << host << " twice";
        const auto url = parse_push_url("rtmp://" + host + "/live");
        ASSERT_TRUE(url) << host;
        boost::system::error_code error;
        const address ip = make_address(url->host, error);
        ASSERT_FALSE(error) << host << " would be looked up as " << url->host;
        EXPECT_EQ(strict.judge({ip, url->port}), Verdict::address_not_allowed) << host;
    }
}

TEST(DestinationPolicy, odd_numbers_are_no_hosts) {
    for (const char* host : {"2130706433",
                             "017700000001",
                             "0x7f000001",
                             "0x7f.0.0.1",
                             "0177.0.0.1",
                             "127.1",
                             "127.0.1",
                             "0x7f.1",
                             "127.0.0.1.",
                             "127.0.0.01",
                             "127.000.000.1",
                             "0000127.0.0.1",
                             "4294967297",
                             "00000000177.1",
                             "1.1.1.1.1",
                             "127.0.0.256",
                             "0",
                             "0x0",
                             "1",
                             "127.0.0.0x1",
                             "١٢٧.0.0.1",
                             "127。0。0。1",
                             "[::1%25lo]",
                             "012.00.00.01",
                             "①②⑦.0.0.1",
                             "127.0.0.1%00.example.org",
                             "127%2e0.0.1"})
        EXPECT_FALSE(parse_push_url("rtmp://" + std::string(host) + "/live")) << host;
}

TEST(DestinationPolicy, opening_private_addresses_opens_nothing_else) {
    const DestinationPolicy lax = policy(true);
    EXPECT_EQ(lax.judge(at("127.0.0.1", 1935)), Verdict::allowed);
    EXPECT_EQ(lax.judge(at("10.0.0.1", 1935)), Verdict::allowed);
    EXPECT_EQ(lax.judge(at("::1", 1935)), Verdict::allowed);
    for (const char* never : {"169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1",
                              "255.255.255.255", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"})
        EXPECT_EQ(lax.judge(at(never, 1935)), Verdict::address_not_allowed) << never;
    EXPECT_EQ(lax.judge(at("127.0.0.1", 6379)), Verdict::port_not_allowed);
    EXPECT_EQ(lax.judge(at("8.8.8.8", 22)), Verdict::port_not_allowed);
}

TEST(DestinationPolicy, this_server_is_no_destination) {
    const DestinationPolicy everywhere = policy(true, {at("0.0.0.0", 1935), at("0.0.0.0", 8000)});
    for (const std::uint16_t port : {1935, 8000})
        for (const char* here : {"127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1"})
            EXPECT_EQ(everywhere.judge(at(here, port)), Verdict::this_server) << here;
    EXPECT_EQ(everywhere.judge(at("127.0.0.1", 1936)), Verdict::allowed) << "another process";
    EXPECT_EQ(everywhere.judge(at("::1", 1935)), Verdict::allowed) << "0.0.0.0 is IPv4 alone";
    EXPECT_EQ(policy(true, {at("::", 1935)}).judge(at("::1", 1935)), Verdict::this_server);
    EXPECT_EQ(policy(true, {at("::", 1935)}).judge(at("127.0.0.1", 1935)), Verdict::this_server);

    const DestinationPolicy one = policy(true, {at("127.0.0.1", 1935)});
    EXPECT_EQ(one.judge(at("127.0.0.1", 1935)), Verdict::this_server);
    EXPECT_EQ(one.judge(at("127.0.0.2", 1935)), Verdict::allowed) << "another process";
    EXPECT_EQ(one.judge(at("8.8.8.8", 1935)), Verdict::allowed) << "another machine";
}

TEST(DestinationPolicy, every_address_of_the_machine_is_this_server) {
    const DestinationPolicy everywhere = policy(true, {at("::", 1935)});
    ifaddrs* all = nullptr;
    ASSERT_EQ(::getifaddrs(&all), 0);
    for (const ifaddrs* one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET) continue;
        const auto* in = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
        const boost::asio::ip::address_v4 ip(ntohl(in->sin_addr.s_addr));
        if (everywhere.judge({ip, 1936}) != Verdict::allowed) continue;
        EXPECT_EQ(everywhere.judge({ip, 1935}), Verdict::this_server) << ip;
    }
    ::freeifaddrs(all);
}

TEST(DestinationPolicy, who_may_not_reach_an_address_is_not_told_what_is_there) {
    const DestinationPolicy strict = policy(false, {at("0.0.0.0", 1935)});
    EXPECT_EQ(strict.judge(at("127.0.0.1", 1935)), Verdict::address_not_allowed);
    EXPECT_EQ(strict.judge(at("127.0.0.1", 1936)), Verdict::address_not_allowed);
}

}  // namespace
}  // namespace net
