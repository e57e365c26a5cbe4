// JSON bodies from outside, read strictly: RFC 8259, valid UTF-8, no duplicate names, bounded depth.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/result.h"

namespace api::input {

inline constexpr std::size_t max_json_depth = 32;

// The object that `text` is. Errors: bad_request `invalid_json` with what is wrong and where.
base::Result<boost::json::object> parse_object(std::string_view text);

}  // namespace api::input
