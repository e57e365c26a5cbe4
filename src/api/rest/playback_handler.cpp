#include "api/rest/playback_handler.h"

#include "api/rest/conditional.h"
#include "api/rest/embed.h"
#include "api/rest/respond.h"
#include "service/livestreams.h"
#include "service/playback.h"
#include "service/stations.h"

namespace api::rest {
namespace {

using base::Result;
using http::Method;
using http::Response;

constexpr std::size_t max_token = 512;
constexpr std::size_t max_url = 2'048;
constexpr std::int64_t max_pixels = 100'000;
// A token that was given before is good for minutes more: until then an answer with another one is no other
// answer.
constexpr std::chrono::seconds token_period{60};

base::Error nothing_here() {
    return {base::ErrorCode::not_found, "There is nothing to play here.", "playback_not_found"};
}

boost::json::object to_json(const service::PlaybackCard& card) {
    return {
        {"playbackId", text(card.playback_id)},
        {"title", text(card.title)},
        {"description", text(card.description)},
        {"stationName", text_or_null(card.station_name)},
        {"live", card.live},
        {"over", card.over},
        {"restricted", card.restricted},
        {"scheduledAt", time_or_null(card.scheduled_at)},
        {"startedAt", time_or_null(card.started_at)},
        {"viewerCount", card.viewer_count},
        {"hlsUrl", text_or_null(card.hls_url)},
        {"flvUrl", text_or_null(card.flv_url)},
        {"thumbnailUrl", text_or_null(card.thumbnail_url)},
    };
}

// All that it tells, with the time in place of tokens, which differ each time.
std::string state_of(const Context& context, const service::PlaybackCard& card) {
    service::PlaybackCard plain = card;
    std::string state = context.actor.user_id;
    if (card.restricted && card.hls_url) {
        plain.hls_url = plain.flv_url = plain.thumbnail_url = "";
        state += std::to_string(context.clock.wall().time_since_epoch() / token_period) + "may watch";
    }
    return state + ok({{"playback", to_json(plain)}}).body;
}

Result<Response> card(Context& context) {
    service::Viewer viewer;
    auto read =
        context.read_query([&](input::QueryReader& in) { viewer.token = in.text("token", max_token); });
    if (!read) return tl::unexpected(read.error());
    viewer.client_address = context.client_address;
    if (!context.services->playback) return base::fail(nothing_here());
    return context.services->playback->card(context.actor, context.param("playbackId"), viewer)
        .map([&](const service::PlaybackCard& found) {
            return when_changed(context, ok({{"playback", to_json(found)}}), state_of(context, found));
        });
}

// The playback id behind one of our pages.
Result<std::string> played_by(const Context& context, const PageLink& page) {
    switch (page.kind) {
        case PageLink::Kind::livestream:
            return context.services->livestreams.playback_id(page.id);
        case PageLink::Kind::station:
            return context.services->stations.playback_id(page.id);
        case PageLink::Kind::player:
            break;
    }
    return page.id;
}

Result<Response> oembed(Context& context) {
    std::string url;
    std::string format;
    std::int64_t max_width = 0;
    std::int64_t max_height = 0;
    auto read = context.read_query([&](input::QueryReader& in) {
        url = in.text("url", max_url);
        format = in.text("format", 16);
        max_width = in.integer("maxwidth", 0, 1, max_pixels);
        max_height = in.integer("maxheight", 0, 1, max_pixels);
    });
    if (!read) return tl::unexpected(read.error());
    if (!format.empty() && format != "json")
        return error_response(
            501, {base::ErrorCode::unsupported, "This is answered as JSON only.", "format_not_implemented"});
    const auto page = page_link(url, context.system.public_url);
    if (!page || !context.services->playback) return base::fail(nothing_here());
    const auto playback_id = played_by(context, *page);
    if (!playback_id) return base::fail(playback_id.error());
    // As nobody: what others embed shows no more than anybody sees.
    const auto card = context.services->playback->card(service::Actor::nobody(context.client_address),
                                                       *playback_id, {{}, {}, context.client_address});
    if (!card) return base::fail(card.error());
    const EmbedSize size = embed_size(max_width, max_height);
    boost::json::object fields{
        {"version", "1.0"},
        {"type", "video"},
        {"provider_name", "Everycast"},
        {"provider_url", text(context.system.public_url)},
        {"title", text(card->title)},
        {"width", size.width},
        {"height", size.height},
        {"html", text(embed_frame(context.system.public_url, card->playback_id, card->title, size))},
    };
    if (!card->station_name.empty()) fields["author_name"] = text(card->station_name);
    if (card->thumbnail_url) {
        fields["thumbnail_url"] = text(*card->thumbnail_url);
        fields["thumbnail_width"] = size.width;
        fields["thumbnail_height"] = size.height;
    }
    return when_changed(context, ok(std::move(fields)));
}

constexpr Route route_table[] = {
    {Method::get, "/api/playback/{playbackId}", Access::visitor, no_scope, Query::read, card},
    {Method::get, "/api/oembed", Access::anyone, no_scope, Query::read, oembed},
};

}  // namespace

std::span<const Route> playback_routes() {
    return route_table;
}

}  // namespace api::rest
