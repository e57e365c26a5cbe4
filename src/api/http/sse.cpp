#include "api/http/sse.h"

#include <charconv>

namespace api::http {

std::string sse_event(std::uint64_t id, std::string_view type, std::string_view data) {
    std::string out = "id: " + std::to_string(id) + "\nevent: ";
    out += type;
    out += '\n';
    for (;;) {
        const auto end = data.find_first_of("\r\n");
        out += "data: ";
        out += data.substr(0, end);
        out += '\n';
        if (end == std::string_view::npos) break;
        data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    out += '\n';
    return out;
}

std::string sse_comment(std::string_view text) {
    return ": " + std::string(text) + "\n\n";
}

std::string sse_retry(int millis) {
    return "retry: " + std::to_string(millis) + "\n\n";
}

std::optional<std::uint64_t> parse_event_id(std::string_view header) {
    std::uint64_t id = 0;
    const auto [end, failed] = std::from_chars(header.data(), header.data() + header.size(), id);
    if (header.empty() || failed != std::errc() || end != header.data() + header.size()) return std::nullopt;
    return id;
}

}  // namespace api::http
