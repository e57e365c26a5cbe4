// /api/destinations and its alias /api/rtmp/endpoints.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> destinations_routes();

}  // namespace api::rest
