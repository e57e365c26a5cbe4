#include "platform/pasted_url.h"

#include <gtest/gtest.h>

#include "platform/catalogue.h"

namespace platform {
namespace {

TEST(PastedUrl, is_cut_where_the_key_begins) {
    struct Case {
        const char* text;
        const char* server;
        const char* key;
    };
    const Case cases[] = {
        {"rtmps://live-api-s.facebook.com:443/rtmp/1234567890?s_bl=1&s_sw=0&a=Ab/c",
         "rtmps://live-api-s.facebook.com:443/rtmp", "1234567890?s_bl=1&s_sw=0&a=Ab/c"},
        {"rtmps://live-upload.instagram.com:443/rtmp/IG-12345678901234567-0-Abc",
         "rtmps://live-upload.instagram.com:443/rtmp", "IG-12345678901234567-0-Abc"},
        {"rtmp://push-rtmp-l11-va01.tiktokcdn.com/game/stream-123?expire=65f0&sign=ab",
         "rtmp://push-rtmp-l11-va01.tiktokcdn.com/game", "stream-123?expire=65f0&sign=ab"},
        {"rtmp://live.twitch.tv/app/live_1_abc", "rtmp://live.twitch.tv/app", "live_1_abc"},
        {"rtmp://live-push.bilivideo.com/live-bvc/?streamname=live_1&key=ab",
         "rtmp://live-push.bilivideo.com/live-bvc", "?streamname=live_1&key=ab"},
        {"rtmp://h/vhost/app/key", "rtmp://h/vhost/app", "key"},
        {"rtmps://dc4-1.rtmp.t.me/s/123456:ABC", "rtmps://dc4-1.rtmp.t.me/s", "123456:ABC"},
        {"rtmp://[2001:db8::1]:1935/live/key", "rtmp://[2001:db8::1]:1935/live", "key"},
        {"  rtmp://h/live/key\r\n", "rtmp://h/live", "key"},
        // No key.
        {"rtmps://a.rtmps.youtube.com:443/live2", "rtmps://a.rtmps.youtube.com:443/live2", ""},
        {"rtmps://b.rtmps.youtube.com:443/live2?backup=1", "rtmps://b.rtmps.youtube.com:443/live2?backup=1",
         ""},
        {"rtmp://h/live2?dir=a/b", "rtmp://h/live2?dir=a/b", ""},
        {"rtmps://live-api-s.facebook.com:443/rtmp/", "rtmps://live-api-s.facebook.com:443/rtmp", ""},
        {"rtmp://h", "rtmp://h", ""},
        {"rtmp://h/", "rtmp://h", ""},
        {"rtmp://h?key=a/b", "rtmp://h?key=a/b", ""},
        {"just-a-key", "just-a-key", ""},
        {"", "", ""},
        {"   ", "", ""},
    };
    for (const Case& entry : cases) {
        const PastedUrl pasted = split_pasted_url(entry.text);
        EXPECT_EQ(pasted.server_url, entry.server) << entry.text;
        EXPECT_EQ(pasted.key.reveal(), entry.key) << entry.text;
    }
}

TEST(PastedUrl, leaves_the_catalogues_own_urls_whole) {
    for (const Platform& platform : catalogue())
        for (const IngestUrl& ingest : platform.ingest_urls) {
            EXPECT_TRUE(split_pasted_url(ingest.url).key.empty()) << ingest.url;
            const PastedUrl joined =
                split_pasted_url(std::string(ingest.url) + (ingest.url.ends_with('/') ? "" : "/") + "KEY");
            if (ingest.url.find('?') == std::string_view::npos) {
                EXPECT_EQ(joined.key.reveal(), "KEY") << ingest.url;
            }
        }
}

}  // namespace
}  // namespace platform
