#include "api/rest/vod_handler.h"

#include "api/rest/fields.h"
#include "api/rest/recording_dto.h"
#include "api/rest/respond.h"

namespace api::rest {
namespace {

using base::Result;
using http::Method;
using http::Response;

// Where nothing is recorded there is nothing to be found.
Result<service::RecordingService*> recordings(const Context& context) {
    if (context.services->recordings) return context.services->recordings;
    return base::fail(service::not_found("asset"));
}

Response answer(const service::Recording& recording) {
    return ok({{"asset", to_json(recording)}});
}

Result<Response> list_assets(Context& context) {
    service::RecordingFilter filter;
    service::PageRequest page;
    auto read = context.read_query([&](input::QueryReader& in) {
        page = read_page(in);
        filter.station_id = in.text("stationId", id_rule.max);
        filter.session_id = in.text("sessionId", id_rule.max);
        filter.mine = in.boolean("mine");
    });
    if (!read) return tl::unexpected(read.error());
    const auto write = [](const service::Recording& one) { return to_json(one); };
    const auto service = recordings(context);
    if (!service) return list("assets", service::Page<service::Recording>(), write);
    return (*service)->list(context.actor, filter, page).map([&](const auto& assets) {
        return list("assets", assets, write);
    });
}

Result<Response> find(Context& context) {
    const auto service = recordings(context);
    if (!service) return tl::unexpected(service.error());
    return (*service)->find(context.actor, context.param("id")).map(answer);
}

Result<Response> update(Context& context) {
    service::RecordingChange change;
    auto read = context.read_body([&](input::ObjectReader& in) {
        change.title = in.optional_text("title", title_rule);
        change.description = in.optional_text("description", input::prose_rule);
        if (const auto visibility = in.optional_choice("visibility", {"public", "private"}))
            change.open = *visibility == "public";
    });
    if (!read) return tl::unexpected(read.error());
    const auto service = recordings(context);
    if (!service) return tl::unexpected(service.error());
    return (*service)->update(context.actor, context.param("id"), change).map(answer);
}

Result<Response> remove(Context& context) {
    const auto service = recordings(context);
    if (!service) return tl::unexpected(service.error());
    return (*service)->remove(context.actor, context.param("id")).map([] { return ok(); });
}

constexpr Route route_table[] = {
    {Method::get, "/api/vod", Access::visitor, no_scope, Query::read, list_assets},
    {Method::get, "/api/vod/{id}", Access::visitor, no_scope, Query::none, find},
    {Method::put, "/api/vod/{id}", Access::owner, service::scope_write, Query::none, update},
    // The disk may take its time.
    {Method::del, "/api/vod/{id}", Access::owner, service::scope_write, Query::none, remove, Place::slow},
};

}  // namespace

std::span<const Route> vod_routes() {
    return route_table;
}

}  // namespace api::rest
