// Percent-encoded text of paths, queries and form bodies. Strict: whatever cannot be decoded to valid UTF-8
// without control characters is refused as a whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::http {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "/api/stations/a%20b" → {"api", "stations", "a b"}. Nothing for a path that does not begin with '/', has a
// dot segment, or hides a slash, a backslash or a NUL behind an escape. One trailing slash is ignored.
std::optional<std::vector<std::string>> decode_path(std::string_view path);

// application/x-www-form-urlencoded, as in queries and form bodies. At most `max_pairs`.
std::optional<Pairs> decode_form(std::string_view text, std::size_t max_pairs = 64);

// One name or value of such text.
std::optional<std::string> decode_form_text(std::string_view text);

bool valid_utf8(std::string_view text);

}  // namespace api::http
