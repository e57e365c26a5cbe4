#include "service/stations.h"

#include "base/ids.h"
#include "base/limit_hits.h"
#include "service/broadcasts.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "service/live_board.h"
#include "service/livestream_records.h"
#include "service/owned.h"
#include "service/playback_links.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::string_view noun = "station";
constexpr std::size_t stream_key_size = 32;
constexpr int slug_tries = 5;

base::Error told(base::Error error) {
    if (error.code == base::ErrorCode::not_found) return not_found(noun);
    if (error.code == base::ErrorCode::conflict && error.details["field"] == "slug")
        return {base::ErrorCode::conflict,
                "Another station has this slug: choose another one.",
                "slug_taken",
                {{"field", "slug"}}};
    return error;
}

base::Result<store::Station> row(Context& context, const Actor& actor, Action action, const std::string& id) {
    return owned(actor, action, noun, context.store.stations().get(store::Scope::all(), id));
}

}  // namespace

StationService::StationService(Context& context, BroadcastService& broadcasts, BroadcastSettings settings,
                               InstanceLimits limits)
    : context_(context),
      broadcasts_(broadcasts),
      settings_(std::move(settings)),
      limits_(limits),
      links_(std::make_shared<const PlaybackLinks>(context, settings_)) {}

Playback StationService::playback(const Actor& actor, const store::Station& record,
                                  const LiveEntry& running) const {
    std::string playback_id = record.playback_id;
    std::int64_t gate = 0;
    bool restricted = false;
    bool closed = false;
    if (running.livestream_id) {
        const auto show = known_brief(context_, *running.livestream_id);
        // Nobody can say who may watch it.
        if (!show) return {};
        restricted = show->restricted();
        closed = show->visibility == Visibility::closed;
        gate = show->token_gate_amount;
        if (running.stream_id != record.id) playback_id = show->playback_id;
    }
    if (restricted && !actor.manages(record.owner_id)) {
        if (!actor.signed_in() || closed) return {};
        const auto user = context_.store.users().get(actor.user_id);
        if (!user || user->token_balance < gate) return {};
    }
    return links_->of(playback_id, restricted, actor);
}

Station StationService::view(const Actor& actor, const store::Station& record) const {
    Station station;
    station.id = record.id;
    station.slug = record.slug;
    station.name = record.name;
    station.description = record.description;
    station.artwork_url = record.artwork_url;
    station.owner_id = record.owner_id;
    station.created_at = record.created_at;
    station.updated_at = record.updated_at;
    if (const auto running = context_.board.of_station(record.id, !actor.manages(record.owner_id))) {
        station.is_live = context_.board.connected(running->stream_id);
        CurrentShow show;
        show.session_id = running->session_id;
        show.livestream_id = running->livestream_id;
        show.title = running->title;
        show.description = running->description;
        show.started_at = running->live_at.value_or(running->started_at);
        show.viewer_count = running->viewer_count;
        if (station.is_live) {
            show.playback = playback(actor, record, *running);
            station.current = std::move(show);
        }
    }
    if (actor.sees_keys_of(record.owner_id)) {
        station.stream_key = record.stream_key;
        station.rtmp_url = settings_.rtmp_url;
    }
    return station;
}

base::Result<Page<Station>> StationService::list(const Actor& actor, const PageRequest& page, bool mine) {
    if (mine)
        if (const auto may = allowed(actor, Action::read); !may) return base::fail(may.error());
    if (const auto fits = check_page(page); !fits) return base::fail(fits.error());
    const auto found = context_.store.stations().list(
        mine ? store::Scope::of(actor.user_id) : store::Scope::all(), to_store(page));
    if (!found) return base::fail(found.error());
    Page<Station> stations{{}, found->next_cursor};
    for (const auto& record : found->items) stations.items.push_back(view(actor, record));
    return stations;
}

base::Result<Station> StationService::find(const Actor& actor, const std::string& id_or_slug) {
    const auto record = context_.store.stations().get_by_id_or_slug(store::Scope::all(), id_or_slug);
    if (!record) return base::fail(told(record.error()));
    return view(actor, *record);
}

base::Result<std::string> StationService::playback_id(const std::string& id_or_slug) {
    const auto record = context_.store.stations().get_by_id_or_slug(store::Scope::all(), id_or_slug);
    if (!record) return base::fail(told(record.error()));
    return record->playback_id;
}

base::Result<std::string> StationService::free_slug(const NewStation& station) const {
    if (station.slug && !station.slug->empty()) return check_slug(*station.slug);
    std::string slug = slug_of(station.name);
    if (slug.size() < 3) slug = "station-" + base::random_hex(6);
    for (int i = 0; i < slug_tries; ++i) {
        const auto taken = context_.store.stations().get_by_id_or_slug(store::Scope::all(), slug);
        if (!taken && taken.error().code == base::ErrorCode::not_found) return slug;
        if (!taken) return base::fail(taken.error());
        slug = slug_of(station.name).substr(0, 48) + "-" + base::random_hex(6);
    }
    return slug;
}

