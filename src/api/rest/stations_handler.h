// /api/stations: channels.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> stations_routes();

}  // namespace api::rest
