// Checks of what people type, each with a text that says how to mend it. Pure. The field's name goes under
// details["field"] in camelCase.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "service/page.h"

namespace service {

inline constexpr std::size_t max_title = 200;
inline constexpr std::size_t max_description = 5'000;
inline constexpr std::size_t max_name = 100;
inline constexpr std::size_t max_url = 2'048;
inline constexpr std::size_t max_stream_key = 2'048;
inline constexpr std::size_t max_email = 254;
inline constexpr std::size_t min_password = 10;
inline constexpr std::size_t max_password = 256;

tl::unexpected<base::Error> invalid(std::string_view field, std::string message);

// Characters (not bytes) of UTF-8; nothing when it is no UTF-8, or has control characters other than tab and
// newline.
std::optional<std::size_t> text_length(std::string_view text);

// Non-empty after trimming, at most `most` characters, one line. Answers the trimmed text.
base::Result<std::string> check_name(std::string_view field, std::string_view text,
                                     std::size_t most = max_name);
// As above; may be empty and have several lines.
base::Result<std::string> check_text(std::string_view field, std::string_view text, std::size_t most);
// Lower-cased, with one @ and a dotted domain: what mail servers take in practice.
base::Result<std::string> check_email(std::string_view text);
base::Result<> check_password(std::string_view field, const base::Secret& password, std::string_view email);
base::Result<std::string> check_slug(std::string_view text);
// A slug from a name: "Radio Été 24!" gives "radio-t-24"; empty when nothing is left of it.
std::string slug_of(std::string_view name);
// Empty, or an http(s) URL.
base::Result<std::string> check_web_url(std::string_view field, std::string_view text);
base::Result<> check_range(std::string_view field, double value, double least, double most,
                           std::string_view unit);
base::Result<> check_page(const PageRequest& page);

}  // namespace service
