// /api/v1/livestreams: single shows.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> livestreams_routes();

}  // namespace api::rest
