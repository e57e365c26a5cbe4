// What is answered to bytes that did not become a request.
#pragma once

#include <boost/system/error_code.hpp>
#include <optional>

#include "api/http/settings.h"
#include "base/error.h"

namespace api::http {

struct Refusal {
    int status;
    base::Error error;
};

// Nothing for a connection that simply ended or timed out: there is nobody to answer.
std::optional<Refusal> refusal_for(const boost::system::error_code& failed, const ServerSettings& settings);

}  // namespace api::http
