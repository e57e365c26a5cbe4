#include "api/rest/destination_dto.h"

#include <cmath>

#include "api/rest/respond.h"

namespace api::rest {
namespace {

namespace json = boost::json;

template <class T>
json::value value_or_null(const std::optional<T>& value) {
    if (!value) return nullptr;
    return *value;
}

json::value advice_json(const service::Advice& advice) {
    return to_json(advice);
}

}  // namespace

double rounded(double value) {
    return std::round(value * 100) / 100;
}

json::object to_json(const service::Advice& advice) {
    return {
        {"code", text(advice.code)}, {"severity", text(advice.severity)}, {"message", text(advice.message)}};
}

json::object to_json(const service::DestinationSettings& settings) {
    return {
        {"mode", settings.mode == service::EncodeMode::copy ? "copy" : "transcode"},
        {"videoBitrateKbps", value_or_null(settings.video_bitrate_kbps)},
        {"audioBitrateKbps", value_or_null(settings.audio_bitrate_kbps)},
        {"width", value_or_null(settings.width)},
        {"height", value_or_null(settings.height)},
        {"fps", value_or_null(settings.fps)},
        {"preset", text_or_null(settings.preset)},
        {"keyframeIntervalS", value_or_null(settings.keyframe_interval_s)},
    };
}

json::object to_json(const service::Destination& destination) {
    return {
        {"id", text(destination.id)},
        {"ownerId", text(destination.owner_id)},
        {"platform", text(destination.platform)},
        {"name", text(destination.name)},
        {"rtmpUrl", text_or_null(destination.rtmp_url)},
        {"streamKeyMasked", text_or_null(destination.stream_key_masked)},
        {"bridgeProxyUrl", text_or_null(destination.bridge_proxy_url)},
        {"stationId", text_or_null(destination.station_id)},
        {"isActive", destination.is_active},
        {"settings", to_json(destination.settings)},
        {"maxRetries", destination.max_retries},
        {"lastStatus", text(media::to_string(destination.last_status))},
        {"lastError", text_or_null(destination.last_error)},
        {"lastConnectedAt", time_or_null(destination.last_connected_at)},
        {"retryCount", destination.retry_count},
        {"playbackUrl", text_or_null(destination.playback_url)},
        {"platformStreamId", text_or_null(destination.platform_stream_id)},
        {"notReadyReason", text_or_null(destination.not_ready_reason)},
        {"advice", array_of(destination.advice, advice_json)},
        {"createdAt", time(destination.created_at)},
        {"updatedAt", time(destination.updated_at)},
    };
}

json::object to_json(const media::OutputMetrics& metrics) {
    return {
        {"fps", rounded(metrics.fps)},
        {"bitrateKbps", metrics.bitrate_kbps},
        {"framesSent", metrics.frames_sent},
        {"bytesSent", metrics.bytes_sent},
        {"framesDropped", metrics.frames_dropped},
        {"queueMs", metrics.queue_ms},
        {"queueBytes", metrics.queue_bytes},
        {"rttMs", rounded(metrics.rtt_ms)},
        {"uptimeS", metrics.uptime_s},
        {"reconnects", metrics.reconnects},
    };
}

json::object to_json(const service::DestinationState& state) {
    return {
        {"destinationId", text(state.destination_id)},
        {"status", text(media::to_string(state.state))},
        {"problem", text(media::to_string(state.problem))},
        {"detail", text_or_null(state.detail)},
        {"lastError", text_or_null(state.last_error)},
        {"lastConnectedAt", time_or_null(state.last_connected_at)},
        {"retryCount", state.retry_count},
        {"sessionId", text_or_null(state.session_id)},
        {"metrics", state.metrics ? json::value(to_json(*state.metrics)) : json::value(nullptr)},
    };
}

json::object to_json(const service::ConnectionTest& test) {
    return {
        {"ok", test.ok},
        {"failedStep", text_or_null(test.failed_step)},
        {"message", text(test.message)},
        {"steps", array_of(test.steps,
                           [](const service::ConnectionTest::Step& step) -> json::value {
                               return json::object{{"name", text(step.name)},
                                                   {"ok", step.ok},
                                                   {"tookMs", step.took_ms},
                                                   {"message", text_or_null(step.message)}};
                           })},
    };
}

void read_settings(input::ObjectReader& in, service::DestinationSettings& settings) {
    settings.mode = in.optional_choice("mode", {"copy", "transcode"}).value_or("copy") == "copy"
                        ? service::EncodeMode::copy
                        : service::EncodeMode::transcode;
    settings.video_bitrate_kbps = in.optional_int("videoBitrateKbps", 100, 51'000);
    settings.audio_bitrate_kbps = in.optional_int("audioBitrateKbps", 32, 512);
    settings.width = in.optional_int("width", 128, 8'192);
    settings.height = in.optional_int("height", 128, 8'192);
    settings.fps = in.optional_number("fps", 1, 120);
    settings.preset = in.optional_choice("preset", {"ultrafast", "superfast", "veryfast", "faster", "fast",
                                                    "medium", "slow", "slower", "veryslow"});
    settings.keyframe_interval_s = in.optional_number("keyframeIntervalS", 1, 10);
}

}  // namespace api::rest
