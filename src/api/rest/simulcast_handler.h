// /api/simulcast/{streamId}: the fan-out of one stream.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> simulcast_routes();

}  // namespace api::rest
