#include "net/push_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace net {
namespace {

struct Good {
    const char* text;
    const char* host;
    const char* app;
    const char* tc_url;
    PushScheme scheme;
    std::uint16_t port;
};

constexpr auto rtmp = PushScheme::rtmp;
constexpr auto rtmps = PushScheme::rtmps;
constexpr auto http = PushScheme::http;
constexpr auto https = PushScheme::https;

// What platforms give their users, and what self-hosted servers are reached by.
constexpr Good good[] = {
    {"rtmps://a.rtmps.youtube.com:443/live2", "a.rtmps.youtube.com", "live2",
     "rtmps://a.rtmps.youtube.com:443/live2", rtmps, 443},
    {"rtmps://b.rtmps.youtube.com:443/live2?backup=1", "b.rtmps.youtube.com", "live2?backup=1",
     "rtmps://b.rtmps.youtube.com:443/live2?backup=1", rtmps, 443},
    {"rtmp://a.rtmp.youtube.com/live2", "a.rtmp.youtube.com", "live2", "rtmp://a.rtmp.youtube.com/live2",
     rtmp, 1935},
    {"rtmp://live.twitch.tv/app", "live.twitch.tv", "app", "rtmp://live.twitch.tv/app", rtmp, 1935},
    {"rtmp://live.twitch.tv/app/", "live.twitch.tv", "app", "rtmp://live.twitch.tv/app", rtmp, 1935},
    {"rtmps://live-api-s.facebook.com:443/rtmp/", "live-api-s.facebook.com", "rtmp",
     "rtmps://live-api-s.facebook.com:443/rtmp", rtmps, 443},
    {"rtmps://fa723fc1b171.global-contribute.live-video.net/app",
     "fa723fc1b171.global-contribute.live-video.net", "app",
     "rtmps://fa723fc1b171.global-contribute.live-video.net/app", rtmps, 443},
    {"rtmps://live.cloudflare.com:443/live/", "live.cloudflare.com", "live",
     "rtmps://live.cloudflare.com:443/live", rtmps, 443},
    {"rtmp://abc123.channel.media.azure.net:2935/live/abc123", "abc123.channel.media.azure.net",
     "live/abc123", "rtmp://abc123.channel.media.azure.net:2935/live/abc123", rtmp, 2935},
    {"rtmps://live-upload.instagram.com:443/rtmp/", "live-upload.instagram.com", "rtmp",
     "rtmps://live-upload.instagram.com:443/rtmp", rtmps, 443},
    {"rtmp://push-rtmp-l11-va01.tiktokcdn.com/game/", "push-rtmp-l11-va01.tiktokcdn.com", "game",
     "rtmp://push-rtmp-l11-va01.tiktokcdn.com/game", rtmp, 1935},
    {"rtmp://va.pscp.tv:80/x", "va.pscp.tv", "x", "rtmp://va.pscp.tv:80/x", rtmp, 80},
    {"rtmp://livepush.trovo.live/live/", "livepush.trovo.live", "live", "rtmp://livepush.trovo.live/live",
     rtmp, 1935},
    {"rtmp://global-live.mux.com:5222/app", "global-live.mux.com", "app",
     "rtmp://global-live.mux.com:5222/app", rtmp, 5222},
    {"rtmps://dc4-1.rtmp.t.me/s/", "dc4-1.rtmp.t.me", "s", "rtmps://dc4-1.rtmp.t.me/s", rtmps, 443},
    {"rtmp://abc.live.rmbl.ws/slot-1234", "abc.live.rmbl.ws", "slot-1234",
     "rtmp://abc.live.rmbl.ws/slot-1234", rtmp, 1935},
    // Queries stay as they are, whatever stands in them.
    {"rtmp://h/app?user=a&pass=b%2Fc", "h", "app?user=a&pass=b%2Fc", "rtmp://h/app?user=a&pass=b%2Fc", rtmp,
     1935},
    {"rtmp://h/app?dir=a/", "h", "app?dir=a/", "rtmp://h/app?dir=a/", rtmp, 1935},
    {"rtmp://h/app/?dir=a", "h", "app/?dir=a", "rtmp://h/app/?dir=a", rtmp, 1935},
    {"rtmp://h/app?", "h", "app?", "rtmp://h/app?", rtmp, 1935},
    {"rtmp://h/vhost/app/inst", "h", "vhost/app/inst", "rtmp://h/vhost/app/inst", rtmp, 1935},
    {"rtmp://h/a%20b", "h", "a%20b", "rtmp://h/a%20b", rtmp, 1935},
    {"rtmp://h/app//", "h", "app", "rtmp://h/app", rtmp, 1935},
    // Hosts and ports.
    {"rtmp://192.0.2.1/live", "192.0.2.1", "live", "rtmp://192.0.2.1/live", rtmp, 1935},
    {"rtmp://[2001:db8::1]/live", "2001:db8::1", "live", "rtmp://[2001:db8::1]/live", rtmp, 1935},
    {"rtmps://[2001:db8::1]:8443/live", "2001:db8::1", "live", "rtmps://[2001:db8::1]:8443/live", rtmps,
     8443},
    {"rtmp://[::ffff:127.0.0.1]/live", "::ffff:127.0.0.1", "live", "rtmp://[::ffff:127.0.0.1]/live", rtmp,
     1935},
    {"rtmp://localhost:19350/live", "localhost", "live", "rtmp://localhost:19350/live", rtmp, 19350},
    {"rtmp://my_server/live", "my_server", "live", "rtmp://my_server/live", rtmp, 1935},
    {"rtmp://1.example/live", "1.example", "live", "rtmp://1.example/live", rtmp, 1935},
    {"rtmp://0x1g/live", "0x1g", "live", "rtmp://0x1g/live", rtmp, 1935},
    {"rtmp://h:65535/live", "h", "live", "rtmp://h:65535/live", rtmp, 65535},
    {"RTMPS://Host.Example/Live", "Host.Example", "Live", "rtmps://Host.Example/Live", rtmps, 443},
    {"rtmp://h", "h", "", "rtmp://h", rtmp, 1935},
    {"rtmp://h/", "h", "", "rtmp://h", rtmp, 1935},
    // Bridges.
    {"http://bridge.example/push/", "bridge.example", "push", "http://bridge.example/push", http, 80},
    {"https://bridge.example/push?room=1", "bridge.example", "push?room=1",
     "https://bridge.example/push?room=1", https, 443},
};

TEST(PushUrl, takes_what_platforms_give) {
    for (const Good& entry : good) {
        const auto url = parse_push_url(entry.text);
        ASSERT_TRUE(url) << entry.text << ": " << url.error().message;
        EXPECT_EQ(url->scheme, entry.scheme) << entry.text;
        EXPECT_EQ(url->host, entry.host) << entry.text;
        EXPECT_EQ(url->port, entry.port) << entry.text;
        EXPECT_EQ(url->app, entry.app) << entry.text;
        EXPECT_EQ(url->tc_url, entry.tc_url) << entry.text;
    }
}

TEST(PushUrl, keeps_the_target_of_a_bridge_exactly) {
    EXPECT_EQ(parse_push_url("http://h")->target, "/");
    EXPECT_EQ(parse_push_url("http://h/push/")->target, "/push/");
    EXPECT_EQ(parse_push_url("https://h/a/b?x=1&y=%2F")->target, "/a/b?x=1&y=%2F");
    EXPECT_EQ(parse_push_url("https://h?x=1")->target, "/?x=1");
}

TEST(PushUrl, names_the_authority_as_headers_do) {
    EXPECT_EQ(parse_push_url("http://h/")->authority(), "h");
    EXPECT_EQ(parse_push_url("http://h:80/")->authority(), "h");
    EXPECT_EQ(parse_push_url("https://h:80/")->authority(), "h:80");
    EXPECT_EQ(parse_push_url("rtmp://[::1]:19350/a")->authority(), "[::1]:19350");
    EXPECT_TRUE(parse_push_url("rtmps://h/a")->secure());
    EXPECT_FALSE(parse_push_url("http://h/a")->is_rtmp());
}

TEST(PushUrl, refuses_and_repeats_nothing) {
    const std::string bad[] = {
        "",
        "CANARY",
        "/live/CANARY",
        "host.example/live/CANARY",
        "rtmp:/h/CANARY",
        "rtmp:CANARY",
        "rtmp://",
        "rtmp:///CANARY",
        "rtmp://:1935/CANARY",
        "rtmp://?CANARY",
        "://h/CANARY",
        "file:///etc/CANARY",
        "ftp://h/CANARY",
        "srt://h:778?streamid=CANARY",
        "gopher://h/CANARY",
        "rtmpt://h/CANARY",
        "unix:///run/CANARY",
        " rtmp://h/CANARY",
        "rtmp://h/CANARY ",
        "rtmp://h/a CANARY",
        "rtmp://h/a\nCANARY",
        std::string("rtmp://h/a\0CANARY", 17),
        "rtmp://h/\200CANARY",
        "rtmp://h/%zCANARY",
        "rtmp://h/%2",
        "rtmp://user@h/CANARY",
        "rtmp://user:CANARY@h/live",
        "rtmp://@h/CANARY",
        "rtmp://trusted.example@169.254.169.254/CANARY",
        "rtmp://h/live#CANARY",
        "rtmp://h:0/CANARY",
        "rtmp://h:65536/CANARY",
        "rtmp://h:99999999999999999999/CANARY",
        "rtmp://h:19a/CANARY",
        "rtmp://h:-1/CANARY",
        "rtmp://[::1/CANARY",
        "rtmp://[::1]x/CANARY",
        "rtmp://[CANARY]/live",
        "rtmp://[v1.CANARY]/live",
        "rtmp://::1/CANARY",
        "rtmp://h\\CANARY/live",
        "rtmp://h%2eexample/CANARY",
        "rtmp://h!CANARY/live",
        "rtmp://2130706433/CANARY",
        "rtmp://0x7f000001/CANARY",
        "rtmp://0X7F.1/CANARY",
        "rtmp://127.1/CANARY",
        "rtmp://127.0.0.1./CANARY",
        "rtmp://012.00.00.01/CANARY",
        "rtmp://1.1.1.1.1/CANARY",
        "rtmp://127.0.0.256/CANARY",
        "rtmp://example.1/CANARY",
        "rtmp://example.0x/CANARY",
        "rtmp://0/CANARY",
        "rtmp://.h/CANARY",
        "rtmp://a..b/CANARY",
        "rtmp://b\303\274cher.example/CANARY",
        "rtmp://" + std::string(254, 'a') + "/CANARY",
        "rtmp://h/CANARY" + std::string(max_push_url, 'a'),
    };
    for (const std::string& text : bad) {
        const auto url = parse_push_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, base::ErrorCode::invalid_argument) << text;
        EXPECT_EQ(url.error().name, "invalid_url");
        EXPECT_THAT(url.error().message, testing::Not(testing::HasSubstr("CANARY"))) << text;
    }
}

TEST(PushUrl, takes_2048_characters_and_no_more) {
    const std::string longest = "rtmp://h/" + std::string(max_push_url - 9, 'a');
    EXPECT_TRUE(parse_push_url(longest));
    EXPECT_FALSE(parse_push_url(longest + "a"));
}

}  // namespace
}  // namespace net
