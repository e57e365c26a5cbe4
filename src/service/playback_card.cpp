#include "service/playback_card.h"

#include "service/context.h"
#include "service/livestream_records.h"
#include "store/store.h"

namespace service {

std::optional<StationBrief> PlaybackCards::station(const std::string& id) {
    if (auto known = context_.board.station(id)) return known;
    const auto record = context_.store.stations().get(store::Scope::all(), id);
    if (!record) return std::nullopt;
    context_.board.learn_station(id, brief_of(*record));
    return brief_of(*record);
}

void PlaybackCards::tell_of_livestream(const std::string& livestream_id, PlaybackCard& card) {
    const auto brief = context_.board.brief(livestream_id);
    if (!brief) return;
    card.title = brief->title;
    card.description = brief->description;
    card.over = !may_publish(brief->status);
    card.scheduled_at = brief->scheduled_at;
    card.started_at = brief->started_at;
    if (!brief->station_id) return;
    if (const auto at = station(*brief->station_id)) card.station_name = at->name;
}

void PlaybackCards::tell_of_station(const std::string& station_id, bool with_show, PlaybackCard& card) {
    const auto at = station(station_id);
    if (!at) return;
    card.station_name = at->name;
    card.title = at->name;
    card.description = at->description;
    if (!at->artwork_url.empty()) card.thumbnail_url = at->artwork_url;
    const auto session = context_.board.of_stream(station_id);
    if (!session || !with_show) return;
    card.title = session->title;
    card.description = session->description;
    card.started_at = session->live_at;
}

std::string PlaybackCards::watcher(const Actor& actor, const std::string& playback_id, const LivePlace& place,
                                   const Viewer& viewer) {
    if (actor.signed_in() && actor.has(scope_read) && rights_.check(actor.user_id, place.livestream_id))
        return actor.user_id;
    if (viewer.token.empty()) return {};
    const auto claims = sessions_.read(playback_id, viewer.token);
    if (!claims || !rights_.check(claims->user_id, place.livestream_id)) return {};
    return claims->user_id;
}

base::Result<PlaybackCard> PlaybackCards::make(const Actor& actor, const std::string& playback_id,
                                               const PlaybackPlace& place, const Viewer& viewer) {
    PlaybackCard card;
    card.playback_id = playback_id;
    const std::string user_id =
        place.live.restricted() ? watcher(actor, playback_id, place.live, viewer) : std::string();
    const bool hidden = place.live.closed && user_id.empty();
    if (place.id == place.live.livestream_id) {
        if (hidden) return base::fail(playback_not_found());
        tell_of_livestream(place.id, card);
    } else {
        tell_of_station(place.id, !hidden, card);
        // The station is there for everybody, what is on it is not.
        if (hidden) return card;
    }
    const std::string& stream_id = place.live.stream_id;
    card.live = context_.board.connected(stream_id);
    card.restricted = place.live.restricted();
    card.viewer_count = context_.board.viewers(stream_id);
    // While its encoder is away for a moment there is still something to play.
    if (!context_.board.ingest(stream_id)) return card;
    std::string query;
    if (card.restricted) {
        if (user_id.empty()) return card;
        query = links_.query(playback_id, user_id);
    }
    card.hls_url = links_.of(playback_id, query).hls_url;
    card.flv_url = links_.flv(playback_id, query);
    if (has_poster_(stream_id)) card.thumbnail_url = links_.poster(playback_id, query);
    return card;
}

}  // namespace service
