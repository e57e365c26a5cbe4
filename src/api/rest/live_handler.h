// /api/live and /api/rtmp/status: going live, and what is live.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> live_routes();

}  // namespace api::rest
