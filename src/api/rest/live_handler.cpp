#include "api/rest/live_handler.h"

#include "api/rest/broadcast_dto.h"
#include "api/rest/fields.h"
#include "api/rest/respond.h"

namespace api::rest {
namespace {

using base::Result;
using http::Method;
using http::Response;

template <class T>
boost::json::object json_of(const T& item) {
    return to_json(item);
}

Result<Response> start(Context& context) {
    service::GoLive request;
    auto read = context.read_body([&](input::ObjectReader& in) {
        request.stream_key = in.secret("streamKey", key_rule);
        request.title = in.optional_text("title", {0, title_rule.max});
        request.description = in.optional_text("description", input::prose_rule);
        request.station_id = in.optional_text("stationId", id_or_none_rule);
        request.use_multistream = in.optional_bool("useMultistream").value_or(true);
        request.profile_id = in.optional_text("profileId", id_or_none_rule);
        request.selected_endpoints = in.optional_texts("selectedEndpoints", max_destinations);
        request.recording_enabled = in.optional_bool("recordingEnabled").value_or(false);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->broadcasts.go_live(context.actor, request)
        .map([](const service::LiveAnswer& live) { return ok(to_json(live)); });
}

Result<Response> stop(Context& context) {
    std::string session_id;
    auto read =
        context.read_body([&](input::ObjectReader& in) { session_id = in.text("sessionId", id_rule); });
    if (!read) return tl::unexpected(read.error());
    return context.services->broadcasts.stop(context.actor, session_id)
        .map([](const service::Session& session) {
            return ok({{"session", to_json(session)}});
        });
}

Result<Response> status(Context& context) {
    std::string station_id;
    auto read =
        context.read_query([&](input::QueryReader& in) { station_id = in.text("stationId", id_rule.max); });
    if (!read) return tl::unexpected(read.error());
    const service::PublicLiveStatus now = context.services->broadcasts.live_status(station_id);
    return ok(
        {{"isLive", now.is_live}, {"sessions", array_of(now.sessions, json_of<service::PublicSession>)}});
}

Result<Response> health(Context& context) {
    const service::LiveHealth now = context.services->broadcasts.live_health();
    return ok({{"status", text(service::to_string(now.level))},
               {"score", now.score},
               {"activeSessions", now.active_sessions},
               {"healthy", now.healthy},
               {"degraded", now.degraded},
               {"unhealthy", now.unhealthy}});
}

Result<Response> bandwidth(Context& context) {
    std::vector<std::string> ids;
    auto read = context.read_body(
        [&](input::ObjectReader& in) { ids = in.texts("destinationIds", max_destinations); });
    if (!read) return tl::unexpected(read.error());
    return context.services->broadcasts.bandwidth(context.actor, ids)
        .map([](const service::BandwidthAdvice& advice) {
            return ok({{"bandwidth", to_json(advice)}});
        });
}

Result<Response> rtmp_status(Context& context) {
    return context.services->broadcasts.rtmp_status(context.actor).map([](const service::RtmpStatus& now) {
        return ok({{"sessions", array_of(now.sessions, json_of<service::Session>)},
                   {"totalActive", now.total_active}});
    });
}

constexpr Route route_table[] = {
    {Method::post, "/api/live/start", Access::broadcaster, service::scope_live, Query::none, start},
    {Method::post, "/api/live/stop", Access::owner, service::scope_live, Query::none, stop},
    {Method::get, "/api/live/status", Access::anyone, no_scope, Query::read, status},
    {Method::get, "/api/live/health", Access::anyone, no_scope, Query::none, health},
    {Method::post, "/api/live/bandwidth", Access::user, service::scope_read, Query::none, bandwidth},
    {Method::get, "/api/rtmp/status", Access::user, service::scope_read, Query::none, rtmp_status},
};

}  // namespace

std::span<const Route> live_routes() {
    return route_table;
}

}  // namespace api::rest
