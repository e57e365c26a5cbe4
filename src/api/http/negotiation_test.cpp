#include <gmock/gmock.h>

#include "api/http/accept_encoding.h"
#include "api/http/byte_range.h"
#include "api/http/conditional.h"
#include "api/http/content_disposition.h"
#include "api/http/negotiation_cases.h"
#include "api/http/url.h"

namespace api::http {
namespace {

TEST(Range, IsReadByTheBook) {
    for (const auto& [header, size, answer] : cases::ranges)
        EXPECT_EQ(read_range(header, size), answer) << header << " of " << size;
}

TEST(Range, IsReadUpToItsBound) {
    const std::string at_bound = "bytes=" + std::string(max_range_header - 9, '0') + "1-2";
    EXPECT_EQ(read_range(at_bound, 10), cases::part(1, 2));
    EXPECT_EQ(read_range(at_bound + " ", 10), RangeAnswer());
}

TEST(AcceptEncoding, IsWeighed) {
    for (const auto& [header, gzip] : cases::encodings) EXPECT_EQ(accepts_gzip(header), gzip) << header;
}

TEST(AcceptEncoding, ChoosesAmongWhatThereIs) {
    for (const auto& [header, coding] : cases::choices)
        EXPECT_EQ(to_string(choose_coding(header, {})), to_string(coding)) << header;
    EXPECT_EQ(choose_coding("br, gzip;q=0.5", {.brotli = false}), Coding::gzip);
    EXPECT_EQ(choose_coding("br;q=0.5, gzip", {.gzip = false}), Coding::brotli);
    EXPECT_EQ(choose_coding("br, gzip, *", {.gzip = false, .brotli = false}), Coding::identity);
}

TEST(AcceptEncoding, IsReadUpToItsBounds) {
    const auto behind = [](std::size_t others) {
        std::string header;
        for (std::size_t i = 0; i < others; ++i) header += "a,";
        return header + "gzip";
    };
    EXPECT_TRUE(accepts_gzip(behind(max_codings - 1)));
    EXPECT_FALSE(accepts_gzip(behind(max_codings)));
    EXPECT_TRUE(accepts_gzip("gzip" + std::string(max_accept_encoding - 4, ' ')));
    EXPECT_FALSE(accepts_gzip("gzip" + std::string(max_accept_encoding - 3, ' ')));
}

TEST(IfNoneMatch, ComparesWeakly) {
    for (const auto& [header, etag, named] : cases::conditions)
        EXPECT_EQ(names_etag(header, etag), named) << header << " for " << etag;
}

TEST(IfNoneMatch, IsReadUpToItsBound) {
    const std::string last = "\"a\"";
    std::string header(max_condition_header - last.size(), ',');
    header.replace(0, 3, "\"b\"");
    EXPECT_TRUE(names_etag(header + last, "a"));
    EXPECT_FALSE(names_etag(header + "," + last, "a"));
}

TEST(HttpDate, IsReadInItsThreeForms) {
    for (const auto& [text, meant] : cases::dates) {
        const auto read = parse_http_date(text);
        const auto expected = meant.empty() ? std::nullopt : base::from_rfc3339(meant);
        EXPECT_EQ(read, expected) << text;
    }
}

TEST(IfRange, ComparesStrongly) {
    const auto modified = base::from_rfc3339("1994-11-06T08:49:37.5Z");
    EXPECT_TRUE(is_same_version("\"a\"", "a", modified));
    EXPECT_TRUE(is_same_version("Sun, 06 Nov 1994 08:49:37 GMT", "a", modified));
    for (const char* other :
         {"W/\"a\"", "\"b\"", "\"a\", \"b\"", "a", "\"", "", "*", "Sun, 06 Nov 1994 08:49:38 GMT"})
        EXPECT_FALSE(is_same_version(other, "a", modified)) << other;
    EXPECT_FALSE(is_same_version("\"\"", "", modified));
    EXPECT_FALSE(is_same_version("Sun, 06 Nov 1994 08:49:37 GMT", "a", std::nullopt));
}

TEST(ContentDisposition, CarriesNamesThatLeadNowhere) {
    struct Row {
        std::string_view name;
        std::string_view value;
    };
    for (const auto& [name, value] : {
             Row{"show.mp4", "attachment; filename=\"show.mp4\""},
             Row{"My show, 1.mp4", "attachment; filename=\"My show, 1.mp4\""},
             Row{"Ströme €.mp4",
                 "attachment; filename=\"Str_me _.mp4\"; filename*=UTF-8''Str%C3%B6me%20%E2%82%AC.mp4"},
             Row{"a\"b\\c/d.mp4", "attachment; filename=\"a_b_c_d.mp4\""},
             Row{"../../etc/passwd", "attachment; filename=\"_._.._etc_passwd\""},
             Row{".bashrc", "attachment; filename=\"_bashrc\""},
             Row{"-rf", "attachment; filename=\"_rf\""},
             Row{"a\r\nSet-Cookie: x=1", "attachment; filename=\"a__Set-Cookie_ x=1\""},
             Row{"%2e%2e%2fx", "attachment; filename=\"_2e_2e_2fx\""},
             Row{"x\xff", "attachment"},
             Row{"", "attachment"},
         })
        EXPECT_EQ(content_disposition(name), value) << name;
}

TEST(ContentDisposition, CutsLongNamesBetweenCharacters) {
    const auto name_of = [](std::size_t ascii) {
        const std::string value = content_disposition(std::string(ascii, 'a') + "€");
        return value.substr(0, value.find(';', 12));
    };
    EXPECT_EQ(name_of(max_download_name - 3),
              "attachment; filename=\"" + std::string(max_download_name - 3, 'a') + "_\"");
    EXPECT_EQ(name_of(max_download_name - 2),
              "attachment; filename=\"" + std::string(max_download_name - 2, 'a') + "\"");
}

}  // namespace
}  // namespace api::http
