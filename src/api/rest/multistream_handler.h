// /api/multistream: profiles, and the history of sessions.
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> multistream_routes();

}  // namespace api::rest
