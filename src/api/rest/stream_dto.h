// Stations and livestreams as JSON. A stream key is written in clear for its owner alone; another who manages
// the stream (an administrator) sees its last four characters.
#pragma once

#include <boost/json/object.hpp>

#include "service/actor.h"
#include "service/livestreams.h"
#include "service/stations.h"

namespace api::rest {

// camelCase
boost::json::object to_json(const service::Station& station, const service::Actor& reader);
boost::json::object to_json(const service::Playback& playback);
// snake_case, as everything under /api/v1
boost::json::object to_json(const service::Livestream& livestream, const service::Actor& reader);

}  // namespace api::rest
