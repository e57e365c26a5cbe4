// Settings of the API, filled in by app/ and passed in by value.
#pragma once

#include <string>
#include <vector>

#include "api/http/address_limiter.h"
#include "api/http/request_record.h"
#include "api/http/settings.h"
#include "api/rest/system_settings.h"

namespace api {

using RequestRecord = http::RequestRecord;

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
    http::Observe observe;
};

}  // namespace api
