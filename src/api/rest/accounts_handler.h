// /api/auth: registering, signing in and out, one's own account. /api/tokens: API tokens for scripts.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> accounts_routes();

}  // namespace api::rest
