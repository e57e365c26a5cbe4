// Conditional requests (RFC 9110 §13): entity tags and dates as they stand in headers. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace api::http {

// Longer headers match nothing.
constexpr std::size_t max_condition_header = 2048;

// Whether If-None-Match names this tag, which comes without its quotes; weak comparison (§8.8.3.2).
bool names_etag(std::string_view if_none_match, std::string_view etag);
// Whether If-Range holds this tag or exactly this date (§13.1.5): strong comparison.
bool is_same_version(std::string_view if_range, std::string_view etag,
                     const std::optional<base::WallTime>& modified);
// The three forms of §5.6.7. Nothing for other text.
std::optional<base::WallTime> parse_http_date(std::string_view text);

}  // namespace api::http
