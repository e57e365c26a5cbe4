// How a session begins: by go-live, by its stream's id, or by the encoder of a livestream.
#include <algorithm>
#include <set>

#include "base/ids.h"
#include "service/broadcast_core.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "service/event_payloads.h"
#include "service/livestream_records.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

StreamRef ref(store::Station station) {
    return {station.id, station.owner_id, station.playback_id, std::move(station), std::nullopt};
}

StreamRef ref(store::Livestream livestream) {
    return {livestream.id, livestream.owner_id, livestream.playback_id, std::nullopt, std::move(livestream)};
}

store::BroadcastDestination part_of(const store::Destination& destination, base::WallTime now) {
    store::BroadcastDestination part;
    part.destination_id = destination.id;
    part.name = destination.name;
    part.platform = destination.platform;
    part.joined_at = now;
    return part;
}

}  // namespace

base::Result<StreamRef> BroadcastService::Impl::stream_of_key(const base::Secret& key) {
    const base::Error unknown{base::ErrorCode::not_found,
                              "No station or livestream of yours has this stream key.",
                              "stream_key_unknown",
                              {{"field", "streamKey"}}};
    if (key.empty() || key.size() > max_stream_key) return base::fail(unknown);
    auto station = context.store.stations().find_by_stream_key(key);
    if (!station) return base::fail(std::move(station.error()));
    if (*station) return ref(std::move(**station));
    auto livestream = context.store.livestreams().find_by_stream_key(key);
    if (!livestream) return base::fail(std::move(livestream.error()));
    if (*livestream) return ref(std::move(**livestream));
    return base::fail(unknown);
}

base::Result<StreamRef> BroadcastService::Impl::stream(const std::string& id) {
    if (id.starts_with("st_")) {
        auto station = context.store.stations().get(store::Scope::all(), id);
        if (station) return ref(std::move(*station));
        if (station.error().code != base::ErrorCode::not_found) return base::fail(std::move(station.error()));
    } else if (id.starts_with("ls_")) {
        auto livestream = context.store.livestreams().get(store::Scope::all(), id);
        if (livestream) return ref(std::move(*livestream));
        if (livestream.error().code != base::ErrorCode::not_found)
            return base::fail(std::move(livestream.error()));
    }
    return base::fail(not_found("stream"));
}

base::Result<std::vector<store::BroadcastDestination>> BroadcastService::Impl::choose(
    const StreamRef& stream, const std::optional<std::string>& profile_id,
    const std::optional<std::vector<std::string>>& ids) {
    const auto own = store::Scope::of(stream.owner_id);
    const auto now = context.clock.wall();
    std::vector<store::BroadcastDestination> parts;
    if (ids && profile_id) return invalid("profileId", "Choose destinations or a profile, not both.");
    if (ids) {
        const auto found = context.store.destinations().get_many(own, *ids);
        if (!found) return base::fail(found.error());
        if (found->size() != std::set<std::string>(ids->begin(), ids->end()).size())
            return invalid("destinationIds",
                           "One of the chosen destinations is not yours or does not exist.");
        for (const auto& destination : *found) parts.push_back(part_of(destination, now));
    } else if (profile_id) {
        const auto profile = context.store.profiles().get(own, *profile_id);
        if (!profile && profile.error().code == base::ErrorCode::not_found)
            return invalid("profileId", "profileId names no profile of yours.");
        if (!profile) return base::fail(profile.error());
        std::vector<std::string> wanted;
        for (const auto& entry : profile->entries) wanted.push_back(entry.destination_id);
        const auto found = context.store.destinations().get_many(own, wanted);
        if (!found) return base::fail(found.error());
        for (const auto& destination : *found) {
            parts.push_back(part_of(destination, now));
            const auto entry =
                std::find_if(profile->entries.begin(), profile->entries.end(),
                             [&](const auto& e) { return e.destination_id == destination.id; });
            if (entry != profile->entries.end()) parts.back().settings = entry->settings;
        }
    } else {
        std::optional<std::string> station_id;
        if (stream.station) station_id = stream.station->id;
        if (stream.livestream) station_id = stream.livestream->station_id;
        store::DestinationFilter filter;
        filter.is_active = true;
        store::PageRequest page{store::max_page_size, {}};
        do {
            const auto found = context.store.destinations().list(own, filter, page);
            if (!found) return base::fail(found.error());
            for (const auto& destination : found->items)
                if (!destination.station_id || destination.station_id == station_id)
                    parts.push_back(part_of(destination, now));
            page.cursor = found->next_cursor;
        } while (!page.cursor.empty());
    }
    if (parts.size() > limits.destinations_per_broadcast)
        return invalid("destinationIds", "At most " + std::to_string(limits.destinations_per_broadcast) +
                                             " destinations can take part in one broadcast.");
    return parts;
}

