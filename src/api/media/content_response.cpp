#include "api/media/content_response.h"

#include "api/http/accept_encoding.h"
#include "api/http/byte_range.h"
#include "api/http/conditional.h"
#include "api/http/content_disposition.h"

namespace api::media {
namespace {

using http::RangeAnswer;
using http::Response;
using ::media::Content;

// The tag of another encoding is another one (RFC 9110 §8.8.3.3).
constexpr std::string_view gzip_suffix = "-gzip";

// Stands for bytes that another store has: nobody reads it.
class Elsewhere final : public base::FileHandle {
  public:
    int descriptor() const override { return -1; }
};

std::string quoted(std::string_view etag) {
    std::string text;
    text.reserve(etag.size() + 2);
    text += '"';
    text += etag;
    text += '"';
    return text;
}

void add_caching(const Content& content, Response& response) {
    if (!content.personal && !content.lifetime) {
        response.set("Cache-Control", "public, max-age=31536000, immutable");
    } else if (!content.lifetime) {
        response.set("Cache-Control", "private, max-age=31536000, immutable");
    } else if (content.lifetime->count() <= 0) {
        response.set("Cache-Control", content.personal ? "private, no-cache" : "no-cache");
    } else {
        response.set("Cache-Control", (content.personal ? "private, max-age=" : "public, max-age=") +
                                          std::to_string(content.lifetime->count()));
    }
}

// If-None-Match decides alone where it is there (RFC 9110 §13.2.2).
bool has_it_already(const Content& content, std::string_view etag, const Terms& terms) {
    if (!terms.if_none_match.empty()) return http::names_etag(terms.if_none_match, etag);
    if (terms.if_modified_since.empty() || !content.modified) return false;
    const auto since = http::parse_http_date(terms.if_modified_since);
    return since && std::chrono::floor<std::chrono::seconds>(*content.modified) <= *since;
}

RangeAnswer range_of(const Content& content, const Terms& terms, std::uint64_t size) {
    if (terms.range.empty()) return {};
    if (!terms.if_range.empty() && !http::is_same_version(terms.if_range, content.etag, content.modified))
        return {};
    return http::read_range(terms.range, size);
}

void add_part(const Content& content, const RangeAnswer& range, std::uint64_t size, Response& response) {
    response.status = 206;
    response.set("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                      std::to_string(range.first + range.count - 1) + "/" +
                                      std::to_string(size));
    if (const auto* file = std::get_if<base::FileSlice>(&content.body))
        response.file = file->part(range.first, range.count);
    else
        response.body = std::get<::media::SharedText>(content.body)->substr(range.first, range.count);
}

void add_whole(const Content& content, bool gzip, Response& response) {
    if (gzip)
        response.text = content.gzip;
    else if (const auto* file = std::get_if<base::FileSlice>(&content.body))
        response.file = *file;
    else
        response.text = std::get<::media::SharedText>(content.body);
}

std::uint64_t size_of(const Content& content) {
    if (const auto* file = std::get_if<base::FileSlice>(&content.body)) return file->size;
    const auto& text = std::get<::media::SharedText>(content.body);
    return text ? text->size() : 0;
}

void describe(const Content& content, Response& response) {
    response.set("Content-Type", content.type);
    response.set("Accept-Ranges", "bytes");
    if (!content.download_name.empty())
        response.set("Content-Disposition", http::content_disposition(content.download_name));
}

}  // namespace

const std::string_view open_headers =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: Content-Length, Content-Range, Date, ETag, Retry-After\r\n"
    "Cross-Origin-Resource-Policy: cross-origin\r\n"
    "Timing-Allow-Origin: *\r\n"
    "X-Content-Type-Options: nosniff\r\n";

Terms terms_of(const http::Request& request) {
    Terms terms;
    terms.head = request.method == http::Method::head;
    for (const auto& [name, value] : request.headers) {
        if (name == "accept-encoding") {
            terms.gzip = terms.gzip || http::accepts_gzip(value);
        } else if (name == "if-none-match") {
            // Several lines are one list.
            if (!terms.if_none_match.empty()) terms.if_none_match += ',';
            terms.if_none_match += value;
        } else if (name == "if-modified-since") {
            terms.if_modified_since = value;
        } else if (request.method == http::Method::get) {
            // Ranges are for GET alone (RFC 9110 §14.2).
            if (name == "range") terms.range = value;
            if (name == "if-range") terms.if_range = value;
        }
    }
    return terms;
}

http::Response content_response(const Content& content, const Terms& terms) {
    Response response;
    response.constant_headers = open_headers;
    if (!content.redirect.empty()) {
        response.set("Cache-Control", "private, no-store");
        // The signed address is good for GET alone, and what HEAD asks is known here.
        if (terms.head) {
            describe(content, response);
            response.file = {std::make_shared<Elsewhere>(), 0, size_of(content), false};
        } else {
            response.status = 302;
            response.set("Location", content.redirect);
        }
        return response;
    }
    // A range is one of the bytes as they are.
    const bool gzip = content.gzip && terms.gzip && terms.range.empty();
    std::string etag = content.etag;
    if (gzip && !etag.empty()) etag += gzip_suffix;

    response.headers.reserve(8);
    add_caching(content, response);
    if (content.gzip) response.set("Vary", "Accept-Encoding");
    if (!etag.empty()) response.set("ETag", quoted(etag));
    if (content.modified) response.set("Last-Modified", http::http_date(*content.modified));
    if (has_it_already(content, etag, terms)) {
        response.status = 304;
        return response;
    }

    const std::uint64_t size = size_of(content);
    const RangeAnswer range = range_of(content, terms, size);
    if (range.kind == RangeAnswer::Kind::unsatisfiable) {
        response.status = 416;
        response.set("Content-Range", "bytes */" + std::to_string(size));
        return response;
    }
    describe(content, response);
    if (range.kind == RangeAnswer::Kind::part) {
        add_part(content, range, size, response);
    } else {
        if (gzip) response.set("Content-Encoding", "gzip");
        add_whole(content, gzip, response);
    }
    return response;
}

}  // namespace api::media
