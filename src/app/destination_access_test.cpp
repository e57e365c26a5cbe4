#include "app/destination_access.h"

#include <gtest/gtest.h>

namespace app {
namespace {

using net::Verdict;

net::Verdict judge(const config::Config& config, const char* address, std::uint16_t port) {
    return dialer_settings(config).policy->judge({boost::asio::ip::make_address(address), port});
}

TEST(DestinationAccess, ByDefaultReachesPlatformsAndNothingInside) {
    const config::Config config;
    ASSERT_TRUE(check_destination_access(config));
    for (const std::uint16_t port : {80, 443, 1935, 1936, 2935, 5222, 8443, 19350})
        EXPECT_EQ(judge(config, "8.8.8.8", port), Verdict::allowed) << port;
    for (const std::uint16_t port : {22, 25, 53, 445, 2375, 5432, 6379, 9200, 11211, 27017})
        EXPECT_EQ(judge(config, "8.8.8.8", port), Verdict::port_not_allowed) << port;
    EXPECT_EQ(judge(config, "10.0.0.1", 1935), Verdict::address_not_allowed);
}

TEST(DestinationAccess, NeverReachesItsOwnListeners) {
    config::Config config;
    config.allow_private_addresses = true;
    config.rtmps = "off";
    for (const std::uint16_t port : {8000, 1935})
        EXPECT_EQ(judge(config, "127.0.0.1", port), Verdict::this_server) << port;
    EXPECT_EQ(judge(config, "127.0.0.1", 1936), Verdict::allowed) << "nothing of ours is there";
}

TEST(DestinationAccess, SaysWhatCannotBeRead) {
    config::Config config;
    config.destination_ports = "80,0";
    EXPECT_NE(check_destination_access(config).error().message.find("destination_ports"), std::string::npos);
    config = {};
    for (const char* good : {"192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:53"}) {
        config.dns_servers = {good};
        EXPECT_TRUE(check_destination_access(config)) << good;
    }
    EXPECT_EQ(resolver_settings(config).servers, "[2001:db8::53]:53");
    for (const char* bad : {"dns.example.org", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:x", "1.2.3"}) {
        config.dns_servers = {bad};
        EXPECT_FALSE(check_destination_access(config)) << bad;
    }
}

}  // namespace
}  // namespace app
