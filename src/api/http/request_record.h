// RequestRecord: one answered request, for the metrics.
#pragma once

#include <functional>
#include <string_view>

namespace api::http {

struct RequestRecord {
    std::string_view method;
    // The pattern, never the path; a constant.
    std::string_view route;
    int status = 0;
    double seconds = 0;
};

// Called after each answer, from any thread, briefly.
using Observe = std::function<void(const RequestRecord&)>;

}  // namespace api::http
