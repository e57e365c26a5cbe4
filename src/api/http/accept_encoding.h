// The Accept-Encoding header (RFC 9110 §12.5.3), for the codings that the server knows. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace api::http {

// Longer headers, and what comes after so many codings, are not read.
constexpr std::size_t max_accept_encoding = 1024;
constexpr std::size_t max_codings = 32;

enum class Coding : std::uint8_t { identity, gzip, brotli };

// As it stands in Content-Encoding; empty for identity.
std::string_view to_string(Coding coding);

// What the client likes best of what there is. Liked the same, the smaller one: brotli, then gzip.
struct Codings {
    bool gzip = true;
    bool brotli = true;
};
Coding choose_coding(std::string_view header, Codings there);

// Whether the client takes gzip, and likes it no less than plain bytes.
bool accepts_gzip(std::string_view header);

}  // namespace api::http