base::Result<std::vector<store::BroadcastDestination>> BroadcastService::Impl::own_choice(
    const store::Livestream& livestream) {
    if (livestream.destination_ids.empty() && !livestream.profile_id)
        return std::vector<store::BroadcastDestination>();
    StreamRef stream = ref(livestream);
    if (livestream.profile_id) return choose(stream, livestream.profile_id, std::nullopt);
    return choose(stream, std::nullopt, livestream.destination_ids);
}

base::Result<std::string> BroadcastService::Impl::begin(const StreamRef& stream, Wish wish) {
    const auto recorded = is_recorded(stream, wish);
    if (!recorded) return base::fail(recorded.error());
    wish.recording_enabled = *recorded;
    const auto now = context.clock.wall();
    Running running;
    running.by_encoder = wish.by_encoder;
    running.health_due = running.counters_due = context.clock.now();
    store::Broadcast& record = running.record;
    record.id = base::random_id("se_");
    record.owner_id = stream.owner_id;
    record.stream_id = stream.id;
    record.title = wish.title;
    record.description = wish.description;
    record.use_multistream = wish.use_multistream;
    record.recording_enabled = wish.recording_enabled;
    record.profile_id = wish.profile_id;
    record.started_at = now;
    record.destinations = std::move(wish.destinations);

    // A station's show becomes a livestream of its own, so that it is found where shows are looked for.
    std::optional<store::Livestream> show;
    if (stream.station) {
        show = new_livestream(stream.owner_id, wish.title, wish.description, now);
        show->station_id = stream.station->id;
        show->ready = true;
        show->record = wish.recording_enabled;
        record.station_id = stream.station->id;
        record.livestream_id = show->id;
        if (const auto added = context.store.livestreams().add(*show); !added)
            return base::fail(added.error());
    } else {
        record.station_id = stream.livestream->station_id;
        record.livestream_id = stream.livestream->id;
    }

    auto outputs = plan(running);
    const auto added = outputs ? context.store.broadcasts().add(record) : base::fail(outputs.error());
    if (!added) {
        if (show) (void)context.store.livestreams().remove(store::Scope::all(), show->id);
        return base::fail(added.error());
    }
    context.log.info(
        "session started",
        {{"session", record.id}, {"stream", stream.id}, {"destinations", record.destinations.size()}});
    const std::string id = record.id;
    const std::string owner_id = record.owner_id;
    boost::json::object told = payload(record);
    if (show) announce(context, *show);
    keep(std::move(running));
    context.outputs.apply({id, stream.id, std::move(*outputs)});
    context.events.publish("session.started", owner_id, false, std::move(told));
    if (const auto noted = note(id, "session_started", "info", "The session was started."); !noted)
        context.log.warn("a line of history was not written",
                         {{"session", id}, {"error", noted.error().message}});
    return id;
}

