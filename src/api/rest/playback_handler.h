// /api/playback: what a page shows around a player. /api/oembed: how other sites embed it (oEmbed 1.0).
#pragma once

#include <span>

#include "api/rest/route.h"

namespace api::rest {

std::span<const Route> playback_routes();

}  // namespace api::rest
