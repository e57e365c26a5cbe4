// JSON values as text. As Boost.JSON writes it, but numbers look as people write them: 29.97, not 2.997E1.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace api::rest {

std::string to_text(const boost::json::value& value);

}  // namespace api::rest
