#include "api/rest/broadcast_dto.h"

#include "api/rest/destination_dto.h"
#include "api/rest/recording_dto.h"
#include "api/rest/respond.h"
#include "api/rest/stream_dto.h"

namespace api::rest {
namespace {

namespace json = boost::json;

template <class T>
json::value value_of(const T& item) {
    return to_json(item);
}

json::value video(const media::VideoFacts& facts) {
    if (facts.codec == media::Codec::none) return nullptr;
    return json::object{
        {"codec", text(media::api_name(facts.codec))},
        {"profile", text_or_null(facts.profile)},
        {"width", facts.width},
        {"height", facts.height},
        {"fps", rounded(facts.fps)},
        {"bitrateKbps", facts.bitrate_kbps},
        {"keyframeIntervalS", rounded(facts.keyframe_interval_s)},
        {"hasBFrames", facts.has_b_frames},
    };
}

json::value audio(const media::AudioFacts& facts) {
    if (facts.codec == media::Codec::none) return nullptr;
    return json::object{
        {"codec", text(media::api_name(facts.codec))},
        {"sampleRate", facts.sample_rate},
        {"channels", facts.channels},
        {"bitrateKbps", facts.bitrate_kbps},
    };
}

json::value event_json(const service::SessionEvent& event) {
    return json::object{
        {"at", time(event.at)},
        {"kind", text(event.kind)},
        {"severity", text(event.severity)},
        {"message", text(event.message)},
        {"destinationId", text_or_null(event.destination_id)},
    };
}

json::value issue_json(const service::HealthIssue& issue) {
    return json::object{
        {"code", text(issue.code)},       {"severity", text(service::to_string(issue.severity))},
        {"message", text(issue.message)}, {"destinationId", text_or_null(issue.destination_id)},
        {"since", time(issue.since)},
    };
}

// Who, what, and how it stands: what every answer about an endpoint begins with.
json::object endpoint_head(const service::SessionEndpoint& endpoint) {
    return {
        {"id", text(endpoint.destination_id)},
        {"platform", text(endpoint.platform)},
        {"name", text(endpoint.name)},
        {"status", text(media::to_string(endpoint.state))},
    };
}

}  // namespace

json::object to_json(const service::SessionEndpoint& endpoint) {
    json::object out = endpoint_head(endpoint);
    out["problem"] = text(media::to_string(endpoint.problem));
    out["detail"] = text_or_null(endpoint.detail);
    out["lastError"] = text_or_null(endpoint.last_error);
    out["lastErrorAt"] = time_or_null(endpoint.last_error_at);
    out["connectedAt"] = time_or_null(endpoint.connected_at);
    out["nextRetryAt"] = time_or_null(endpoint.next_retry_at);
    out["retryCount"] = endpoint.retry_count;
    out["skipped"] = endpoint.skipped;
    out["removed"] = endpoint.removed;
    out["outcome"] = text(endpoint.outcome);
    out["reasons"] = texts(endpoint.reasons);
    out["metrics"] = to_json(endpoint.metrics);
    out["advice"] = array_of(endpoint.advice, value_of<service::Advice>);
    return out;
}

json::object metrics_json(const service::SessionEndpoint& endpoint) {
    json::object out = endpoint_head(endpoint);
    for (auto& metric : to_json(endpoint.metrics)) out.emplace(metric.key(), metric.value());
    return out;
}

json::object to_json(const service::IngestState& ingest) {
    const media::IngestFacts& facts = ingest.facts;
    return {
        {"connected", ingest.connected},
        {"ingestId", text_or_null(ingest.ingest_id)},
        {"clientAddress", text_or_null(facts.client_address)},
        {"clientSoftware", text_or_null(facts.client_software)},
        {"protocol", text_or_null(facts.protocol)},
        {"since", facts.since == base::WallTime() ? json::value(nullptr) : time(facts.since)},
        {"video", video(facts.video)},
        {"audio", audio(facts.audio)},
        {"bytes", facts.bytes},
        {"frames", facts.frames},
        {"framesDropped", facts.frames_dropped},
        {"discontinuities", facts.discontinuities},
        {"driftMs", facts.drift_ms},
        {"silentMs", facts.silent_ms},
    };
}

json::object to_json(const service::Session& session) {
    return {
        {"sessionId", text(session.id)},
        {"userId", text(session.user_id)},
        {"streamId", text(session.stream_id)},
        {"stationId", text_or_null(session.station_id)},
        {"livestreamId", text_or_null(session.livestream_id)},
        {"title", text(session.title)},
        {"description", text(session.description)},
        {"status", text(service::to_string(session.status))},
        {"isActive", session.status != service::SessionStatus::ended},
        {"recordingEnabled", session.recording_enabled},
        {"startedAt", time(session.started_at)},
        {"liveAt", time_or_null(session.live_at)},
        {"endedAt", time_or_null(session.ended_at)},
        {"endReason", text_or_null(session.end_reason)},
        {"viewerCount", session.viewer_count},
        {"endpoints", array_of(session.endpoints, value_of<service::SessionEndpoint>)},
        {"events", array_of(session.events, event_json)},
        {"ingest", session.ingest ? json::value(to_json(*session.ingest)) : json::value(nullptr)},
        {"recording", session.recording ? json::value(to_json(*session.recording)) : json::value(nullptr)},
    };
}

json::object to_json(const service::PublicSession& session) {
    const auto endpoint = [](const service::PublicSession::Endpoint& one) -> json::value {
        return json::object{{"platform", text(one.platform)}, {"status", text(media::to_string(one.state))}};
    };
    return {
        {"sessionId", text(session.session_id)},
        {"stationId", text_or_null(session.station_id)},
        {"livestreamId", text_or_null(session.livestream_id)},
        {"title", text(session.title)},
        {"status", text(service::to_string(session.status))},
        {"startedAt", time(session.started_at)},
        {"viewerCount", session.viewer_count},
        {"multistream", json::object{{"endpoints", array_of(session.endpoints, endpoint)}}},
    };
}

json::object to_json(const service::BandwidthAdvice& advice) {
    return {
        {"totalKbps", advice.total_kbps},
        {"recommendedKbps", advice.recommended_kbps},
        {"uplinkKbps", advice.uplink_kbps ? json::value(*advice.uplink_kbps) : json::value(nullptr)},
        {"measured", advice.measured},
        {"enough", advice.enough},
        {"message", text(advice.message)},
    };
}

json::object to_json(const service::LiveAnswer& answer) {
    const service::Session& session = answer.session;
    return {
        {"sessionId", text(session.id)},
        {"streamId", text(session.stream_id)},
        {"stationId", text_or_null(session.station_id)},
        {"livestreamId", text_or_null(session.livestream_id)},
        {"status", text(service::to_string(session.status))},
        {"ingestUrl", text(answer.ingest_url)},
        {"playback", to_json(answer.playback)},
        {"multistream",
         json::object{{"sessionId", text(session.id)},
                      {"endpoints", array_of(session.endpoints, value_of<service::SessionEndpoint>)}}},
        {"bandwidth", to_json(answer.bandwidth)},
    };
}

json::object to_json(const service::Health& health) {
    return {
        {"status", text(service::to_string(health.level))},
        {"score", health.score},
        {"issues", array_of(health.issues, issue_json)},
        {"computedAt", time(health.computed_at)},
    };
}

}  // namespace api::rest
