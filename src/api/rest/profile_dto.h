// Profiles (named sets of destinations) as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <vector>

#include "api/input/object_reader.h"
#include "service/profiles.h"

namespace api::rest {

boost::json::object to_json(const service::Profile& profile);

// `destinations`: [{"destinationId", "settings"?}], or the ids alone as `destinationIds`; nothing without
// either.
std::optional<std::vector<service::ProfileEntry>> read_entries(input::ObjectReader& in);

}  // namespace api::rest
