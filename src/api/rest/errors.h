// The one table from error codes to HTTP, and the body every failure has:
// {"ok": false, "error": {"code", "message", "details"}}.
#pragma once

#include "api/http/message.h"
#include "base/error.h"

namespace api::rest {

// How names are written: camelCase, but snake_case under /api/v1.
enum class Naming : std::uint8_t { camel, snake };

int status_for(base::ErrorCode code);
// Adds Retry-After and WWW-Authenticate where they belong. The text of an internal error stays inside.
http::Response error_response(const base::Error& error, Naming naming = Naming::camel);
// The same for what has a status of its own (405, 431).
http::Response error_response(int status, const base::Error& error, Naming naming = Naming::camel);

// "rtmpUrl" → "rtmp_url".
std::string snake_case(std::string_view name);

}  // namespace api::rest
