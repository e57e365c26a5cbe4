// Broadcast sessions, their endpoints, ingest and health as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "service/broadcasts.h"
#include "service/health.h"

namespace api::rest {

boost::json::object to_json(const service::Session& session);
boost::json::object to_json(const service::SessionEndpoint& endpoint);
boost::json::object to_json(const service::IngestState& ingest);
boost::json::object to_json(const service::PublicSession& session);
boost::json::object to_json(const service::BandwidthAdvice& advice);
// The fields of an answer about the start of a broadcast.
boost::json::object to_json(const service::LiveAnswer& answer);
boost::json::object to_json(const service::Health& health);
// {id, platform, name, status} and the metrics beside them.
boost::json::object metrics_json(const service::SessionEndpoint& endpoint);

}  // namespace api::rest
