#include "storage/store_xml.h"

#include <gtest/gtest.h>

#include "storage/store_error.h"

namespace storage {
namespace {

const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string parts_page(const std::string& inside) {
    return head + "<ListPartsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>b</Bucket>" +
           inside + "</ListPartsResult>";
}

std::string part(const std::string& number, const std::string& etag, const std::string& size) {
    return "<Part><PartNumber>" + number + "</PartNumber><ETag>" + etag + "</ETag><Size>" + size +
           "</Size></Part>";
}

TEST(StoreXml, UploadId) {
    const auto document = [](const std::string& id) {
        return head + "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>" + id +
               "</UploadId></InitiateMultipartUploadResult>";
    };
    EXPECT_EQ(read_upload_id(document("VXBsb2Fk.-_~&amp;")).value(), "VXBsb2Fk.-_~&");
    EXPECT_TRUE(read_upload_id(document(std::string(max_upload_id, 'a'))));
    for (const std::string& id : {std::string(), std::string("a b"), std::string("a&#10;b"),
                                  std::string("\xc3\xa4"), std::string(max_upload_id + 1, 'a')})
        EXPECT_FALSE(read_upload_id(document(id))) << id;
    EXPECT_FALSE(read_upload_id(""));
    EXPECT_FALSE(read_upload_id("<html/>"));
    EXPECT_FALSE(read_upload_id(document("a").substr(0, 80)));
    EXPECT_FALSE(read_upload_id(std::string(max_document + 1, ' ')));
}

TEST(StoreXml, Parts) {
    auto page = read_parts(
        parts_page("<IsTruncated>true</IsTruncated><NextPartNumberMarker>7</NextPartNumberMarker>" +
                   part("2", "&quot;abc&quot;", "8388608") + part("7", "\"d-1\"", "0")));
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->parts, (std::vector<UploadedPart>{{2, "abc", 8388608}, {7, "d-1", 0}}));
    EXPECT_EQ(page->next_after, 7);
    page = read_parts(parts_page("<IsTruncated>false</IsTruncated>"));
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->parts.empty());
    EXPECT_EQ(page->next_after, 0);
    EXPECT_TRUE(read_parts(parts_page(part("10000", "a", "1"))));
}

TEST(StoreXml, PartsThatAreNone) {
    for (const std::string& inside :
         {part("0", "a", "1"), part("10001", "a", "1"), part("-1", "a", "1"), part("1x", "a", "1"),
          part("", "a", "1"), part("1", "", "1"), part("1", "a b", "1"), part("1", "a", "-1"),
          part("1", "a", ""), part("1", "a", "99999999999999999999"),
          part("1", std::string(max_etag + 1, 'a'), "1"), part("2", "a", "1") + part("2", "a", "1"),
          part("2", "a", "1") + part("1", "a", "1"), std::string("<IsTruncated>true</IsTruncated>"),
          std::string("<IsTruncated>perhaps</IsTruncated>"),
          std::string("<IsTruncated>true</IsTruncated><NextPartNumberMarker>0</NextPartNumberMarker>")})
        EXPECT_FALSE(read_parts(parts_page(inside))) << inside;
}

TEST(StoreXml, NothingIsFetchedOrUnfolded) {
    const std::string bomb =
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]>"
        "<Error><Code>&a;</Code><Message>&b;</Message></Error>";
    const StoreProblem problem = read_problem(bomb);
    EXPECT_EQ(problem.message.find("root"), std::string::npos);
    EXPECT_NE(problem.code, "aaaaaaaaaa");
    // As deep as a document can be.
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<a>";
    EXPECT_FALSE(read_parts(deep));
    std::string closed = deep;
    for (int i = 0; i < 100'000; ++i) closed += "</a>";
    EXPECT_FALSE(read_parts(closed));
}

TEST(StoreXml, CompletedAndComplete) {
    EXPECT_EQ(read_completed(head + "  \n<CompleteMultipartUploadResult><ETag>&quot;abc-2&quot;</ETag>"
                                    "</CompleteMultipartUploadResult>")
                  .value(),
              "abc-2");
    EXPECT_FALSE(read_completed("<Error><Code>InternalError</Code></Error>"));
    EXPECT_FALSE(read_completed("<CompleteMultipartUploadResult/>"));
    EXPECT_EQ(
        write_complete({{1, "a", 1}, {2, "<&>", 1}}),
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>\"&lt;&amp;&gt;\"</ETag></Part></CompleteMultipartUpload>");
}

