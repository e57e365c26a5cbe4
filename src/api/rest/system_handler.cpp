#include "api/rest/system_handler.h"

#include "api/http/sse.h"
#include "api/rest/event_stream.h"
#include "api/rest/respond.h"

namespace api::rest {
namespace {

namespace json = boost::json;
using http::Method;
using http::Response;

// The process is alive and its io thread turns: nothing else is asked.
base::Result<Response> alive(Context& context) {
    return ok({{"version", text(context.system.version)}});
}

base::Result<Response> ready(Context& context) {
    json::array checks;
    base::Error error{base::ErrorCode::unavailable, "", "not_ready"};
    for (const ReadyCheck& check : context.system.ready_checks) {
        const auto answer = check.check();
        checks.push_back(json::object{{"name", text(check.name)}, {"ok", answer.has_value()}});
        if (answer || !check.needed) continue;
        error.message +=
            (error.message.empty() ? "Not ready: " : "; ") + check.name + ": " + answer.error().message;
        error.details[check.name] = answer.error().message;
    }
    if (!error.details.empty()) return base::fail(std::move(error));
    return ok({{"checks", std::move(checks)}});
}

base::Result<Response> metrics(Context& context) {
    Response response;
    response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    if (context.system.metrics) response.body = context.system.metrics();
    return response;
}

base::Result<Response> events(Context& context) {
    Response response;
    response.set("Content-Type", "text/event-stream");
    // nginx would otherwise collect events before it passes them on.
    response.set("X-Accel-Buffering", "no");
    response.source = std::make_shared<EventStream>(
        context.services->events, context.actor,
        http::parse_event_id(context.request.header("last-event-id")), context.clock);
    return response;
}

constexpr Route route_table[] = {
    {Method::get, "/healthz", Access::anyone, no_scope, Query::none, alive, Place::io},
    {Method::get, "/readyz", Access::anyone, no_scope, Query::none, ready},
    {Method::get, "/metrics", Access::metrics, no_scope, Query::none, metrics},
    {Method::get, "/api/events", Access::visitor, no_scope, Query::none, events},
};

}  // namespace

std::span<const Route> system_routes() {
    return route_table;
}

}  // namespace api::rest
