// Settings of the API, filled in by app/ and passed in by value.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/http/address_limiter.h"
#include "api/http/settings.h"
#include "api/rest/system_settings.h"

namespace api {

// One answered request, for the metrics. `route` is the pattern, never the path.
struct RequestRecord {
    std::string_view method;
    std::string_view route;
    int status = 0;
    double seconds = 0;
};

struct Settings {
    http::ServerSettings http;
    http::RateSettings rate;
    std::size_t worker_threads = 8;
    // For routes that take long: signing in, testing a connection.
    std::size_t slow_threads = 4;
    std::size_t queue_limit = 512;

    // Other sites whose pages may call the API with a bearer: exact origins, "https://studio.example". No
    // wildcard.
    std::vector<std::string> allowed_origins;
    // Addresses and networks of the operator's own proxies, whose X-Forwarded-For is believed.
    std::vector<std::string> trusted_proxies;
    // What /healthz, /readyz and /metrics say.
    rest::SystemSettings system;
    // Called after each answer, from any thread, briefly.
    std::function<void(const RequestRecord&)> observe;
};

}  // namespace api
