// What a running session wants of the engine, and how that changes: destinations join, leave, are edited; it
// ends.
#include <algorithm>

#include "base/limit_hits.h"
#include "ingest/ingests.h"
#include "service/broadcast_core.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "service/event_payloads.h"
#include "service/livestream_records.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::size_t max_reasons = 20;

void add_reason(store::BroadcastDestination& part, const std::string& reason) {
    if (reason.empty() || part.reasons.size() >= max_reasons) return;
    if (std::find(part.reasons.begin(), part.reasons.end(), reason) == part.reasons.end())
        part.reasons.push_back(reason);
}

// How a destination came out, at the end of its broadcast.
store::Outcome final_outcome(const store::BroadcastDestination& part) {
    switch (part.outcome) {
        case store::Outcome::connected:
            return part.last_status == media::to_string(media::OutputState::error)
                       ? store::Outcome::failed
                       : store::Outcome::completed;
        case store::Outcome::pending:
            return store::Outcome::failed;
        default:
            return part.outcome;
    }
}

}  // namespace

base::Result<std::vector<output::DesiredOutput>> BroadcastService::Impl::plan(Running& running) {
    std::vector<std::string> ids;
    for (const auto& part : running.record.destinations)
        if (part.desired) ids.push_back(part.destination_id);
    running.skipped.clear();
    std::vector<output::DesiredOutput> outputs;
    if (ids.empty()) return outputs;
    const auto rows = context.store.destinations().get_many(store::Scope::of(running.record.owner_id), ids);
    if (!rows) return base::fail(rows.error());
    for (auto& part : running.record.destinations) {
        if (!part.desired) continue;
        const auto row = std::find_if(rows->begin(), rows->end(),
                                      [&](const auto& r) { return r.id == part.destination_id; });
        if (row == rows->end()) {
            part.desired = false;
            part.outcome = store::Outcome::removed;
            part.left_at = context.clock.wall();
            continue;
        }
        part.name = row->name;
        part.platform = row->platform;
        store::Destination effective = *row;
        if (part.settings) effective.settings = *part.settings;
        Target target = target_of(effective);
        if (target.output) {
            if (part.outcome == store::Outcome::skipped) part.outcome = store::Outcome::pending;
            target.output->flush_window = settings.flush_window;
            outputs.push_back(std::move(*target.output));
        } else {
            running.skipped[part.destination_id] = target.skipped;
            if (part.outcome == store::Outcome::pending) part.outcome = store::Outcome::skipped;
            add_reason(part, target.skipped);
        }
    }
    return outputs;
}

base::Result<> BroadcastService::Impl::sync(const std::string& session_id) {
    auto running = find(session_id);
    if (!running) return {};
    auto outputs = plan(*running);
    if (!outputs) return base::fail(std::move(outputs.error()));
    const auto planned = running->record.destinations;
    const auto written = context.store.broadcasts().update(
        store::Scope::all(), session_id, [&](store::Broadcast& record) -> base::Result<> {
            // Counters in the row may be newer than the copy in memory: only what the plan decides is taken
            // over.
            for (auto& part : record.destinations) {
                const auto wanted = std::find_if(planned.begin(), planned.end(), [&](const auto& p) {
                    return p.destination_id == part.destination_id;
                });
                if (wanted == planned.end()) continue;
                part.desired = wanted->desired;
                part.name = wanted->name;
                part.platform = wanted->platform;
                part.left_at = wanted->left_at;
                part.reasons = wanted->reasons;
                if (wanted->outcome == store::Outcome::skipped ||
                    wanted->outcome == store::Outcome::removed || part.outcome == store::Outcome::skipped)
                    part.outcome = wanted->outcome;
            }
            return {};
        });
    if (!written) return base::fail(written.error());
    running->record = *written;
    const std::string stream_id = running->record.stream_id;
    keep(std::move(*running));
    context.outputs.apply({session_id, stream_id, std::move(*outputs)});
    check_health(session_id);
    return {};
}

base::Result<> BroadcastService::Impl::add(const std::string& session_id,
                                           const store::Destination& destination) {
    auto running = find(session_id);
    if (!running) return base::fail(not_found("session"));
    const auto& parts = running->record.destinations;
    const auto wanted =
        std::count_if(parts.begin(), parts.end(), [](const auto& part) { return part.desired; });
    const auto before = std::find_if(parts.begin(), parts.end(),
                                     [&](const auto& part) { return part.destination_id == destination.id; });
    if (before != parts.end() && before->desired) return {};
    if (static_cast<std::size_t>(wanted) >= limits.destinations_per_broadcast)
        return base::fail(base::about_limit(
            "destinations_per_broadcast",
            {base::ErrorCode::conflict,
             "This broadcast has " + std::to_string(wanted) + " destinations, which is the limit.",
             "limit_reached"}));
    const auto written = context.store.broadcasts().update(
        store::Scope::all(), session_id, [&](store::Broadcast& record) -> base::Result<> {
            for (auto& part : record.destinations) {
                if (part.destination_id != destination.id) continue;
                part.desired = true;
                part.outcome = part.first_connected_at ? store::Outcome::connected : store::Outcome::pending;
                part.left_at.reset();
                return {};
            }
            store::BroadcastDestination part;
            part.destination_id = destination.id;
            part.name = destination.name;
            part.platform = destination.platform;
            part.joined_at = context.clock.wall();
            record.destinations.push_back(std::move(part));
            return {};
        });
    if (!written) return base::fail(written.error());
    running->record = *written;
    running->by_encoder = false;
    keep(std::move(*running));
    if (const auto synced = sync(session_id); !synced) return synced;
    return note(session_id, "destination_added", "info", destination.name + " joined the broadcast.",
                destination.id);
}

