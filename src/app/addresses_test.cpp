#include "app/addresses.h"

#include <gtest/gtest.h>

namespace app {
namespace {

TEST(Addresses, AreThisMachineByDefault) {
    EXPECT_EQ(addresses({}).web, "http://localhost:8000");
    EXPECT_EQ(addresses({}).rtmp, "rtmp://localhost:1935/live");
    EXPECT_EQ(addresses({}, "192.0.2.1").rtmp, "rtmp://192.0.2.1:1935/live");
}

TEST(Addresses, EncodersGoToTheHostOfThePages) {
    config::Config config;
    config.public_url = "https://live.example.org:8443/";
    config.rtmp = "0.0.0.0:2935";
    EXPECT_EQ(addresses(config).web, "https://live.example.org:8443");
    EXPECT_EQ(addresses(config).rtmp, "rtmp://live.example.org:2935/live");
    config.public_url = "http://[2001:db8::1]:80";
    EXPECT_EQ(addresses(config).rtmp, "rtmp://[2001:db8::1]:2935/live");
    config.public_rtmp_url = "rtmp://ingest.example.org/live/";
    EXPECT_EQ(addresses(config).rtmp, "rtmp://ingest.example.org/live");
}

TEST(Addresses, TellRtmpsWhenPlainRtmpIsOff) {
    config::Config config;
    config.rtmp = "off";
    config.https = true;
    EXPECT_EQ(addresses(config).rtmp, "rtmps://localhost:1936/live");
    EXPECT_EQ(addresses(config).web, "https://localhost:8000");
}

}  // namespace
}  // namespace app
