// Foreign text in pages. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace api::http {

// With its text between tags, or in an attribute's quotes, nothing in it means anything to a browser. Control
// characters go.
std::string escape_html(std::string_view text);

}  // namespace api::http