base::Result<> BroadcastService::Impl::remove(const std::string& session_id,
                                              const std::string& destination_id, const std::string& why) {
    auto running = find(session_id);
    if (!running) return {};
    std::string name;
    for (const auto& part : running->record.destinations)
        if (part.destination_id == destination_id && part.desired) name = part.name;
    if (name.empty()) return {};
    const auto written = context.store.broadcasts().update(store::Scope::all(), session_id,
                                                           [&](store::Broadcast& record) -> base::Result<> {
                                                               for (auto& part : record.destinations) {
                                                                   if (part.destination_id != destination_id)
                                                                       continue;
                                                                   part.desired = false;
                                                                   part.outcome = store::Outcome::removed;
                                                                   part.left_at = context.clock.wall();
                                                               }
                                                               return {};
                                                           });
    if (!written) return base::fail(written.error());
    running->record = *written;
    running->by_encoder = false;
    running->skipped.erase(destination_id);
    keep(std::move(*running));
    if (const auto synced = sync(session_id); !synced) return synced;
    return note(session_id, "destination_removed", "info", name + " left the broadcast: " + why + ".",
                destination_id);
}

base::Result<> BroadcastService::Impl::end(const std::string& session_id, const std::string& reason) {
    auto running = find(session_id);
    if (!running) return {};
    const store::Broadcast& record = running->record;
    if (record.livestream_id) {
        // Before the session: should the server die in between, the next start finds a session whose show is
        // over, and ends it.
        bool was_changed = false;
        const bool is_show = record.stream_id != *record.livestream_id;
        const auto livestream = context.store.livestreams().update(
            store::Scope::all(), *record.livestream_id, [&](store::Livestream& row) -> base::Result<> {
                was_changed = true;
                if (row.status == store::LivestreamStatus::live) {
                    row.status = store::LivestreamStatus::ended;
                    row.ended_at = context.clock.wall();
                } else if (row.status == store::LivestreamStatus::scheduled && is_show) {
                    // It was made for this session alone, which never went live.
                    row.status = store::LivestreamStatus::cancelled;
                } else {
                    was_changed = row.ready;
                    row.ready = false;
                }
                return {};
            });
        if (!livestream && livestream.error().code != base::ErrorCode::not_found)
            return base::fail(livestream.error());
        if (livestream && was_changed) announce(context, *livestream);
    }
    const auto ended = context.store.broadcasts().update(store::Scope::all(), session_id,
                                                         [&](store::Broadcast& row) -> base::Result<> {
                                                             row.status = store::BroadcastStatus::ended;
                                                             row.ended_at = context.clock.wall();
                                                             row.end_reason = reason;
                                                             for (auto& part : row.destinations)
                                                                 part.outcome = final_outcome(part);
                                                             return {};
                                                         });
    if (!ended) return base::fail(ended.error());
    const bool was_station = ended->station_id.has_value();
    const auto entry = context.board.session(session_id);
    forget(session_id);
    context.outputs.end(session_id);
    if (recordings) recordings->session_ended(session_id);
    context.log.info("session ended", {{"session", session_id}, {"reason", reason}});
    context.events.publish("session.ended", ended->owner_id, false, payload(*ended));
    if (was_station)
        context.events.publish("station.changed", ended->owner_id, entry && entry->listed,
                               {{"stationId", *ended->station_id}, {"isLive", false}});
    if (const auto noted = note(session_id, "session_ended", "info", "The session ended: " + reason + ".");
        !noted)
        context.log.warn("a line of history was not written",
                         {{"session", session_id}, {"error", noted.error().message}});
    return {};
}

base::Result<> BroadcastService::Impl::end_livestream(const std::string& id, LivestreamStatus to,
                                                      const std::string& reason) {
    const auto running = find_livestream(id);
    const auto changed = context.store.livestreams().update(
        store::Scope::all(), id, [&](store::Livestream& row) -> base::Result<> {
            // A session that still runs for it is the rest of an end that was cut short.
            if (running && to_service(row.status) == to) return {};
            if (const auto may = may_change(to_service(row.status), to); !may) return base::fail(may.error());
            row.status = to_store(to);
            row.ready = false;
            if (to == LivestreamStatus::ended) row.ended_at = context.clock.wall();
            return {};
        });
    if (!changed) return base::fail(changed.error());
    announce(context, *changed);
    if (running)
        if (const auto ended = end(running->record.id, reason); !ended) return ended;
    // Its key opens nothing any more; the encoder is told. A station's encoder stays: the station has a key
    // of its own.
    context.ingests.end(id, reason);
    return {};
}

}  // namespace service
