#include "api/rest/conditional.h"

#include <fmt/format.h>

#include <cstdint>

#include "api/http/conditional.h"

namespace api::rest {
namespace {

// FNV-1a, 64 bits: it tells states of one resource apart, and guards nothing.
std::uint64_t digest(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
    return hash;
}

}  // namespace

http::Response when_changed(const Context& context, http::Response response, std::string_view state) {
    const std::string tag = fmt::format("{:016x}", digest(state));
    response.set("ETag", "W/\"" + tag + "\"");
    // It may differ by who asks; a cache of one's own asks again each time.
    response.set("Cache-Control", "private, no-cache");
    if (response.status != 200 || !http::names_etag(context.request.header("if-none-match"), tag))
        return response;
    response.status = 304;
    response.body.clear();
    std::erase_if(response.headers, [](const http::Header& header) { return header.name == "Content-Type"; });
    return response;
}

http::Response when_changed(const Context& context, http::Response response) {
    const std::string state = response.body;
    return when_changed(context, std::move(response), state);
}

}  // namespace api::rest
