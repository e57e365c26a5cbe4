// The Content-Disposition of a download (RFC 6266, RFC 8187). Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace api::http {

// Bytes of a name; what is longer is cut.
constexpr std::size_t max_download_name = 200;

// attachment, with the name as UTF-8 and, for clients that know no UTF-8, as near as ASCII comes. Whatever
// could lead a client elsewhere (separators, control characters, a leading dot) is replaced.
std::string content_disposition(std::string_view name);

}  // namespace api::http
