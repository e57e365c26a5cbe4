// The Accept-Encoding header (RFC 9110 §12.5.3), as far as the choice is gzip or none. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace api::http {

// Longer headers, and what comes after so many codings, are not read.
constexpr std::size_t max_accept_encoding = 1024;
constexpr std::size_t max_codings = 32;

// Whether the client takes gzip, and likes it no less than plain bytes.
bool accepts_gzip(std::string_view header);

}  // namespace api::http
