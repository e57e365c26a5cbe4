// Paths, queries and the router. The input is "METHOD path?query". What is decoded holds nothing that leads
// elsewhere, and comes back when it is encoded again; a route gets what its pattern promises.
#include <algorithm>
#include <string>

#include "api/http/url.h"
#include "api/input/query_reader.h"
#include "api/rest/router.h"
#include "base/bytes.h"
#include "fuzz/require.h"

using namespace api;

namespace {

base::Result<http::Response> nobody(rest::Context&) {
    return http::Response();
}

// One of each shape that the table of routes has.
rest::Router make_router() {
    using enum http::Method;
    using rest::Access;
    using rest::Query;
    constexpr rest::Route table[] = {
        {get, "/healthz", Access::anyone, rest::no_scope, Query::none, nobody},
        {get, "/api/stations", Access::visitor, rest::no_scope, Query::read, nobody},
        {post, "/api/stations", Access::broadcaster, 1, Query::none, nobody},
        {get, "/api/stations/{id}", Access::visitor, rest::no_scope, Query::none, nobody},
        {put, "/api/stations/{id}", Access::owner, 1, Query::none, nobody},
        {del, "/api/stations/{id}", Access::owner, 1, Query::none, nobody},
        {post, "/api/stations/{id}/rotate-key", Access::owner, 1, Query::none, nobody},
        {get, "/api/users/me", Access::user, 1, Query::none, nobody},
        {get, "/api/users/{id}", Access::admin, 1, Query::none, nobody},
        {post, "/api/v1/multistream/{id}/destinations/{destination}", Access::owner, 1, Query::none, nobody},
    };
    return rest::Router({std::begin(table), std::end(table)});
}

std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

bool clean(std::string_view text) {
    return http::valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

void check_route(std::string_view method, const std::vector<std::string>& segments) {
    static const rest::Router router = make_router();
    const http::Method asked = http::method_of(method);
    const auto match = router.find(asked, segments);
    if (!match.route) return;
    fuzz::require(!match.allow.empty());
    fuzz::require(match.route->method == (asked == http::Method::head ? http::Method::get : asked));
    const std::string_view pattern = match.route->pattern;
    fuzz::require(match.params.size() ==
                  static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '{')));
    std::string path;
    std::size_t param = 0;
    for (std::size_t i = 0, at = 1; i < segments.size(); ++i) {
        const std::size_t end = std::min(pattern.find('/', at), pattern.size());
        const std::string_view expected = pattern.substr(at, end - at);
        at = end + 1;
        if (expected.front() == '{')
            fuzz::require(match.params[param++].second == segments[i]);
        else
            fuzz::require(expected == segments[i]);
    }
    fuzz::require(param == match.params.size());
}

void check_path(std::string_view method, std::string_view path) {
    const auto segments = http::decode_path(path);
    if (!segments) return;
    std::string again;
    for (const std::string& segment : *segments) {
        fuzz::require(!segment.empty() && segment != "." && segment != ".." && clean(segment));
        fuzz::require(segment.find_first_of("/\\") == std::string::npos);
        again += "/" + percent_encoded(segment);
    }
    fuzz::require(http::decode_path(again.empty() ? "/" : again) == segments);
    check_route(method, *segments);
}

void check_query(std::string_view query) {
    const auto pairs = http::decode_form(query);
    if (!pairs) return;
    fuzz::require(pairs->size() <= 64);
    std::string again;
    for (const auto& [name, value] : *pairs) {
        fuzz::require(clean(name) && clean(value));
        if (!again.empty()) again += '&';
        again += percent_encoded(name) + "=" + percent_encoded(value);
    }
    fuzz::require(http::decode_form(again) == pairs);

    input::QueryReader reader(*pairs);
    const std::int64_t limit = reader.integer("limit", 50, 1, 200);
    fuzz::require(limit >= 1 && limit <= 200);
    fuzz::require(reader.text("cursor", 200).size() <= 200);
    static_cast<void>(reader.boolean("mine"));
    const auto result = reader.finish();
    if (result) fuzz::require(pairs->size() <= 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = base::as_text({data, size});
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return 0;
    const std::string_view target = text.substr(space + 1);
    const std::size_t question = target.find('?');
    check_path(text.substr(0, space), target.substr(0, question));
    if (question != std::string_view::npos) check_query(target.substr(question + 1));
    return 0;
}
