// /healthz, /readyz, /metrics and /api/events.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> system_routes();

}  // namespace api::rest