base::Result<std::string> BroadcastService::Impl::begin_or_adopt(const StreamRef& stream, Wish wish) {
    if (stream.livestream && !may_publish(to_service(stream.livestream->status)))
        return base::fail(may_change(to_service(stream.livestream->status), LivestreamStatus::live).error());
    const auto running = find_stream(stream.id);
    if (!running) {
        const auto id = begin(stream, std::move(wish));
        if (!id || !context.board.connected(stream.id)) return id;
        auto started = *find(*id);
        // The encoder was there first: what it missed as a fact is made good here.
        const auto marked = mark_live(started).and_then(
            [&] { return note(*id, "encoder_connected", "info", "The encoder was there already."); });
        if (!marked)
            context.log.warn("session is not marked live yet",
                             {{"session", *id}, {"error", marked.error().message}});
        return id;
    }
    if (!running->by_encoder)
        return base::fail(
            {base::ErrorCode::conflict,
             "This stream has a running session already: stop it first, or add destinations to it.",
             "already_live",
             {{"sessionId", running->record.id}}});
    const auto recorded = is_recorded(stream, wish);
    if (!recorded) return base::fail(recorded.error());
    const auto updated = context.store.broadcasts().update(
        store::Scope::all(), running->record.id, [&](store::Broadcast& record) -> base::Result<> {
            record.title = wish.title;
            record.description = wish.description;
            record.use_multistream = wish.use_multistream;
            // What is being recorded already goes on.
            record.recording_enabled = record.recording_enabled || *recorded;
            record.profile_id = wish.profile_id;
            for (auto& part : record.destinations) {
                const bool stays = std::any_of(
                    wish.destinations.begin(), wish.destinations.end(),
                    [&](const auto& wanted) { return wanted.destination_id == part.destination_id; });
                if (stays || !part.desired) continue;
                part.desired = false;
                part.outcome = store::Outcome::removed;
                part.left_at = context.clock.wall();
            }
            for (const auto& wanted : wish.destinations) {
                const auto part =
                    std::find_if(record.destinations.begin(), record.destinations.end(),
                                 [&](const auto& p) { return p.destination_id == wanted.destination_id; });
                if (part == record.destinations.end()) {
                    record.destinations.push_back(wanted);
                } else {
                    part->settings = wanted.settings;
                    if (!part->desired) part->outcome = store::Outcome::pending;
                    part->desired = true;
                    part->left_at.reset();
                }
            }
            return {};
        });
    if (!updated) return base::fail(updated.error());
    Running taken = *running;
    taken.by_encoder = false;
    taken.record = *updated;
    keep(std::move(taken));
    if (const auto synced = sync(running->record.id); !synced) return base::fail(synced.error());
    if (updated->status == store::BroadcastStatus::live)
        if (const auto recording = record_session(*updated); !recording) return base::fail(recording.error());
    return running->record.id;
}

base::Result<bool> BroadcastService::Impl::is_recorded(const StreamRef& stream, const Wish& wish) {
    if (wish.recording_enabled || (stream.livestream && stream.livestream->record)) return true;
    if (!wish.profile_id) return false;
    const auto profile = context.store.profiles().get(store::Scope::of(stream.owner_id), *wish.profile_id);
    if (!profile && profile.error().code == base::ErrorCode::not_found) return false;
    if (!profile) return base::fail(profile.error());
    return profile->recording_enabled;
}

base::Result<> BroadcastService::Impl::record_session(const store::Broadcast& session) {
    if (!recordings || !session.recording_enabled) return {};
    const auto begun = recordings->session_live(session);
    if (begun || begun.error().code == base::ErrorCode::unavailable) return begun;
    context.log.error("a session is not recorded",
                      {{"session", session.id}, {"error", begun.error().message}});
    return {};
}

base::Result<> BroadcastService::Impl::mark_live(Running& running) {
    const std::string id = running.record.id;
    if (running.record.status != store::BroadcastStatus::live) {
        const auto updated = context.store.broadcasts().update(
            store::Scope::all(), id, [&](store::Broadcast& record) -> base::Result<> {
                record.status = store::BroadcastStatus::live;
                if (!record.live_at) record.live_at = context.clock.wall();
                return {};
            });
        if (!updated) return base::fail(updated.error());
        running.record = *updated;
    }
    running.return_by.reset();
    keep(running);
    if (const auto recording = record_session(running.record); !recording) return recording;
    if (!running.record.livestream_id) return {};
    bool became_live = false;
    const auto livestream = context.store.livestreams().update(
        store::Scope::all(), *running.record.livestream_id, [&](store::Livestream& record) -> base::Result<> {
            became_live = record.status == store::LivestreamStatus::scheduled;
            if (!became_live) return {};
            record.status = store::LivestreamStatus::live;
            record.started_at = context.clock.wall();
            return {};
        });
    // A livestream that was deleted from under its session is no reason to stop.
    if (!livestream && livestream.error().code != base::ErrorCode::not_found)
        return base::fail(livestream.error());
    if (livestream && became_live) announce(context, *livestream);
    return {};
}

}  // namespace service
