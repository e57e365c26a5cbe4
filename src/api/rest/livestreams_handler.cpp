#include "api/rest/livestreams_handler.h"

#include "api/rest/conditional.h"
#include "api/rest/fields.h"
#include "api/rest/respond.h"
#include "api/rest/stream_dto.h"
#include "service/livestreams.h"

namespace api::rest {
namespace {

namespace json = boost::json;
using base::Result;
using http::Method;
using http::Response;

constexpr std::int64_t max_gate = 1'000'000'000'000;
constexpr std::chrono::seconds token_period{60};

std::optional<service::Visibility> visibility(input::ObjectReader& in) {
    const auto word = in.optional_choice("visibility", {"public", "unlisted", "private"});
    if (!word) return std::nullopt;
    return *word == "public"     ? service::Visibility::open
           : *word == "unlisted" ? service::Visibility::unlisted
                                 : service::Visibility::closed;
}

auto answer(const Context& context) {
    return [&context](const service::Livestream& livestream) {
        return ok({{"livestream", to_json(livestream, context.actor)}});
    };
}

// With what goes into the encoder beside the livestream itself.
Response with_encoder_settings(const Context& context, const service::Livestream& livestream, int status) {
    json::object fields{{"livestream", to_json(livestream, context.actor)},
                        {"rtmp_url", text_or_null(livestream.rtmp_url)},
                        {"stream_key", nullptr},
                        {"hls_url", nullptr}};
    if (livestream.stream_key && context.actor.owns(livestream.owner_id))
        fields["stream_key"] = text(livestream.stream_key->reveal());
    if (livestream.playback) fields["hls_url"] = text_or_null(livestream.playback->hls_url);
    return ok(std::move(fields), status);
}

Result<Response> create(Context& context) {
    service::NewLivestream request;
    auto read = context.read_body([&](input::ObjectReader& in) {
        request.title = in.text("title", title_rule);
        request.description = in.optional_text("description", input::prose_rule).value_or("");
        request.scheduled_at = in.optional_time("scheduled_at");
        request.token_gate_amount = in.optional_integer("token_gate_amount", 0, max_gate).value_or(0);
        request.visibility = visibility(in).value_or(service::Visibility::open);
        request.station_id = in.optional_text("station_id", id_or_none_rule);
        request.record = in.optional_bool("record").value_or(false);
        request.destination_ids =
            in.optional_texts("destination_ids", max_destinations).value_or(std::vector<std::string>());
        request.profile_id = in.optional_text("profile_id", id_or_none_rule);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->livestreams.create(context.actor, request)
        .map([&](const service::Livestream& made) { return with_encoder_settings(context, made, 201); });
}

Result<Response> list_livestreams(Context& context) {
    service::PageRequest page;
    bool active = false;
    bool upcoming = false;
    bool mine = false;
    auto read = context.read_query([&](input::QueryReader& in) {
        page = read_page(in);
        active = in.boolean("active");
        upcoming = in.boolean("upcoming");
        mine = in.boolean("mine");
    });
    if (!read) return tl::unexpected(read.error());
    if (active && upcoming)
        return base::fail(base::Error{base::ErrorCode::invalid_argument,
                                      "Ask for active or for upcoming livestreams, not for both at once.",
                                      "out_of_range",
                                      {{"field", "upcoming"}}});
    const auto filter = active     ? service::LivestreamFilter::active
                        : upcoming ? service::LivestreamFilter::upcoming
                                   : service::LivestreamFilter::all;
    return context.services->livestreams.list(context.actor, filter, page, mine)
        .map([&](const auto& livestreams) {
            return list(
                "livestreams", livestreams,
                [&](const service::Livestream& livestream) { return to_json(livestream, context.actor); },
                "next_cursor");
        });
}

Result<Response> find(Context& context) {
    return context.services->livestreams.find(context.actor, context.param("id")).map(answer(context));
}

Result<Response> status(Context& context) {
    return context.services->livestreams.status(context.actor, context.param("id"))
        .map([&](const service::PublicStatus& state) {
            json::object fields{{"status", text(service::to_string(state.status))},
                                {"live", state.live},
                                {"viewer_count", state.viewer_count}};
            // A restricted show's URL has another token each time; the one given before is good for minutes.
            std::string told = context.actor.user_id + ok(fields).body;
            if (state.hls_url) {
                told += state.hls_url->substr(0, state.hls_url->find('?'));
                if (state.hls_url->find('?') != std::string::npos)
                    told += std::to_string(context.clock.wall().time_since_epoch() / token_period);
                fields["hls_url"] = text(*state.hls_url);
            }
            return when_changed(context, ok(std::move(fields)), told);
        });
}

Result<Response> update(Context& context) {
    service::LivestreamChange change;
    auto read = context.read_body([&](input::ObjectReader& in) {
        change.title = in.optional_text("title", title_rule);
        change.description = in.optional_text("description", input::prose_rule);
        change.scheduled_at = in.optional_time("scheduled_at");
        change.token_gate_amount = in.optional_integer("token_gate_amount", 0, max_gate);
        change.visibility = visibility(in);
        change.station_id = in.optional_text("station_id", id_or_none_rule);
        change.record = in.optional_bool("record");
        change.destination_ids = in.optional_texts("destination_ids", max_destinations);
        change.profile_id = in.optional_text("profile_id", id_or_none_rule);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->livestreams.update(context.actor, context.param("id"), change)
        .map(answer(context));
}

Result<Response> rotate_key(Context& context) {
    if (auto read = context.expect_no_fields(); !read) return tl::unexpected(read.error());
    return context.services->livestreams.rotate_key(context.actor, context.param("id"))
        .map([&](const service::Livestream& livestream) {
            return with_encoder_settings(context, livestream, 200);
        });
}

// The changes of state that take no fields.
template <auto change>
Result<Response> act(Context& context) {
    if (auto read = context.expect_no_fields(); !read) return tl::unexpected(read.error());
    return (context.services->livestreams.*change)(context.actor, context.param("id")).map(answer(context));
}

using Service = service::LivestreamService;

constexpr Route route_table[] = {
    {Method::get, "/api/v1/livestreams", Access::visitor, no_scope, Query::read, list_livestreams},
    {Method::post, "/api/v1/livestreams", Access::broadcaster, service::scope_write, Query::none, create},
    {Method::get, "/api/v1/livestreams/{id}", Access::visitor, no_scope, Query::none, find},
    {Method::put, "/api/v1/livestreams/{id}", Access::owner, service::scope_write, Query::none, update},
    {Method::get, "/api/v1/livestreams/{id}/status", Access::visitor, no_scope, Query::none, status},
    {Method::post, "/api/v1/livestreams/{id}/start", Access::owner, service::scope_live, Query::none,
     act<&Service::start>},
    {Method::post, "/api/v1/livestreams/{id}/stop", Access::owner, service::scope_live, Query::none,
     act<&Service::stop>},
    {Method::post, "/api/v1/livestreams/{id}/cancel", Access::owner, service::scope_write, Query::none,
     act<&Service::cancel>},
    {Method::post, "/api/v1/livestreams/{id}/archive", Access::owner, service::scope_write, Query::none,
     act<&Service::archive>},
    {Method::post, "/api/v1/livestreams/{id}/rotate-key", Access::owner, service::scope_write, Query::none,
     rotate_key},
};

}  // namespace

std::span<const Route> livestreams_routes() {
    return route_table;
}

}  // namespace api::rest
