// Headers that decide how content is given: Range, If-Range, Accept-Encoding, If-None-Match, dates; and names
// of downloads. The input is lines: a size, then one value a line, each read as everything.
#include <charconv>
#include <string>

#include "api/http/accept_encoding.h"
#include "api/http/byte_range.h"
#include "api/http/conditional.h"
#include "api/http/content_disposition.h"
#include "api/http/message.h"
#include "fuzz/require.h"
#include "fuzz/text_lines.h"

using namespace api;

namespace {

void check_range(std::string_view header, std::uint64_t size) {
    using Kind = http::RangeAnswer::Kind;
    const http::RangeAnswer answer = http::read_range(header, size);
    if (answer.kind != Kind::part) {
        fuzz::require(answer.first == 0 && answer.count == 0);
        return;
    }
    // Inside the body, and found again by its own numbers.
    fuzz::require(answer.count > 0 && answer.first < size && answer.count <= size - answer.first);
    const std::string again =
        "bytes=" + std::to_string(answer.first) + "-" + std::to_string(answer.first + answer.count - 1);
    fuzz::require(http::read_range(again, size) == answer);
}

void check_conditions(std::string_view header) {
    // A tag is named by itself between quotes, or by the star for all.
    if (http::names_etag(header, "tag") && !http::names_etag(header, "another tag"))
        fuzz::require(header.find("\"tag\"") != std::string_view::npos);
    fuzz::require(!http::is_same_version(header, "", std::nullopt));
    const auto date = http::parse_http_date(header);
    if (!date) return;
    const std::string written = http::http_date(*date);
    fuzz::require(http::parse_http_date(written) == date);
    fuzz::require(http::is_same_version(header, "", date));
}

void check_download(std::string_view name) {
    const std::string value = http::content_disposition(name);
    fuzz::require(value.starts_with("attachment"));
    fuzz::require(value.size() <= 64 + 4 * http::max_download_name);
    std::size_t quotes = 0;
    for (const char c : value) {
        fuzz::require(static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f);
        fuzz::require(c != '/' && c != '\\');
        if (c == '"') ++quotes;
    }
    fuzz::require(quotes == 0 || quotes == 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
    fuzz::Lines lines({data, count});
    const std::string_view first = lines.next();
    std::uint64_t size = 0;
    std::from_chars(first.data(), first.data() + first.size(), size);
    while (!lines.at_end()) {
        const std::string_view value = lines.next();
        check_range(value, size);
        if (http::accepts_gzip(value)) fuzz::require(value.find_first_of("gG*") != std::string_view::npos);
        if (http::choose_coding(value, {}) == http::Coding::brotli)
            fuzz::require(value.find_first_of("bB*") != std::string_view::npos);
        check_conditions(value);
        check_download(value);
    }
    return 0;
}
