#include "api/rest/multistream_handler.h"

#include "api/rest/broadcast_dto.h"
#include "api/rest/fields.h"
#include "api/rest/profile_dto.h"
#include "api/rest/respond.h"

namespace api::rest {
namespace {

using base::Result;
using http::Method;
using http::Response;

auto answer(int status = 200) {
    return [status](const service::Profile& profile) { return ok({{"profile", to_json(profile)}}, status); };
}

Response session_answer(const service::Session& session) {
    return ok({{"session", to_json(session)}});
}

// `stationId` beside limit and cursor.
Result<> read_station_page(const Context& context, std::string& station_id, service::PageRequest& page) {
    return context.read_query([&](input::QueryReader& in) {
        page = read_page(in);
        station_id = in.text("stationId", id_rule.max);
    });
}

Result<Response> list_profiles(Context& context) {
    std::string station_id;
    service::PageRequest page;
    if (auto read = read_station_page(context, station_id, page); !read) return tl::unexpected(read.error());
    return context.services->profiles.list(context.actor, station_id, page).map([](const auto& profiles) {
        return list("profiles", profiles, [](const service::Profile& profile) { return to_json(profile); });
    });
}

Result<Response> find_profile(Context& context) {
    return context.services->profiles.find(context.actor, context.param("id")).map(answer());
}

Result<Response> create_profile(Context& context) {
    service::NewProfile request;
    auto read = context.read_body([&](input::ObjectReader& in) {
        request.name = in.text("name", name_rule);
        request.description = in.optional_text("description", input::prose_rule).value_or("");
        request.station_id = in.optional_text("stationId", id_or_none_rule);
        request.entries = read_entries(in).value_or(std::vector<service::ProfileEntry>());
        request.is_default = in.optional_bool("isDefault").value_or(false);
        request.recording_enabled = in.optional_bool("recordingEnabled").value_or(false);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->profiles.create(context.actor, request).map(answer(201));
}

Result<Response> update_profile(Context& context) {
    service::ProfileChange change;
    auto read = context.read_body([&](input::ObjectReader& in) {
        change.name = in.optional_text("name", name_rule);
        change.description = in.optional_text("description", input::prose_rule);
        change.station_id = in.optional_text("stationId", id_or_none_rule);
        change.entries = read_entries(in);
        change.is_default = in.optional_bool("isDefault");
        change.recording_enabled = in.optional_bool("recordingEnabled");
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->profiles.update(context.actor, context.param("id"), change).map(answer());
}

Result<Response> remove_profile(Context& context) {
    return context.services->profiles.remove(context.actor, context.param("id")).map([] { return ok(); });
}

Result<Response> list_sessions(Context& context) {
    std::string station_id;
    service::PageRequest page;
    if (auto read = read_station_page(context, station_id, page); !read) return tl::unexpected(read.error());
    return context.services->broadcasts.history(context.actor, station_id, page)
        .map([](const auto& sessions) {
            return list("sessions", sessions,
                        [](const service::Session& session) { return to_json(session); });
        });
}

Result<Response> find_session(Context& context) {
    return context.services->broadcasts.find(context.actor, context.param("id")).map(session_answer);
}

Result<Response> retry_destination(Context& context) {
    if (auto read = context.expect_no_fields(); !read) return tl::unexpected(read.error());
    return context.services->broadcasts
        .retry_destination(context.actor, context.param("id"), context.param("destinationId"))
        .map(session_answer);
}

constexpr Route route_table[] = {
    {Method::get, "/api/multistream/profiles", Access::user, service::scope_read, Query::read, list_profiles},
    {Method::post, "/api/multistream/profiles", Access::broadcaster, service::scope_write, Query::none,
     create_profile},
    {Method::get, "/api/multistream/profiles/{id}", Access::owner, service::scope_read, Query::none,
     find_profile},
    {Method::put, "/api/multistream/profiles/{id}", Access::owner, service::scope_write, Query::none,
     update_profile},
    {Method::del, "/api/multistream/profiles/{id}", Access::owner, service::scope_write, Query::none,
     remove_profile},
    {Method::get, "/api/multistream/sessions", Access::user, service::scope_read, Query::read, list_sessions},
    {Method::get, "/api/multistream/sessions/{id}", Access::owner, service::scope_read, Query::none,
     find_session},
    {Method::post, "/api/multistream/sessions/{id}/destinations/{destinationId}/retry", Access::owner,
     service::scope_live, Query::none, retry_destination},
};

}  // namespace

std::span<const Route> multistream_routes() {
    return route_table;
}

}  // namespace api::rest
