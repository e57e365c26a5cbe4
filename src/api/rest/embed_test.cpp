#include "api/rest/embed.h"

#include <gtest/gtest.h>

namespace api::rest {
namespace {

using Kind = PageLink::Kind;
constexpr const char* here = "https://tv.example:8443";

TEST(PageLinks, NameOurPages) {
    const auto link = [](const char* url) { return page_link(url, here); };
    EXPECT_EQ(link("https://tv.example:8443/watch/abc"), (PageLink{Kind::player, "abc"}));
    EXPECT_EQ(link("https://tv.example:8443/embed/abc?autoplay=1&muted#t=5"),
              (PageLink{Kind::player, "abc"}));
    EXPECT_EQ(link("HTTPS://TV.example:8443/livestreams/ls_1/"), (PageLink{Kind::livestream, "ls_1"}));
    EXPECT_EQ(link("https://tv.example:8443/tv-stations/radio-one"), (PageLink{Kind::station, "radio-one"}));
    EXPECT_EQ(page_link("https://tv.example/watch/abc", "https://tv.example/"),
              (PageLink{Kind::player, "abc"}));
}

TEST(PageLinks, NameNothingElse) {
    for (const char* url : {"",
                            "abc",
                            "/watch/abc",
                            "http://tv.example:8443/watch/abc",
                            "https://tv.example/watch/abc",
                            "https://tv.example:84439/watch/abc",
                            "https://tv.example:8443.evil/watch/abc",
                            "https://tv.example:8443@evil/watch/abc",
                            "https://evil/https://tv.example:8443/watch/abc",
                            "https://tv.example:8443",
                            "https://tv.example:8443/",
                            "https://tv.example:8443/watch",
                            "https://tv.example:8443/watch/",
                            "https://tv.example:8443/watch/a/b",
                            "https://tv.example:8443/watch/../api",
                            "https://tv.example:8443/watch/a%2fb",
                            "https://tv.example:8443/api/stations",
                            "https://tv.example:8443//watch/abc",
                            "javascript:alert(1)",
                            "https://tv.example:8443?x=/watch/abc"})
        EXPECT_FALSE(page_link(url, here)) << url;
}

TEST(EmbedSizes, FitInto) {
    const auto size = [](std::int64_t width, std::int64_t height) {
        const EmbedSize fits = embed_size(width, height);
        return std::pair(fits.width, fits.height);
    };
    EXPECT_EQ(size(0, 0), std::pair(640L, 360L));
    EXPECT_EQ(size(2'000, 2'000), std::pair(640L, 360L));
    EXPECT_EQ(size(320, 0), std::pair(320L, 180L));
    EXPECT_EQ(size(0, 90), std::pair(160L, 90L));
    EXPECT_EQ(size(320, 90), std::pair(160L, 90L));
    EXPECT_EQ(size(1, 1), std::pair(1L, 1L));
}

TEST(EmbedFrames, EscapeWhatPeopleWrote) {
    const std::string frame = embed_frame(here, "abc", R"("><script>alert('x')</script>&)", {});
    EXPECT_EQ(frame,
              R"(<iframe src="https://tv.example:8443/embed/abc" width="640" height="360" )"
              R"(title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;" style="border:0" )"
              R"(allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>)");
}

}  // namespace
}  // namespace api::rest
