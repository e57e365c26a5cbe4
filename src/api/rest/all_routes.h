// The whole table: every route of the API.
#pragma once

#include <vector>

#include "api/rest/route.h"

namespace api::rest {

std::vector<Route> all_routes();

}  // namespace api::rest
