#include "api/http/authorization.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace api::http {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::ranges::equal(text.substr(0, prefix.size()), prefix,
                              [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
}

base::Secret bearer_token(std::string_view header) {
    constexpr std::string_view scheme = "bearer ";
    if (!starts_with_ignoring_case(header, scheme)) return base::Secret();
    return base::Secret(std::string(header.substr(scheme.size())));
}

}  // namespace api::http
