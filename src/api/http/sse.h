// Framing of server-sent events (WHATWG HTML §9.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api::http {

// `data` may have several lines; `type` and the id may not.
std::string sse_event(std::uint64_t id, std::string_view type, std::string_view data);
// A line that clients skip: keeps proxies from closing an idle stream.
std::string sse_comment(std::string_view text);
// After how many milliseconds a client that lost the stream tries again.
std::string sse_retry(int millis);

// The Last-Event-ID header; nothing when it is not one of ours.
std::optional<std::uint64_t> parse_event_id(std::string_view header);

}  // namespace api::http