base::Result<Station> StationService::create(const Actor& actor, const NewStation& station) {
    if (const auto may = allowed(actor, Action::create); !may) return base::fail(may.error());
    const auto name = check_name("name", station.name);
    if (!name) return base::fail(name.error());
    const auto description = check_text("description", station.description, max_description);
    if (!description) return base::fail(description.error());
    const auto artwork = check_web_url("artworkUrl", station.artwork_url);
    if (!artwork) return base::fail(artwork.error());
    const auto held = context_.store.stations().list(store::Scope::of(actor.user_id),
                                                     {static_cast<int>(limits_.stations_per_user), {}});
    if (!held) return base::fail(held.error());
    if (held->items.size() >= limits_.stations_per_user)
        return base::fail(base::about_limit(
            "stations_per_user",
            {base::ErrorCode::conflict,
             "You have " + std::to_string(held->items.size()) + " stations, which is the limit.",
             "limit_reached"}));
    const auto slug = free_slug(station);
    if (!slug) return base::fail(slug.error());

    store::Station record;
    record.id = base::random_id("st_");
    record.owner_id = actor.user_id;
    record.slug = *slug;
    record.name = *name;
    record.description = *description;
    record.artwork_url = *artwork;
    record.stream_key = base::Secret(base::random_hex(stream_key_size));
    record.playback_id = base::random_id("");
    record.created_at = record.updated_at = context_.clock.wall();
    if (const auto added = context_.store.stations().add(record); !added)
        return base::fail(told(added.error()));
    return view(actor, record);
}

base::Result<Station> StationService::update(const Actor& actor, const std::string& id,
                                             const StationChange& change) {
    const auto before = row(context_, actor, Action::update, id);
    if (!before) return base::fail(before.error());
    base::Result<std::string> name = before->name;
    base::Result<std::string> slug = before->slug;
    base::Result<std::string> description = before->description;
    base::Result<std::string> artwork = before->artwork_url;
    if (change.name && !(name = check_name("name", *change.name))) return base::fail(name.error());
    if (change.slug && !(slug = check_slug(*change.slug))) return base::fail(slug.error());
    if (change.description &&
        !(description = check_text("description", *change.description, max_description)))
        return base::fail(description.error());
    if (change.artwork_url && !(artwork = check_web_url("artworkUrl", *change.artwork_url)))
        return base::fail(artwork.error());
    const auto after =
        context_.store.stations().update(scope_of(actor), id, [&](store::Station& record) -> base::Result<> {
            if (change.name) record.name = *name;
            if (change.slug) record.slug = *slug;
            if (change.description) record.description = *description;
            if (change.artwork_url) record.artwork_url = *artwork;
            return {};
        });
    if (!after) return base::fail(told(after.error()));
    context_.board.know_station(id, brief_of(*after));
    const bool is_live = view(Actor::nobody(), *after).is_live;
    context_.events.publish("station.changed", after->owner_id, true,
                            {{"stationId", id}, {"slug", after->slug}, {"isLive", is_live}});
    return view(actor, *after);
}

base::Result<> StationService::remove(const Actor& actor, const std::string& id) {
    const auto record = row(context_, actor, Action::remove, id);
    if (!record) return base::fail(record.error());
    if (const auto ended = broadcasts_.end_stream(id, "the station was deleted"); !ended)
        return base::fail(ended.error());
    if (const auto removed = context_.store.stations().remove(scope_of(actor), id); !removed)
        return base::fail(told(removed.error()));
    context_.board.forget_station(id);
    // Its key is gone, so an encoder that shows it must not stay.
    broadcasts_.cut_encoder(id, "the station was deleted");
    context_.events.publish(
        "station.changed", record->owner_id, true,
        {{"stationId", id}, {"slug", record->slug}, {"isLive", false}, {"deleted", true}});
    return {};
}

base::Result<Station> StationService::rotate_key(const Actor& actor, const std::string& id) {
    if (const auto before = row(context_, actor, Action::update, id); !before)
        return base::fail(before.error());
    const auto after =
        context_.store.stations().update(scope_of(actor), id, [&](store::Station& record) -> base::Result<> {
            record.stream_key = base::Secret(base::random_hex(stream_key_size));
            return {};
        });
    if (!after) return base::fail(told(after.error()));
    broadcasts_.cut_encoder(id, "the stream key was replaced: use the new one");
    context_.log.info("stream key replaced", {{"station", id}, {"by", actor.user_id}});
    return view(actor, *after);
}

}  // namespace service
