// Destinations, their state and their tests as JSON.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/input/object_reader.h"
#include "media/output_status.h"
#include "service/destinations.h"

namespace api::rest {

boost::json::object to_json(const service::Destination& destination);
boost::json::object to_json(const service::DestinationState& state);
boost::json::object to_json(const service::ConnectionTest& test);
boost::json::object to_json(const service::DestinationSettings& settings);
boost::json::object to_json(const service::Advice& advice);
boost::json::object to_json(const media::OutputMetrics& metrics);

// A number as people read it: two places after the point.
double rounded(double value);

void read_settings(input::ObjectReader& in, service::DestinationSettings& settings);

}  // namespace api::rest
