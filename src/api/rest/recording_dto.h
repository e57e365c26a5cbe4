// Recordings as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "service/recordings.h"

namespace api::rest {

boost::json::object to_json(const service::Recording& recording);
// Of a session.
boost::json::object to_json(const service::SessionRecording& recording);

}  // namespace api::rest
