// /api/vod: recordings to be replayed.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> vod_routes();

}  // namespace api::rest
