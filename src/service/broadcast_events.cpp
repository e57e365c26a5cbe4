// What the engine reports, applied to rows, history and listeners. Every step can be done again: after an
// error the router gives the same event once more. The line of history comes last, so that it is not written
// twice.
#include <algorithm>

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

boost::json::object about(const std::string& stream_id, const std::optional<Running>& running) {
    boost::json::object data{{"streamId", stream_id}};
    if (!running) {
        data[stream_id.starts_with("st_") ? "stationId" : "livestreamId"] = stream_id;
        return data;
    }
    data["sessionId"] = running->record.id;
    if (running->record.station_id) data["stationId"] = *running->record.station_id;
    if (running->record.livestream_id) data["livestreamId"] = *running->record.livestream_id;
    return data;
}

bool is_livestream(const std::string& stream_id) {
    return stream_id.starts_with("ls_");
}

void put_counters(store::BroadcastDestination& row, const media::OutputMetrics& metrics) {
    row.bytes_sent = static_cast<std::int64_t>(metrics.bytes_sent);
    row.frames_sent = static_cast<std::int64_t>(metrics.frames_sent);
    row.frames_dropped = static_cast<std::int64_t>(metrics.frames_dropped);
    row.reconnects = static_cast<std::int64_t>(metrics.reconnects);
}

void tell_station(Context& context, const store::Broadcast& session) {
    if (!session.station_id) return;
    const auto entry = context.board.session(session.id);
    context.events.publish(
        "station.changed", session.owner_id, !entry || entry->listed,
        {{"stationId", *session.station_id}, {"isLive", context.board.connected(session.stream_id)}});
}

}  // namespace

std::optional<std::string> BroadcastService::Impl::owner_of(const std::string& stream_id) {
    if (const auto running = find_stream(stream_id)) return running->record.owner_id;
    if (const auto found = stream(stream_id)) return found->owner_id;
    return std::nullopt;
}

base::Result<> BroadcastService::Impl::apply(const media::IngestStarted& event) {
    context.board.encoder_came(event.stream_id, event.ingest_id, event.facts);
    const std::lock_guard one_at_a_time(changes_);
    auto running = find_stream(event.stream_id);
    if (!running && is_livestream(event.stream_id)) {
        const auto found = stream(event.stream_id);
        if (!found && found.error().code == base::ErrorCode::unavailable) return base::fail(found.error());
        // Deleted or ended between the gate's yes and now.
        if (!found || !found->livestream || !may_publish(to_service(found->livestream->status))) {
            context.ingests.end(event.stream_id, "this livestream has ended");
            return {};
        }
        auto destinations = own_choice(*found->livestream);
        if (!destinations && destinations.error().code == base::ErrorCode::unavailable)
            return base::fail(destinations.error());
        Wish wish;
        wish.title = found->livestream->title;
        wish.description = found->livestream->description;
        wish.recording_enabled = found->livestream->record;
        wish.profile_id = found->livestream->profile_id;
        wish.by_encoder = true;
        // A choice that cannot be read any more costs the fan-out, not the show.
        if (destinations) wish.destinations = std::move(*destinations);
        if (const auto begun = begin(*found, std::move(wish)); !begun) return base::fail(begun.error());
        running = find_stream(event.stream_id);
    }
    const auto owner = owner_of(event.stream_id);
    const bool first = running && running->record.status == store::BroadcastStatus::waiting;
    if (running)
        if (const auto marked = mark_live(*running); !marked) return marked;
    if (running) {
        const std::string message = first             ? "The encoder connected."
                                    : event.took_over ? "Another encoder took over with the same key."
                                                      : "The encoder is back.";
        if (const auto noted =
                note(running->record.id, "encoder_connected", event.took_over ? "warning" : "info", message);
            !noted)
            return noted;
        tell_station(context, running->record);
        check_health(running->record.id);
    }
    auto data = about(event.stream_id, running);
    data["ingest"] = payload(event.facts);
    data["tookOver"] = event.took_over;
    data["resumed"] = event.resumed;
    context.events.publish("ingest.started", owner.value_or(""), false, std::move(data));
    return {};
}

