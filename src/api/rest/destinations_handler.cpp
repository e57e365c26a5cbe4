#include "api/rest/destinations_handler.h"

#include "api/rest/destination_dto.h"
#include "api/rest/fields.h"
#include "api/rest/respond.h"
#include "service/destinations.h"

namespace api::rest {
namespace {

namespace json = boost::json;
using base::Result;
using http::Method;
using http::Response;

constexpr int most_retries = 1'000;
constexpr input::TextRule platform_id{1, 32};
constexpr input::TextRule platform_stream{0, 500};

// The same resource under two names: /api/destinations and /api/rtmp/endpoints.
struct Words {
    const char* one;
    const char* many;
};
constexpr Words destination_words{"destination", "destinations"};
constexpr Words endpoint_words{"endpoint", "endpoints"};

auto answer(const Words& words, int status = 200) {
    return [&words, status](const service::Destination& destination) {
        json::object fields;
        fields[words.one] = to_json(destination);
        return ok(std::move(fields), status);
    };
}

template <const Words& words>
Result<Response> list_destinations(Context& context) {
    service::PageRequest page;
    service::DestinationFilter filter;
    auto read = context.read_query([&](input::QueryReader& in) {
        page = read_page(in);
        filter.station_id = in.text("stationId", id_rule.max);
        filter.platform = in.text("platform", platform_id.max);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->destinations.list(context.actor, filter, page).map([](const auto& destinations) {
        return list(words.many, destinations, [](const service::Destination& one) { return to_json(one); });
    });
}

template <const Words& words>
Result<Response> find(Context& context) {
    return context.services->destinations.find(context.actor, context.param("id")).map(answer(words));
}

template <const Words& words>
Result<Response> create(Context& context) {
    service::NewDestination request;
    auto read = context.read_body([&](input::ObjectReader& in) {
        request.platform = in.text("platform", platform_id);
        request.name = in.optional_text("name", name_rule).value_or("");
        request.rtmp_url = in.optional_text("rtmpUrl", url_rule);
        request.stream_key = in.optional_secret("streamKey", key_rule);
        request.bridge_proxy_url = in.optional_text("bridgeProxyUrl", url_rule);
        request.station_id = in.optional_text("stationId", id_or_none_rule);
        request.is_active = in.optional_bool("isActive").value_or(true);
        in.optional_object("settings",
                           [&](input::ObjectReader& settings) { read_settings(settings, request.settings); });
        request.max_retries = in.optional_int("maxRetries", 0, most_retries);
        request.playback_url = in.optional_text("playbackUrl", url_rule);
        request.platform_stream_id = in.optional_text("platformStreamId", platform_stream);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->destinations.create(context.actor, request).map(answer(words, 201));
}

template <const Words& words>
Result<Response> update(Context& context) {
    service::DestinationChange change;
    auto read = context.read_body([&](input::ObjectReader& in) {
        change.platform = in.optional_text("platform", platform_id);
        change.name = in.optional_text("name", name_rule);
        change.rtmp_url = in.optional_text("rtmpUrl", url_rule);
        change.stream_key = in.optional_secret("streamKey", key_rule);
        change.bridge_proxy_url = in.optional_text("bridgeProxyUrl", url_rule);
        change.station_id = in.optional_text("stationId", id_or_none_rule);
        change.is_active = in.optional_bool("isActive");
        in.optional_object("settings", [&](input::ObjectReader& settings) {
            change.settings.emplace();
            read_settings(settings, *change.settings);
        });
        change.max_retries = in.optional_int("maxRetries", 0, most_retries);
        change.playback_url = in.optional_text("playbackUrl", url_rule);
        change.platform_stream_id = in.optional_text("platformStreamId", platform_stream);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->destinations.update(context.actor, context.param("id"), change)
        .map(answer(words));
}

Result<Response> remove(Context& context) {
    return context.services->destinations.remove(context.actor, context.param("id")).map([] { return ok(); });
}

Result<Response> state(Context& context) {
    return context.services->destinations.state(context.actor, context.param("id"))
        .map([](const service::DestinationState& now) { return ok(to_json(now)); });
}

Result<Response> test_connection(Context& context) {
    if (auto read = context.expect_no_fields(); !read) return tl::unexpected(read.error());
    return context.services->destinations.test_connection(context.actor, context.param("id"))
        .map([](const service::ConnectionTest& test) {
            return ok({{"test", to_json(test)}});
        });
}

constexpr Route route_table[] = {
    {Method::get, "/api/destinations", Access::user, service::scope_read, Query::read,
     list_destinations<destination_words>},
    {Method::post, "/api/destinations", Access::broadcaster, service::scope_write, Query::none,
     create<destination_words>},
    {Method::get, "/api/destinations/{id}", Access::owner, service::scope_read, Query::none,
     find<destination_words>},
    {Method::put, "/api/destinations/{id}", Access::owner, service::scope_write, Query::none,
     update<destination_words>},
    {Method::del, "/api/destinations/{id}", Access::owner, service::scope_write, Query::none, remove},
    {Method::get, "/api/destinations/{id}/status", Access::owner, service::scope_read, Query::none, state},
    {Method::post, "/api/destinations/{id}/test-connection", Access::owner, service::scope_write, Query::none,
     test_connection, Place::slow},

    {Method::get, "/api/rtmp/endpoints", Access::user, service::scope_read, Query::read,
     list_destinations<endpoint_words>},
    {Method::post, "/api/rtmp/endpoints", Access::broadcaster, service::scope_write, Query::none,
     create<endpoint_words>},
    {Method::get, "/api/rtmp/endpoints/{id}", Access::owner, service::scope_read, Query::none,
     find<endpoint_words>},
    {Method::put, "/api/rtmp/endpoints/{id}", Access::owner, service::scope_write, Query::none,
     update<endpoint_words>},
    {Method::del, "/api/rtmp/endpoints/{id}", Access::owner, service::scope_write, Query::none, remove},
    {Method::get, "/api/rtmp/endpoints/{id}/status", Access::owner, service::scope_read, Query::none, state},
};

}  // namespace

std::span<const Route> destinations_routes() {
    return route_table;
}

}  // namespace api::rest
