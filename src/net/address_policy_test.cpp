#include "net/address_policy.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/address.hpp>
#include <set>
#include <string_view>

namespace net {
namespace {

using Class = AddressClass;

struct Case {
    const char* text;
    Class is;
};

constexpr Case cases[] = {
    // Public, next to every special range.
    {"1.1.1.1", Class::public_},
    {"8.8.8.8", Class::public_},
    {"9.255.255.255", Class::public_},
    {"11.0.0.0", Class::public_},
    {"100.63.255.255", Class::public_},
    {"100.128.0.0", Class::public_},
    {"126.255.255.255", Class::public_},
    {"128.0.0.0", Class::public_},
    {"168.63.129.15", Class::public_},
    {"169.253.255.255", Class::public_},
    {"169.255.0.0", Class::public_},
    {"172.15.255.255", Class::public_},
    {"172.32.0.0", Class::public_},
    {"191.255.255.255", Class::public_},
    {"192.0.0.9", Class::public_},
    {"192.0.0.10", Class::public_},
    {"192.0.1.0", Class::public_},
    {"192.0.3.0", Class::public_},
    {"192.88.98.255", Class::public_},
    {"192.88.100.0", Class::public_},
    {"192.167.255.255", Class::public_},
    {"192.169.0.0", Class::public_},
    {"198.17.255.255", Class::public_},
    {"198.20.0.0", Class::public_},
    {"198.51.99.255", Class::public_},
    {"198.51.101.0", Class::public_},
    {"203.0.112.255", Class::public_},
    {"203.0.114.0", Class::public_},
    {"223.255.255.255", Class::public_},
    {"1.0.0.0", Class::public_},
    // Private.
    {"10.0.0.0", Class::private_},
    {"10.255.255.255", Class::private_},
    {"172.16.0.0", Class::private_},
    {"172.31.255.255", Class::private_},
    {"192.168.0.0", Class::private_},
    {"192.168.255.255", Class::private_},
    {"100.64.0.0", Class::private_},
    {"100.100.100.200", Class::private_},  // a cloud's metadata service inside the carriers' range
    {"100.127.255.255", Class::private_},
    // Loopback.
    {"127.0.0.0", Class::loopback},
    {"127.0.0.1", Class::loopback},
    {"127.1.2.3", Class::loopback},
    {"127.255.255.255", Class::loopback},
    // Link-local and metadata.
    {"169.254.0.0", Class::link_local},
    {"169.254.169.254", Class::link_local},
    {"169.254.170.2", Class::link_local},
    {"169.254.255.255", Class::link_local},
    {"168.63.129.16", Class::link_local},
    // Never a peer.
    {"0.0.0.0", Class::unspecified},
    {"0.0.0.1", Class::unspecified},
    {"0.255.255.255", Class::unspecified},
    {"224.0.0.0", Class::multicast},
    {"224.0.0.1", Class::multicast},
    {"239.255.255.250", Class::multicast},
    {"239.255.255.255", Class::multicast},
    {"255.255.255.255", Class::broadcast},
    {"240.0.0.0", Class::reserved},
    {"255.255.255.254", Class::reserved},
    {"192.0.0.0", Class::reserved},
    {"192.0.0.8", Class::reserved},
    {"192.0.0.170", Class::reserved},
    {"192.0.0.255", Class::reserved},
    {"192.0.2.0", Class::reserved},
    {"192.0.2.255", Class::reserved},
    {"192.88.99.1", Class::reserved},
    {"198.18.0.0", Class::reserved},
    {"198.19.255.255", Class::reserved},
    {"198.51.100.7", Class::reserved},
    {"203.0.113.7", Class::reserved},
    // IPv6.
    {"2001:4860:4860::8888", Class::public_},
    {"2606:4700:4700::1111", Class::public_},
    {"2a00:1450:4001::1", Class::public_},
    {"2000::1", Class::public_},
    {"2001:200::1", Class::public_},
    {"2003::1", Class::public_},
    {"3ffe::1", Class::public_},
    {"3fff:1000::1", Class::public_},
    {"::1", Class::loopback},
    {"::", Class::unspecified},
    {"fe80::1", Class::link_local},
    {"fe80::1%1", Class::link_local},
    {"febf:ffff::1", Class::link_local},
    {"fec0::1", Class::private_},
    {"fc00::1", Class::private_},
    {"fd00:ec2::254", Class::private_},  // a cloud's metadata service inside unique local
    {"fdff:ffff::1", Class::private_},
    {"ff02::1", Class::multicast},
    {"ff0e::1", Class::multicast},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Class::multicast},
    {"2001:db8::1", Class::reserved},
    {"3fff::1", Class::reserved},
    {"2001:2::1", Class::reserved},
    {"2001:10::1", Class::reserved},
    {"2001:20::1", Class::reserved},
    {"2001:1::1", Class::reserved},
    {"2001:1ff:ffff::1", Class::reserved},
    {"100::1", Class::reserved},
    {"64:ff9b:1::1", Class::reserved},
    {"5f00::1", Class::reserved},
    {"4000::1", Class::reserved},
    {"1fff::1", Class::reserved},
    {"fe00::1", Class::reserved},
    {"200::1", Class::reserved},
    // IPv4 inside IPv6: mapped.
    {"::ffff:8.8.8.8", Class::public_},
    {"::ffff:127.0.0.1", Class::loopback},
    {"::ffff:7f00:1", Class::loopback},
    {"::ffff:10.0.0.1", Class::private_},
    {"::ffff:169.254.169.254", Class::link_local},
    {"::ffff:a9fe:a9fe", Class::link_local},
    {"::ffff:0.0.0.0", Class::unspecified},
    {"::ffff:255.255.255.255", Class::broadcast},
    {"::ffff:224.0.0.1", Class::multicast},
    {"::ffff:198.18.0.1", Class::reserved},
    // Compatible and translated: nobody routes them.
    {"::127.0.0.1", Class::loopback},
    {"::8.8.8.8", Class::reserved},
    {"::2", Class::unspecified},
    {"::ffff:0:127.0.0.1", Class::loopback},
    {"::ffff:0:8.8.8.8", Class::reserved},
    // NAT64.
    {"64:ff9b::8.8.8.8", Class::public_},
    {"64:ff9b::7f00:1", Class::loopback},
    {"64:ff9b::a00:1", Class::private_},
    {"64:ff9b::a9fe:a9fe", Class::link_local},
    {"64:ff9b::e000:1", Class::multicast},
    // 6to4.
    {"2002:808:808::1", Class::reserved},
    {"2002:7f00:1::1", Class::loopback},
    {"2002:c0a8:101::1", Class::private_},
    {"2002:a9fe:a9fe::1", Class::link_local},
    // Teredo: the inner address is inverted.
    {"2001:0:4136:e378:8000:63bf:f7f7:f7f7", Class::reserved},
    {"2001:0:4136:e378:8000:63bf:80ff:fffe", Class::loopback},
    {"2001:0:4136:e378:8000:63bf:3f57:fefe", Class::private_},
    {"2001:0:4136:e378:8000:63bf:5601:5601", Class::link_local},
};

static_assert(std::size(cases) >= 100);

TEST(AddressPolicy, classifies) {
    for (const Case& entry : cases) {
        boost::system::error_code error;
        const auto address = boost::asio::ip::make_address(entry.text, error);
        ASSERT_FALSE(error) << entry.text;
        EXPECT_EQ(classify(address), entry.is) << entry.text << " is " << description(classify(address));
    }
}

TEST(AddressPolicy, allows_public_always_private_and_loopback_by_choice_and_others_never) {
    for (const Case& entry : cases) {
        const auto address = boost::asio::ip::make_address(entry.text);
        const bool is_public = entry.is == Class::public_;
        const bool by_choice = entry.is == Class::loopback || entry.is == Class::private_;
        EXPECT_EQ(allowed(address, false), is_public) << entry.text;
        EXPECT_EQ(allowed(address, true), is_public || by_choice) << entry.text;
    }
}

TEST(AddressPolicy, describes_each_class_in_its_own_words) {
    std::set<std::string_view> seen;
    for (const Class each : {Class::public_, Class::loopback, Class::private_, Class::link_local,
                             Class::multicast, Class::broadcast, Class::unspecified, Class::reserved})
        EXPECT_TRUE(seen.insert(description(each)).second) << description(each);
}

}  // namespace
}  // namespace net
