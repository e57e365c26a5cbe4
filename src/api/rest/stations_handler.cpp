#include "api/rest/stations_handler.h"

#include "api/rest/fields.h"
#include "api/rest/respond.h"
#include "api/rest/stream_dto.h"
#include "service/stations.h"

namespace api::rest {
namespace {

using base::Result;
using http::Method;
using http::Response;

constexpr input::TextRule slug_rule{0, 63};

auto answer(const Context& context, int status = 200) {
    return [&context, status](const service::Station& station) {
        return ok({{"station", to_json(station, context.actor)}}, status);
    };
}

Result<Response> list_stations(Context& context) {
    service::PageRequest page;
    bool mine = false;
    auto read = context.read_query([&](input::QueryReader& in) {
        page = read_page(in);
        mine = in.boolean("mine");
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->stations.list(context.actor, page, mine).map([&](const auto& stations) {
        return list("stations", stations,
                    [&](const service::Station& station) { return to_json(station, context.actor); });
    });
}

Result<Response> find(Context& context) {
    return context.services->stations.find(context.actor, context.param("id")).map(answer(context));
}

Result<Response> create(Context& context) {
    service::NewStation station;
    auto read = context.read_body([&](input::ObjectReader& in) {
        station.name = in.text("name", name_rule);
        station.slug = in.optional_text("slug", slug_rule);
        station.description = in.optional_text("description", input::prose_rule).value_or("");
        station.artwork_url = in.optional_text("artworkUrl", url_rule).value_or("");
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->stations.create(context.actor, station).map(answer(context, 201));
}

Result<Response> update(Context& context) {
    service::StationChange change;
    auto read = context.read_body([&](input::ObjectReader& in) {
        change.name = in.optional_text("name", name_rule);
        change.slug = in.optional_text("slug", slug_rule);
        change.description = in.optional_text("description", input::prose_rule);
        change.artwork_url = in.optional_text("artworkUrl", url_rule);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->stations.update(context.actor, context.param("id"), change).map(answer(context));
}

Result<Response> remove(Context& context) {
    return context.services->stations.remove(context.actor, context.param("id")).map([] { return ok(); });
}

Result<Response> rotate_key(Context& context) {
    if (auto read = context.expect_no_fields(); !read) return tl::unexpected(read.error());
    return context.services->stations.rotate_key(context.actor, context.param("id")).map(answer(context));
}

constexpr Route route_table[] = {
    {Method::get, "/api/stations", Access::visitor, no_scope, Query::read, list_stations},
    {Method::post, "/api/stations", Access::broadcaster, service::scope_write, Query::none, create},
    {Method::get, "/api/stations/{id}", Access::visitor, no_scope, Query::none, find},
    {Method::put, "/api/stations/{id}", Access::owner, service::scope_write, Query::none, update},
    {Method::del, "/api/stations/{id}", Access::owner, service::scope_write, Query::none, remove},
    {Method::post, "/api/stations/{id}/rotate-key", Access::owner, service::scope_write, Query::none,
     rotate_key},
};

}  // namespace

std::span<const Route> stations_routes() {
    return route_table;
}

}  // namespace api::rest
