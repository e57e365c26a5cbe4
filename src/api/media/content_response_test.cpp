#include "api/media/content_response.h"

#include <gmock/gmock.h>

namespace api::media {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;
using ::media::Content;
using testing::HasSubstr;
using testing::Not;

class NoFile final : public base::FileHandle {
  public:
    int descriptor() const override { return -1; }
};

Content playlist() {
    Content content;
    content.body = std::make_shared<const std::string>("0123456789");
    content.gzip = std::make_shared<const std::string>("packed");
    content.type = "application/vnd.apple.mpegurl";
    content.etag = "v1";
    return content;
}

Content segment() {
    Content content;
    content.body = base::FileSlice{std::make_shared<NoFile>(), 1'000, 500, true};
    content.type = "video/mp4";
    content.lifetime = std::nullopt;
    content.etag = "s1";
    content.modified = base::from_rfc3339("1994-11-06T08:49:37.5Z");
    return content;
}

Response ask(const Content& content, std::vector<http::Header> headers = {},
             http::Method method = http::Method::get) {
    Request request;
    request.method = method;
    request.headers = std::move(headers);
    return content_response(content, terms_of(request));
}

std::string header(const Response& response, std::string_view name) {
    for (const auto& one : response.headers)
        if (one.name == name) return one.value;
    return "";
}

TEST(ContentResponse, SendsOnToASignedAddressThatNobodyKeeps) {
    Content content;
    content.redirect = "https://store.example/shows/1.mp4?X-Amz-Signature=abc";
    content.etag = "v1";
    for (const auto& asked :
         {std::vector<http::Header>{}, {{"range", "bytes=5-9"}, {"if-none-match", "*"}}}) {
        const Response response = ask(content, asked);
        EXPECT_EQ(response.status, 302);
        EXPECT_EQ(header(response, "Location"), content.redirect);
        EXPECT_EQ(header(response, "Cache-Control"), "private, no-store");
        EXPECT_EQ(header(response, "ETag"), "");
        EXPECT_EQ(header(response, "Content-Range"), "");
        EXPECT_TRUE(response.body.empty());
    }
}

TEST(ContentResponse, KnowsItselfWhatHeadAsksOfBytesElsewhere) {
    Content content;
    content.redirect = "https://store.example/shows/1.mp4?X-Amz-Signature=abc";
    content.body = base::FileSlice{nullptr, 0, 6'000'000'000, false};
    content.type = "video/mp4";
    content.download_name = "Tonight.mp4";
    const Response response = ask(content, {{"range", "bytes=5-9"}}, http::Method::head);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header(response, "Location"), "") << "it is signed for GET";
    EXPECT_EQ(header(response, "Content-Type"), "video/mp4");
    EXPECT_EQ(header(response, "Accept-Ranges"), "bytes");
    EXPECT_EQ(header(response, "Content-Disposition").substr(0, 10), "attachment");
    EXPECT_EQ(header(response, "Cache-Control"), "private, no-store");
    EXPECT_EQ(response.body_size(), 6'000'000'000u);
}

TEST(ContentResponse, TellsCachesWhatTheyMayKeep) {
    struct Row {
        std::optional<std::chrono::seconds> lifetime;
        bool personal;
        const char* value;
    };
    for (const auto& [lifetime, personal, value] : {
             Row{std::nullopt, false, "public, max-age=31536000, immutable"},
             Row{std::nullopt, true, "private, max-age=31536000, immutable"},
             Row{0s, false, "no-cache"},
             Row{0s, true, "private, no-cache"},
             Row{2s, false, "public, max-age=2"},
             Row{2s, true, "private, max-age=2"},
         }) {
        Content content = playlist();
        content.lifetime = lifetime;
        content.personal = personal;
        EXPECT_EQ(header(ask(content), "Cache-Control"), value);
        EXPECT_EQ(header(ask(content, {{"if-none-match", "\"v1\""}}), "Cache-Control"), value);
    }
}

TEST(ContentResponse, GivesCompressedTextToWhoTakesIt) {
    const Content content = playlist();
    const Response packed = ask(content, {{"accept-encoding", "br, gzip"}});
    EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(packed, "ETag"), "\"v1-gzip\"");
    EXPECT_EQ(header(packed, "Vary"), "Accept-Encoding");
    EXPECT_EQ(packed.text, content.gzip) << "not a copy";

    const Response plain = ask(content, {{"accept-encoding", "gzip;q=0"}});
    EXPECT_EQ(header(plain, "Content-Encoding"), "");
    EXPECT_EQ(header(plain, "ETag"), "\"v1\"");
    EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
    EXPECT_EQ(plain.text, std::get<::media::SharedText>(content.body));
    EXPECT_EQ(header(ask(segment(), {{"accept-encoding", "gzip"}}), "Vary"), "");
}

TEST(ContentResponse, SaysWhoHasItAlready) {
    struct Row {
        std::vector<http::Header> headers;
        int status;
    };
    const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (const auto& [headers, status] : std::vector<Row>{
             {{{"if-none-match", "\"s1\""}}, 304},
             {{{"if-none-match", "W/\"s1\""}}, 304},
             {{{"if-none-match", "\"x\""}, {"if-none-match", "\"s1\""}}, 304},
             {{{"if-none-match", "*"}}, 304},
             {{{"if-none-match", "\"x\""}}, 200},
             {{{"if-modified-since", date}}, 304},
             {{{"if-modified-since", "Mon, 07 Nov 1994 08:49:37 GMT"}}, 304},
             {{{"if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}, 200},
             {{{"if-modified-since", "yesterday"}}, 200},
             {{{"if-none-match", "\"x\""}, {"if-modified-since", date}}, 200},
             {{{"if-none-match", "\"s1\""}, {"if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}, 304},
             {{{"if-none-match", "\"s1\""}, {"range", "bytes=0-1"}}, 304},
             {{{"if-none-match", "\"x\""}, {"range", "bytes=0-1"}}, 206},
         })
        EXPECT_EQ(ask(segment(), headers).status, status)
            << headers.front().name << ": " << headers.front().value;

    const Response known = ask(segment(), {{"if-none-match", "\"s1\""}});
    EXPECT_EQ(header(known, "ETag"), "\"s1\"");
    EXPECT_EQ(header(known, "Last-Modified"), date);
    EXPECT_EQ(header(known, "Content-Type"), "");
    EXPECT_FALSE(known.file.file);
    EXPECT_THAT(known.constant_headers, HasSubstr("Access-Control-Allow-Origin: *\r\n"));
}

TEST(ContentResponse, ComparesTheTagOfWhatItWouldSend) {
    const Content content = playlist();
    const http::Header takes{"accept-encoding", "gzip"};
    EXPECT_EQ(ask(content, {takes, {"if-none-match", "\"v1-gzip\""}}).status, 304);
    EXPECT_EQ(ask(content, {takes, {"if-none-match", "\"v1\""}}).status, 200);
    EXPECT_EQ(ask(content, {{"if-none-match", "\"v1-gzip\""}}).status, 200);
}

TEST(ContentResponse, GivesPartsOfFilesAndTexts) {
    const Response file = ask(segment(), {{"range", "bytes=100-199"}});
    EXPECT_EQ(file.status, 206);
    EXPECT_EQ(header(file, "Content-Range"), "bytes 100-199/500");
    EXPECT_EQ(file.file.offset, 1'100u);
    EXPECT_EQ(file.file.size, 100u);
    EXPECT_TRUE(file.file.resident);

    const Response text = ask(playlist(), {{"range", "bytes=-3"}, {"accept-encoding", "gzip"}});
    EXPECT_EQ(text.status, 206);
    EXPECT_EQ(text.body, "789");
    EXPECT_EQ(header(text, "Content-Encoding"), "") << "a range is one of the bytes as they are";
    EXPECT_EQ(header(text, "ETag"), "\"v1\"");

    const Response past = ask(segment(), {{"range", "bytes=500-"}});
    EXPECT_EQ(past.status, 416);
    EXPECT_EQ(header(past, "Content-Range"), "bytes */500");

    const Response several = ask(segment(), {{"range", "bytes=0-1,4-5"}});
    EXPECT_EQ(several.status, 200);
    EXPECT_EQ(several.file.size, 500u);
    EXPECT_EQ(header(several, "Accept-Ranges"), "bytes");
    EXPECT_EQ(ask(segment(), {{"range", "bytes=0-1"}}, http::Method::head).status, 200);
}

TEST(ContentResponse, GivesPartsOnlyOfTheVersionThatIsMeant) {
    const auto status = [](const char* if_range) {
        return ask(segment(), {{"range", "bytes=0-1"}, {"if-range", if_range}}).status;
    };
    EXPECT_EQ(status("\"s1\""), 206);
    EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:37 GMT"), 206);
    EXPECT_EQ(status("\"s0\""), 200);
    EXPECT_EQ(status("W/\"s1\""), 200);
    EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:38 GMT"), 200);
}

TEST(ContentResponse, NamesDownloads) {
    Content content = segment();
    content.download_name = "Show\r\nX: y.mp4";
    EXPECT_EQ(header(ask(content), "Content-Disposition"), "attachment; filename=\"Show__X_ y.mp4\"");
    EXPECT_EQ(header(ask(segment()), "Content-Disposition"), "");
}

}  // namespace
}  // namespace api::media