HttpAnswer answer(long status, const std::string& code, const std::string& message = "words") {
    return {
        .status = status,
        .body =
            head + "<Error><Code>" + code + "</Code><Message>" + message +
            "</Message><AWSAccessKeyId>canary</AWSAccessKeyId><StringToSign>canary</StringToSign></Error>"};
}

TEST(StoreError, SaysWhatToMend) {
    struct Case {
        long status;
        const char* code;
        base::ErrorCode error;
        bool again;
        const char* hint;
    };
    for (const Case& expected : {
             Case{403, "InvalidAccessKeyId", base::ErrorCode::unauthenticated, false, "access key id"},
             Case{403, "SignatureDoesNotMatch", base::ErrorCode::unauthenticated, false, "secret key"},
             Case{403, "AccessDenied", base::ErrorCode::forbidden, false, "allow this access key"},
             Case{403, "RequestTimeTooSkewed", base::ErrorCode::unauthenticated, false, "clock"},
             Case{404, "NoSuchBucket", base::ErrorCode::not_found, false, "create it"},
             Case{404, "NoSuchUpload", base::ErrorCode::not_found, false, "upload"},
             Case{301, "PermanentRedirect", base::ErrorCode::invalid_argument, false, "endpoint"},
             Case{400, "AuthorizationHeaderMalformed", base::ErrorCode::invalid_argument, false, "region"},
             Case{400, "BadDigest", base::ErrorCode::malformed, true, "damaged"},
             Case{503, "SlowDown", base::ErrorCode::unavailable, true, "fewer"},
             Case{500, "InternalError", base::ErrorCode::unavailable, true, "fault"},
             Case{200, "InternalError", base::ErrorCode::unavailable, true, "fault"},
             Case{400, "SomethingNew", base::ErrorCode::refused, false, "SomethingNew, words"},
             Case{503, "SomethingNew", base::ErrorCode::unavailable, true, "not available"},
             Case{501, "NotImplemented", base::ErrorCode::refused, false, "cannot do this"},
             Case{405, "MethodNotAllowed", base::ErrorCode::refused, false, "cannot do this"},
         }) {
        const Failure failure = failure_of(answer(expected.status, expected.code), "shows");
        EXPECT_EQ(failure.error.code, expected.error) << expected.code;
        EXPECT_EQ(failure.worth_another_try, expected.again) << expected.code;
        EXPECT_NE(failure.error.message.find(expected.hint), std::string::npos) << failure.error.message;
        EXPECT_NE(failure.error.message.find(expected.code), std::string::npos) << failure.error.message;
        EXPECT_NE(failure.error.message.find("shows"), std::string::npos) << failure.error.message;
        EXPECT_EQ(failure.error.message.find("canary"), std::string::npos) << failure.error.message;
    }
}

TEST(StoreError, AnswersWithoutADocument) {
    const auto code = [](long status) { return failure_of({.status = status}, "b").error.code; };
    EXPECT_EQ(code(404), base::ErrorCode::not_found);
    EXPECT_EQ(code(403), base::ErrorCode::forbidden);
    EXPECT_EQ(code(429), base::ErrorCode::unavailable);
    EXPECT_EQ(code(502), base::ErrorCode::unavailable);
    EXPECT_EQ(code(400), base::ErrorCode::refused);
    const Failure elsewhere = failure_of({.status = 301, .region = "eu-west-1"}, "b");
    EXPECT_NE(elsewhere.error.message.find("eu-west-1"), std::string::npos);
    EXPECT_FALSE(elsewhere.worth_another_try);
}

TEST(StoreError, WordsOfAStoreAreHarmless) {
    const Failure failure = failure_of(answer(400, "Odd", "a\n\x1b[31m" + std::string(5'000, 'x')), "b");
    EXPECT_LT(failure.error.message.size(), max_error_text + 200);
    EXPECT_EQ(failure.error.message.find('\n'), std::string::npos);
    EXPECT_EQ(failure.error.message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace storage
