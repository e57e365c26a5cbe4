#include "service/event_payloads.h"

#include <boost/json/array.hpp>

namespace service {
namespace {

boost::json::value time_or_null(const std::optional<base::WallTime>& time) {
    if (!time) return nullptr;
    return boost::json::value(base::to_rfc3339(*time));
}

boost::json::object figures(const media::OutputMetrics& metrics) {
    return {{"fps", metrics.fps},
            {"bitrateKbps", metrics.bitrate_kbps},
            {"framesSent", metrics.frames_sent},
            {"bytesSent", metrics.bytes_sent},
            {"framesDropped", metrics.frames_dropped},
            {"queueMs", metrics.queue_ms},
            {"rttMs", metrics.rtt_ms},
            {"uptimeS", metrics.uptime_s},
            {"reconnects", metrics.reconnects}};
}

boost::json::value text_or_null(const std::optional<std::string>& text) {
    if (!text) return nullptr;
    return boost::json::value(*text);
}

}  // namespace

boost::json::object payload(const media::IngestFacts& facts) {
    boost::json::object video{{"codec", media::api_name(facts.video.codec)},
                              {"profile", facts.video.profile},
                              {"width", facts.video.width},
                              {"height", facts.video.height},
                              {"fps", facts.video.fps},
                              {"bitrateKbps", facts.video.bitrate_kbps},
                              {"keyframeIntervalS", facts.video.keyframe_interval_s}};
    boost::json::object audio{{"codec", media::api_name(facts.audio.codec)},
                              {"sampleRate", facts.audio.sample_rate},
                              {"channels", facts.audio.channels},
                              {"bitrateKbps", facts.audio.bitrate_kbps}};
    return {{"clientAddress", facts.client_address},
            {"clientSoftware", facts.client_software},
            {"protocol", facts.protocol},
            {"since", base::to_rfc3339(facts.since)},
            {"video", std::move(video)},
            {"audio", std::move(audio)},
            {"driftMs", facts.drift_ms},
            {"framesDropped", facts.frames_dropped},
            {"discontinuities", facts.discontinuities}};
}

boost::json::object payload(const media::OutputStatus& status) {
    return {{"sessionId", status.broadcast_id},
            {"streamId", status.stream_id},
            {"destinationId", status.destination_id},
            {"status", media::to_string(status.state)},
            {"problem", media::to_string(status.problem)},
            {"detail", status.detail},
            {"lastError", status.last_error},
            {"connectedAt", time_or_null(status.connected_at)},
            {"nextRetryAt", time_or_null(status.next_retry_at)},
            {"retryCount", status.retry_count},
            {"metrics", figures(status.metrics)}};
}

boost::json::object payload(const store::Broadcast& session) {
    return {{"sessionId", session.id},
            {"streamId", session.stream_id},
            {"stationId", text_or_null(session.station_id)},
            {"livestreamId", text_or_null(session.livestream_id)},
            {"title", session.title},
            {"status", store::to_string(session.status)},
            {"endReason", session.end_reason},
            {"startedAt", base::to_rfc3339(session.started_at)}};
}

boost::json::object payload(const std::string& session_id, const Health& health) {
    boost::json::array issues;
    for (const HealthIssue& issue : health.issues) {
        boost::json::object one{{"code", issue.code},
                                {"severity", to_string(issue.severity)},
                                {"message", issue.message},
                                {"since", base::to_rfc3339(issue.since)}};
        if (!issue.destination_id.empty()) one["destinationId"] = issue.destination_id;
        issues.push_back(std::move(one));
    }
    return {{"sessionId", session_id},
            {"health", to_string(health.level)},
            {"score", health.score},
            {"issues", std::move(issues)}};
}

boost::json::object figures(const media::OutputStatus& status) {
    boost::json::object all = figures(status.metrics);
    all["destinationId"] = status.destination_id;
    all["status"] = media::to_string(status.state);
    return all;
}

}  // namespace service