base::Result<> BroadcastService::Impl::apply(const media::IngestChanged& event) {
    context.board.encoder_facts(event.stream_id, event.facts);
    const auto running = find_stream(event.stream_id);
    if (running) check_health(running->record.id);
    auto data = about(event.stream_id, running);
    data["ingest"] = payload(event.facts);
    context.events.publish("ingest.changed", owner_of(event.stream_id).value_or(""), false, std::move(data));
    return {};
}

base::Result<> BroadcastService::Impl::apply(const media::IngestLost& event) {
    // The one who took over came before this one's end was told: nothing is lost.
    const auto present = context.board.ingest(event.stream_id);
    if (present && present->ingest_id != event.ingest_id) return {};
    context.board.encoder_left(event.stream_id, event.ingest_id);
    const std::lock_guard one_at_a_time(changes_);
    const auto running = find_stream(event.stream_id);
    if (running) {
        edit(running->record.id, [&](Running& r) { r.lost_reason = event.reason; });
        if (const auto noted =
                note(running->record.id, "encoder_lost", "warning",
                     "The encoder is gone: " + event.reason + ". Destinations are kept up for its return.");
            !noted)
            return noted;
        tell_station(context, running->record);
        check_health(running->record.id);
    }
    auto data = about(event.stream_id, running);
    data["reason"] = event.reason;
    context.events.publish("ingest.lost", owner_of(event.stream_id).value_or(""), false, std::move(data));
    return {};
}

base::Result<> BroadcastService::Impl::apply(const media::StreamEnded& event) {
    context.board.forget_encoder(event.stream_id);
    const std::lock_guard one_at_a_time(changes_);
    const auto running = find_stream(event.stream_id);
    if (running && event.may_return) {
        edit(running->record.id,
             [&](Running& r) { r.return_by = context.clock.now() + settings.restart_grace; });
        return {};
    }
    if (running) {
        const std::string why = running->lost_reason.empty() ? "the encoder is gone" : running->lost_reason;
        return end(running->record.id,
                   why + ", and no encoder came within " + std::to_string(settings.grace.count()) + " s");
    }
    if (!is_livestream(event.stream_id)) return {};
    const auto livestream = context.store.livestreams().update(
        store::Scope::all(), event.stream_id, [&](store::Livestream& row) -> base::Result<> {
            if (row.status != store::LivestreamStatus::live)
                return base::fail(base::ErrorCode::conflict, "over already");
            row.status = store::LivestreamStatus::ended;
            row.ended_at = context.clock.wall();
            return {};
        });
    if (livestream) announce(context, *livestream);
    if (!livestream && livestream.error().code == base::ErrorCode::unavailable)
        return base::fail(livestream.error());
    return {};
}

base::Result<> BroadcastService::Impl::apply(const media::PublishRefused& event) {
    const auto running = find_stream(event.stream_id);
    if (running)
        if (const auto noted = note(running->record.id, "publish_refused", "warning",
                                    "Another encoder with this key was turned away: " + event.reason + ".");
            !noted)
            return noted;
    auto data = about(event.stream_id, running);
    data["reason"] = event.reason;
    data["clientAddress"] = event.client_address;
    context.events.publish("ingest.refused", owner_of(event.stream_id).value_or(""), false, std::move(data));
    return {};
}

base::Result<> BroadcastService::Impl::apply(const media::OutputChanged& event) {
    return record(event.status, false);
}

base::Result<> BroadcastService::Impl::apply(const media::OutputEnded& event) {
    return record(event.status, true);
}

