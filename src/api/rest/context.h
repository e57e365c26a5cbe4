// Context: one request on its way through a handler: what came, from whom, and the services to call.
// Made by the dispatcher, used by one worker thread.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/message.h"
#include "api/input/object_reader.h"
#include "api/input/query_reader.h"
#include "api/rest/errors.h"
#include "api/rest/system_settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "service/accounts.h"
#include "service/actor.h"
#include "service/page.h"
#include "service/services.h"

namespace api::rest {

struct Context {
    const http::Request& request;
    const service::Services* services;
    const SystemSettings& system;
    const base::Clock& clock;

    std::string request_id;
    std::string client_address;
    bool secure = false;
    // The caller is on this machine, and no unknown proxy stands between.
    bool local = false;
    service::Actor actor;
    std::vector<std::pair<std::string_view, std::string>> params = {};
    Naming naming = Naming::camel;

    // What {name} of the route's pattern stands for. The route has it, or this is a fault of ours.
    const std::string& param(std::string_view name) const;
    service::Client client() const;
    // "Authorization: Bearer …"; empty when there is none.
    base::Secret bearer() const;

    // The JSON object of the body; an empty one when there is no body at all.
    base::Result<boost::json::object> body() const;
    // Reads the body with `read` and refuses whatever `read` did not ask for.
    base::Result<> read_body(const std::function<void(input::ObjectReader&)>& read) const;
    // For actions that take no fields.
    base::Result<> expect_no_fields() const;
    base::Result<> read_query(const std::function<void(input::QueryReader&)>& read) const;
};

// `limit` and `cursor` of a list.
service::PageRequest read_page(input::QueryReader& query);

}  // namespace api::rest
