// Error: what went wrong, as a code to branch on and a text for a person. It owns its text and holds no
// secret. api/ maps each code to an HTTP status in one table; protocol code uses only the ones marked (wire).
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace base {

enum class ErrorCode {
    internal,           // a fault of ours: 500
    malformed,          // (wire) bytes that the protocol does not allow
    limit_exceeded,     // (wire) a bound of ours was passed
    unsupported,        // (wire) allowed by the protocol, not by us
    timed_out,          // (wire) a deadline passed
    closed,             // (wire) the peer went away
    network,            // (wire) DNS, TCP or TLS failed
    refused,            // (wire) the peer said no and will say no again
    invalid_argument,   // a field has a wrong type, range or name: 422
    bad_request,        // the request cannot be read: 400
    unauthenticated,    // 401
    forbidden,          // 403
    not_found,          // 404, also for what belongs to somebody else
    conflict,           // 409: not in this state, or taken already
    too_large,          // 413
    unsupported_media,  // 415
    rate_limited,       // 429
    unavailable,        // 503: try again later
};

std::string_view to_string(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::internal;
    // One or two sentences: what is wrong and how to mend it. Shown to users.
    std::string message;
    // The API's error code when it is finer than the ErrorCode's own name ("destination_not_found"). May be
    // empty.
    std::string name = {};
    // Extra facts for programs: the field at fault under "field", seconds under "retryAfter", and so on.
    std::map<std::string, std::string> details = {};

    // The same error, told from one level up: "connect to rtmp://host: connection refused".
    Error within(std::string_view context) &&;
};

}  // namespace base
