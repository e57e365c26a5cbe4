#include "api/rest/conditional.h"

#include <fmt/format.h>

#include <cstdint>

namespace api::rest {
namespace {

// FNV-1a, 64 bits: it tells states of one resource apart, and guards nothing.
std::uint64_t digest(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
    return hash;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// If-None-Match: "*", or a list of tags; weak comparison. Our tags hold no comma.
bool has_it(std::string_view header, std::string_view tag) {
    while (!header.empty()) {
        const auto comma = std::min(header.find(','), header.size());
        std::string_view one = trimmed(header.substr(0, comma));
        if (one == "*") return true;
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (one == tag) return true;
        header.remove_prefix(std::min(comma + 1, header.size()));
    }
    return false;
}

}  // namespace

http::Response when_changed(const Context& context, http::Response response, std::string_view state) {
    const std::string tag = fmt::format("\"{:016x}\"", digest(state));
    response.set("ETag", "W/" + tag);
    // It may differ by who asks; a cache of one's own asks again each time.
    response.set("Cache-Control", "private, no-cache");
    if (response.status != 200 || !has_it(context.request.header("if-none-match"), tag)) return response;
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
