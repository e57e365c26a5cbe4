// /api/users: accounts as administrators manage them.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> users_routes();

}  // namespace api::rest
