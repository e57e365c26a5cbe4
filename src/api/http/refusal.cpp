#include "api/http/refusal.h"

#include <boost/beast/http/error.hpp>

#include "base/limit_hits.h"

namespace api::http {

namespace bhttp = boost::beast::http;

std::optional<Refusal> refusal_for(const boost::system::error_code& failed, const ServerSettings& settings) {
    using base::ErrorCode;
    if (failed == bhttp::error::end_of_stream) return std::nullopt;
    if (failed == bhttp::error::body_limit)
        return Refusal{413, base::about_limit("http_body_bytes",
                                              {ErrorCode::too_large,
                                               "The body is larger than " +
                                                   std::to_string(settings.max_body_bytes) + " bytes.",
                                               "",
                                               {{"limit", std::to_string(settings.max_body_bytes)}}})};
    if (failed == bhttp::error::header_limit || failed == bhttp::error::buffer_overflow)
        return Refusal{431, base::about_limit("http_header_bytes",
                                              {ErrorCode::bad_request,
                                               "The request's headers are larger than " +
                                                   std::to_string(settings.max_header_bytes) + " bytes.",
                                               "headers_too_large"})};
    if (failed.category() == bhttp::make_error_code(bhttp::error::bad_value).category() &&
        failed != bhttp::error::partial_message)
        return Refusal{
            400, {ErrorCode::bad_request, "The bytes sent are not an HTTP request.", "malformed_request"}};
    return std::nullopt;
}

}  // namespace api::http
