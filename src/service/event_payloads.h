// What listeners are told, as JSON. camelCase, nothing secret: client addresses go to the owner only. Pure.
#pragma once

#include <boost/json/object.hpp>

#include "media/facts.h"
#include "media/output_status.h"
#include "service/health.h"
#include "store/records.h"

namespace service {

boost::json::object payload(const media::IngestFacts& facts);
boost::json::object payload(const media::OutputStatus& status);
boost::json::object payload(const store::Broadcast& session);
boost::json::object payload(const std::string& session_id, const Health& health);
// The figures of one destination, without what destination.changed tells.
boost::json::object figures(const media::OutputStatus& status);

}  // namespace service
