#include "api/rest/simulcast_handler.h"

#include "api/rest/broadcast_dto.h"
#include "api/rest/fields.h"
#include "api/rest/respond.h"

namespace api::rest {
namespace {

namespace json = boost::json;
using base::Result;
using http::Method;
using http::Response;

Response session_answer(const service::Session& session) {
    return ok({{"session", to_json(session)}});
}

Result<Response> start(Context& context) {
    service::SimulcastStart request;
    auto read = context.read_body([&](input::ObjectReader& in) {
        request.input_source = in.optional_text("inputSource", url_rule);
        request.destination_ids = in.optional_texts("destinationIds", max_destinations);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->broadcasts.start_stream(context.actor, context.param("streamId"), request)
        .map([](const service::LiveAnswer& live) { return ok(to_json(live)); });
}

Result<Response> stop(Context& context) {
    if (auto read = context.expect_no_fields(); !read) return tl::unexpected(read.error());
    return context.services->broadcasts.stop_stream(context.actor, context.param("streamId"))
        .map(session_answer);
}

Result<Response> status(Context& context) {
    return context.services->broadcasts.stream_status(context.actor, context.param("streamId"))
        .map([](const service::SimulcastStatus& now) {
            const bool active = now.session && now.session->status != service::SessionStatus::ended;
            return ok({{"streamId", text(now.stream_id)},
                       {"isActive", active},
                       {"session", now.session ? json::value(to_json(*now.session)) : json::value(nullptr)},
                       {"ingest", now.ingest ? json::value(to_json(*now.ingest)) : json::value(nullptr)},
                       {"bandwidth", to_json(now.bandwidth)}});
        });
}

Result<Response> health(Context& context) {
    return context.services->broadcasts.stream_health(context.actor, context.param("streamId"))
        .map([&](const service::Health& now) {
            return ok({{"streamId", text(context.param("streamId"))}, {"health", to_json(now)}});
        });
}

Result<Response> metrics(Context& context) {
    return context.services->broadcasts.stream_metrics(context.actor, context.param("streamId"))
        .map([&](const std::vector<service::SessionEndpoint>& endpoints) {
            return ok({{"streamId", text(context.param("streamId"))},
                       {"metrics", array_of(endpoints, metrics_json)}});
        });
}

Result<Response> add_destination(Context& context) {
    std::string destination_id;
    auto read = context.read_body(
        [&](input::ObjectReader& in) { destination_id = in.text("destinationId", id_rule); });
    if (!read) return tl::unexpected(read.error());
    return context.services->broadcasts
        .add_destination(context.actor, context.param("streamId"), destination_id)
        .map(session_answer);
}

Result<Response> remove_destination(Context& context) {
    return context.services->broadcasts
        .remove_destination(context.actor, context.param("streamId"), context.param("id"))
        .map(session_answer);
}

constexpr Route route_table[] = {
    {Method::post, "/api/simulcast/{streamId}/start", Access::owner, service::scope_live, Query::none, start},
    {Method::post, "/api/simulcast/{streamId}/stop", Access::owner, service::scope_live, Query::none, stop},
    {Method::get, "/api/simulcast/{streamId}/status", Access::owner, service::scope_read, Query::none,
     status},
    {Method::get, "/api/simulcast/{streamId}/health", Access::owner, service::scope_read, Query::none,
     health},
    {Method::get, "/api/simulcast/{streamId}/metrics", Access::owner, service::scope_read, Query::none,
     metrics},
    {Method::post, "/api/simulcast/{streamId}/destinations", Access::owner, service::scope_live, Query::none,
     add_destination},
    {Method::del, "/api/simulcast/{streamId}/destinations/{id}", Access::owner, service::scope_live,
     Query::none, remove_destination},
};

}  // namespace

std::span<const Route> simulcast_routes() {
    return route_table;
}

}  // namespace api::rest
