// /api/platforms: the catalogue of platforms, the same for everybody.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> platforms_routes();

}  // namespace api::rest
