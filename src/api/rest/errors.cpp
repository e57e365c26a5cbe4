#include "api/rest/errors.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "api/rest/json_writer.h"

namespace api::rest {
namespace {

namespace json = boost::json;

// Details that are numbers in JSON although errors carry text.
constexpr std::array<std::string_view, 3> number_details{"retryAfter", "limit", "seconds"};

json::value detail(std::string_view name, const std::string& value) {
    std::int64_t number = 0;
    if (std::ranges::find(number_details, name) != number_details.end()) {
        const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (failed == std::errc() && end == value.data() + value.size()) return number;
    }
    return json::string(value);
}

}  // namespace

int status_for(base::ErrorCode code) {
    using enum base::ErrorCode;
    switch (code) {
        case internal:
            return 500;
        case malformed:
            return 400;
        case limit_exceeded:
            return 422;
        case unsupported:
            return 422;
        case timed_out:
            return 504;
        case closed:
            return 502;
        case network:
            return 502;
        case refused:
            return 502;
        case invalid_argument:
            return 422;
        case bad_request:
            return 400;
        case unauthenticated:
            return 401;
        case forbidden:
            return 403;
        case not_found:
            return 404;
        case conflict:
            return 409;
        case too_large:
            return 413;
        case unsupported_media:
            return 415;
        case rate_limited:
            return 429;
        case unavailable:
            return 503;
    }
    return 500;
}

std::string snake_case(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') {
            out += '_';
            out += static_cast<char>(c + 32);
        } else {
            out += c;
        }
    }
    return out;
}

http::Response error_response(const base::Error& error, Naming naming) {
    return error_response(status_for(error.code), error, naming);
}

http::Response error_response(int status, const base::Error& error, Naming naming) {
    const bool inside = error.code == base::ErrorCode::internal;
    json::object details;
    if (!inside) {
        for (const auto& [name, value] : error.details)
            details[naming == Naming::snake ? snake_case(name) : name] = detail(name, value);
    }
    const std::string_view code = error.name.empty() || inside ? base::to_string(error.code) : error.name;
    json::object body;
    body["ok"] = false;
    body["error"] = json::object{
        {"code", json::string(code)},
        {"message", inside ? json::string("Something went wrong on the server. Its log says more, under the "
                                          "X-Request-Id of this answer.")
                           : json::string(error.message)},
        {"details", std::move(details)},
    };

    http::Response response;
    response.status = status;
    response.body = to_text(body);
    response.set("Content-Type", "application/json");
    if (const auto wait = error.details.find("retryAfter"); wait != error.details.end())
        response.set("Retry-After", wait->second);
    else if (status == 429 || status == 503)
        response.set("Retry-After", "1");
    if (status == 401) response.set("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace api::rest
