// Users and API tokens as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "service/accounts.h"
#include "service/api_tokens.h"

namespace api::rest {

boost::json::object to_json(const service::User& user);
boost::json::object to_json(const service::ApiToken& token);

}  // namespace api::rest