base::Result<> BroadcastService::Impl::record(const media::OutputStatus& status, bool final) {
    const std::lock_guard one_at_a_time(changes_);
    const auto now = context.clock.wall();
    struct Before {
        std::string owner_id;
        std::uint32_t retries = 0;
    };
    const auto running = look(status.broadcast_id, [&](const Running& r) {
        const auto retries = r.retries_seen.find(status.destination_id);
        return Before{r.record.owner_id, retries == r.retries_seen.end() ? 0 : retries->second};
    });
    const std::uint32_t seen = running ? running->retries : 0;
    std::string state_before;
    std::string problem_before;
    const auto part = context.store.broadcasts().update_destination(
        status.broadcast_id, status.destination_id, [&](store::BroadcastDestination& row) -> base::Result<> {
            state_before = row.last_status;
            problem_before = row.last_problem;
            row.last_status = media::to_string(status.state);
            row.last_problem = media::to_string(status.problem);
            row.last_detail = status.detail;
            row.last_error = status.last_error;
            row.last_error_at = status.last_error_at;
            put_counters(row, status.metrics);
            if (status.retry_count > seen) row.retries += status.retry_count - seen;
            if (status.state == media::OutputState::connected) {
                row.last_connected_at = status.connected_at.value_or(now);
                if (!row.first_connected_at) row.first_connected_at = row.last_connected_at;
                if (row.outcome == store::Outcome::pending) row.outcome = store::Outcome::connected;
            }
            if (!status.last_error.empty() && row.reasons.size() < max_reasons &&
                std::find(row.reasons.begin(), row.reasons.end(), status.last_error) == row.reasons.end())
                row.reasons.push_back(status.last_error);
            if (final && !row.left_at) row.left_at = now;
            return {};
        });
    if (!part) {
        // A session or a destination that was deleted meanwhile has nothing to be written to.
        if (part.error().code == base::ErrorCode::not_found) return {};
        return base::fail(part.error());
    }
    edit(status.broadcast_id, [&](Running& r) {
        r.retries_seen[status.destination_id] = status.retry_count;
        for (auto& copy : r.record.destinations)
            if (copy.destination_id == status.destination_id) copy = *part;
    });
    store::DestinationSeen last;
    last.status = media::to_string(
        final && status.state != media::OutputState::error ? media::OutputState::disconnected : status.state);
    last.last_error = status.last_error;
    if (status.state == media::OutputState::connected) last.connected_at = status.connected_at.value_or(now);
    last.retry_count = status.retry_count;
    if (const auto written = context.store.destinations().record_status(status.destination_id, last);
        !written)
        return written;

    const bool changed = part->last_status != state_before || part->last_problem != problem_before;
    if (changed && !final) {
        const bool connected = status.state == media::OutputState::connected;
        const bool wrong = status.state == media::OutputState::error ||
                           (status.problem != media::OutputProblem::none &&
                            status.problem != media::OutputProblem::waiting_for_encoder);
        if (connected || wrong) {
            const std::string what =
                wrong ? (status.last_error.empty() ? status.detail : status.last_error) : "connected";
            if (const auto noted =
                    note(status.broadcast_id, wrong ? "destination_error" : "destination_connected",
                         status.state == media::OutputState::error ? "error"
                         : wrong                                   ? "warning"
                                                                   : "info",
                         part->name + ": " + what, status.destination_id);
                !noted)
                return noted;
        }
    }
    if (running) check_health_soon(status.broadcast_id);
    const auto owner = running ? std::optional(running->owner_id) : owner_of(status.stream_id);
    auto data = payload(status);
    data["name"] = part->name;
    data["platform"] = part->platform;
    context.events.publish("destination.changed", owner.value_or(""), false, std::move(data));
    return {};
}

void BroadcastService::Impl::write_counters(const media::OutputStatus& status) {
    const std::lock_guard one_at_a_time(changes_);
    (void)context.store.broadcasts().update_destination(
        status.broadcast_id, status.destination_id, [&](store::BroadcastDestination& row) -> base::Result<> {
            put_counters(row, status.metrics);
            return {};
        });
}

}  // namespace service
