// The Authorization header (RFC 6750, section 2.1). Pure.
#pragma once

#include <string_view>

#include "base/secret.h"

namespace api::http {

// Whether `text` begins with `prefix`, which is in lower case: names of schemes and types have no case.
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

// The token of "Bearer …"; empty for another scheme, and when there is none.
base::Secret bearer_token(std::string_view header);

}  // namespace api::http
