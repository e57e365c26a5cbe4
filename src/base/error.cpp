#include "base/error.h"

namespace base {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::internal:
            return "internal_error";
        case ErrorCode::malformed:
            return "malformed";
        case ErrorCode::limit_exceeded:
            return "limit_exceeded";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::timed_out:
            return "timed_out";
        case ErrorCode::closed:
            return "closed";
        case ErrorCode::network:
            return "network_error";
        case ErrorCode::refused:
            return "refused";
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::bad_request:
            return "bad_request";
        case ErrorCode::unauthenticated:
            return "unauthenticated";
        case ErrorCode::forbidden:
            return "forbidden";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::too_large:
            return "body_too_large";
        case ErrorCode::unsupported_media:
            return "unsupported_media_type";
        case ErrorCode::rate_limited:
            return "rate_limited";
        case ErrorCode::unavailable:
            return "unavailable";
    }
    return "internal_error";
}

Error Error::within(std::string_view context) && {
    message.insert(0, ": ");
    message.insert(0, context);
    return std::move(*this);
}

}  // namespace base
