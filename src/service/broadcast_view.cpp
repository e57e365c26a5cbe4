// What people see of a session: the row, merged with what the engine reports now.
#include "ingest/ingests.h"
#include "service/broadcast_core.h"
#include "service/convert.h"
#include "service/livestream_records.h"
#include "service/playback_links.h"
#include "store/store.h"

namespace service {
namespace {

// The row alone tells of no connection: only what the engine reports now is connected.
SessionEndpoint from_row(const store::BroadcastDestination& part) {
    SessionEndpoint endpoint;
    endpoint.destination_id = part.destination_id;
    endpoint.platform = part.platform;
    endpoint.name = part.name;
    endpoint.state = output_state_from(part.last_status);
    endpoint.problem = output_problem_from(part.last_problem);
    endpoint.detail = part.last_detail;
    endpoint.last_error = part.last_error;
    endpoint.last_error_at = part.last_error_at;
    endpoint.retry_count = part.retries;
    endpoint.metrics.bytes_sent = static_cast<std::uint64_t>(part.bytes_sent);
    endpoint.metrics.frames_sent = static_cast<std::uint64_t>(part.frames_sent);
    endpoint.metrics.frames_dropped = static_cast<std::uint64_t>(part.frames_dropped);
    endpoint.metrics.reconnects = static_cast<std::uint64_t>(part.reconnects);
    endpoint.removed = part.outcome == store::Outcome::removed;
    endpoint.outcome = store::to_string(part.outcome);
    endpoint.reasons = part.reasons;
    return endpoint;
}

void put_status(SessionEndpoint& endpoint, const media::OutputStatus& status) {
    endpoint.state = status.state;
    endpoint.problem = status.problem;
    endpoint.detail = status.detail;
    endpoint.last_error = status.last_error;
    endpoint.last_error_at = status.last_error_at;
    endpoint.connected_at = status.connected_at;
    endpoint.next_retry_at = status.next_retry_at;
    endpoint.retry_count = status.retry_count;
    endpoint.metrics = status.metrics;
}

}  // namespace

std::optional<IngestState> BroadcastService::Impl::ingest_state(const std::string& stream_id) const {
    // The engine's answer is the fresher one; the board also knows encoders that only just left.
    if (const auto now = context.ingests.find(stream_id))
        return IngestState{now->connected, now->ingest_id, now->facts};
    if (const auto last = context.board.ingest(stream_id))
        return IngestState{last->connected, last->ingest_id, last->facts};
    return std::nullopt;
}

Session BroadcastService::Impl::view(const store::Broadcast& record) const {
    Session session;
    session.id = record.id;
    session.user_id = record.owner_id;
    session.stream_id = record.stream_id;
    session.station_id = record.station_id;
    session.livestream_id = record.livestream_id;
    session.title = record.title;
    session.description = record.description;
    session.recording_enabled = record.recording_enabled;
    session.started_at = record.started_at;
    session.live_at = record.live_at;
    session.ended_at = record.ended_at;
    session.end_reason = record.end_reason;
    if (recordings) session.recording = recordings->of_session(record.id);
    const auto running = find(record.id);
    if (!running || record.status == store::BroadcastStatus::ended) {
        session.status =
            record.status == store::BroadcastStatus::ended ? SessionStatus::ended : SessionStatus::waiting;
        for (const auto& part : record.destinations) {
            session.endpoints.push_back(from_row(part));
            SessionEndpoint& endpoint = session.endpoints.back();
            endpoint.skipped = part.outcome == store::Outcome::skipped;
            if (endpoint.skipped && !part.reasons.empty()) endpoint.detail = part.reasons.back();
            if (record.status == store::BroadcastStatus::ended && endpoint.state != media::OutputState::error)
                endpoint.state = media::OutputState::disconnected;
        }
        return session;
    }
    const bool connected = context.board.connected(record.stream_id);
    session.status = record.status == store::BroadcastStatus::waiting ? SessionStatus::waiting
                     : connected                                      ? SessionStatus::live
                                                                      : SessionStatus::interrupted;
    session.ingest = ingest_state(record.stream_id);
    session.viewer_count = context.board.viewers(record.stream_id);
    std::optional<media::IngestFacts> source;
    if (session.ingest && session.ingest->connected) source = session.ingest->facts;
    for (const auto& part : record.destinations) {
        SessionEndpoint endpoint = from_row(part);
        const auto skipped = running->skipped.find(part.destination_id);
        if (skipped != running->skipped.end()) {
            endpoint.skipped = true;
            endpoint.state = media::OutputState::disconnected;
            endpoint.problem = media::OutputProblem::misconfigured;
            endpoint.detail = skipped->second;
        } else if (part.desired) {
            if (const auto status = context.outputs.find(record.id, part.destination_id))
                put_status(endpoint, *status);
            endpoint.advice =
                advice_for(part.platform, part.settings.value_or(store::EncodeSettings{}), source);
        } else {
            endpoint.state = media::OutputState::disconnected;
        }
        session.endpoints.push_back(std::move(endpoint));
    }
    return session;
}

base::Result<Session> BroadcastService::Impl::detail(const std::string& session_id) {
    const auto record = context.store.broadcasts().get(store::Scope::all(), session_id);
    if (!record) return base::fail(record.error());
    Session session = view(*record);
    if (recordings && record->recording_enabled && !session.recording) {
        const auto last = recordings->last_of_session(session_id);
        if (!last) return base::fail(last.error());
        session.recording = *last;
    }
    const auto events = context.store.broadcasts().events(store::Scope::all(), session_id);
    if (!events) return base::fail(events.error());
    for (const auto& event : *events)
        session.events.push_back(
            {event.at, event.kind, event.severity, event.message, event.destination_id.value_or("")});
    return session;
}

base::Result<LiveAnswer> BroadcastService::Impl::live_answer(const Actor& actor, const StreamRef& stream,
                                                             const std::string& session_id) {
    const auto record = context.store.broadcasts().get(store::Scope::all(), session_id);
    if (!record) return base::fail(record.error());
    LiveAnswer answer;
    answer.session = view(*record);
    answer.ingest_url = settings.rtmp_url;
    const bool restricted = stream.livestream && brief_of(*stream.livestream).restricted();
    answer.playback = PlaybackLinks(context, settings).of(stream.playback_id, restricted, actor);
    std::vector<std::string> ids;
    for (const auto& endpoint : answer.session.endpoints)
        if (!endpoint.skipped && !endpoint.removed) ids.push_back(endpoint.destination_id);
    const auto rows = context.store.destinations().get_many(store::Scope::of(record->owner_id), ids);
    if (!rows) return base::fail(rows.error());
    std::optional<media::IngestFacts> source;
    if (answer.session.ingest && answer.session.ingest->connected) source = answer.session.ingest->facts;
    answer.bandwidth = bandwidth(*rows, source);
    return answer;
}

}  // namespace service
