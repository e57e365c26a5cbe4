#include "storage/object_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace storage {
namespace {

StoreSettings at(std::string endpoint, bool path_style = true, std::string bucket = "shows") {
    StoreSettings settings;
    settings.endpoint = std::move(endpoint);
    settings.path_style = path_style;
    settings.bucket = std::move(bucket);
    return settings;
}

std::string text(const base::Result<ObjectUrl>& url) {
    return url ? url->text() : "refused: " + url.error().message;
}

TEST(ObjectUrl, BothForms) {
    EXPECT_EQ(text(object_url(at("https://s3.example.com"), "a/b.mp4")),
              "https://s3.example.com/shows/a/b.mp4");
    EXPECT_EQ(text(object_url(at("https://s3.example.com/", false), "a/b.mp4")),
              "https://shows.s3.example.com/a/b.mp4");
    EXPECT_EQ(text(bucket_url(at("http://127.0.0.1:9000"))), "http://127.0.0.1:9000/shows");
    EXPECT_EQ(text(bucket_url(at("http://[::1]:9000"))), "http://[::1]:9000/shows");
    // A signature covers the host as a client writes it.
    EXPECT_EQ(object_url(at("https://s3.example.com:443"), "a")->host, "s3.example.com");
    EXPECT_EQ(object_url(at("http://s3.example.com:80", false), "a")->host, "shows.s3.example.com");
    EXPECT_EQ(object_url(at("http://s3.example.com:443"), "a")->host, "s3.example.com:443");
}

TEST(ObjectUrl, QueryIsSortedAndWhole) {
    const auto url = object_url(at("https://s3.example.com"), "a",
                                {{"uploadId", "x+/= &"}, {"partNumber", "7"}, {"uploads", ""}});
    EXPECT_EQ(url->query, "partNumber=7&uploadId=x%2B%2F%3D%20%26&uploads=");
}

TEST(ObjectUrl, EndpointsThatAreNone) {
    for (const char* const endpoint :
         {"", "s3", "ftp://s3.example.com", "file:///etc/passwd", "https://",
          "https://user:pw@s3.example.com", "https://s3.example.com/bucket", "https://s3.example.com?x=1",
          "https://s3.example.com/#x", "https://s3 example.com", "https://s3.example.com:99999",
          "https://s3.example.com\r\nHost: x"})
        EXPECT_FALSE(bucket_url(at(endpoint))) << endpoint;
}

TEST(ObjectUrl, BucketsAndRegionsThatAreNone) {
    const std::string longest(63, 'a');
    EXPECT_TRUE(bucket_url(at("https://s3.example.com", true, longest)));
    for (const std::string& bucket :
         {std::string("ab"), longest + "a", std::string("Shows"), std::string("a_b"), std::string("-ab"),
          std::string("ab-"), std::string("a..b"), std::string("a/b"), std::string("../x"),
          std::string("a b"), std::string()})
        EXPECT_FALSE(bucket_url(at("https://s3.example.com", true, bucket))) << bucket;
    EXPECT_TRUE(bucket_url(at("https://s3.example.com", true, "a.b")));
    EXPECT_FALSE(bucket_url(at("https://s3.example.com", false, "a.b")));
    EXPECT_TRUE(bucket_url(at("http://s3.example.com", false, "a.b")));
    StoreSettings settings = at("https://s3.example.com");
    for (const char* const region : {"", "eu west", "eu:west", "eu/west", "EU"}) {
        settings.region = region;
        EXPECT_FALSE(bucket_url(settings)) << region;
    }
}

TEST(ObjectUrl, HostileKeysStayOneObjectOfTheBucket) {
    const StoreSettings settings = at("https://s3.example.com");
    const std::pair<const char*, const char*> keys[] = {
        {"a b", "/shows/a%20b"},
        {"a?b=c#d", "/shows/a%3Fb%3Dc%23d"},
        {"a%2e%2e/b", "/shows/a%252e%252e/b"},
        {"%2e%2e/b", "/shows/%252e%252e/b"},
        {"a+b&c;d", "/shows/a%2Bb%26c%3Bd"},
        {"@example.com/x", "/shows/%40example.com/x"},
        {"http://x", nullptr},
        {"\xc3\xa4", "/shows/%C3%A4"},
        {"...", "/shows/..."},
        {".a", "/shows/.a"},
        {"a~-_.!'()*", "/shows/a~-_.%21%27%28%29%2A"},
    };
    for (const auto& [key, path] : keys) {
        const auto url = object_url(settings, key);
        if (path == nullptr) {
            EXPECT_FALSE(url) << key;
            continue;
        }
        ASSERT_TRUE(url) << key;
        EXPECT_EQ(url->path, path);
        EXPECT_EQ(url->host, "s3.example.com");
    }
    using namespace std::string_view_literals;
    for (const std::string_view key : {""sv, "/a"sv, "a/"sv, "a//b"sv, "."sv, ".."sv, "../a"sv, "a/../b"sv,
                                       "a/./b"sv, "a/.."sv, "a\0b"sv, "a\nb"sv, "a\x7f"sv, "a\\..\\b"sv})
        EXPECT_FALSE(object_url(settings, key)) << key;
    EXPECT_TRUE(object_url(settings, std::string(max_key_size, 'a')));
    EXPECT_FALSE(object_url(settings, std::string(max_key_size + 1, 'a')));
}

}  // namespace
}  // namespace storage
