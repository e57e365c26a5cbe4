// /api/v1/streaming: callbacks for other RTMP servers.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> streaming_routes();

}  // namespace api::rest
