#include "app/top/snapshot.h"

#include <boost/json/array.hpp>

namespace app::top {
namespace {

using boost::json::object;

const object& child(const object& parent, std::string_view name) {
    static const object nothing;
    const auto* value = parent.if_contains(name);
    return value != nullptr && value->is_object() ? value->as_object() : nothing;
}

std::string text(const object& parent, std::string_view name) {
    const auto* value = parent.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

double number(const object& parent, std::string_view name) {
    const auto* value = parent.if_contains(name);
    boost::json::error_code error;
    return value != nullptr && value->is_number() ? value->to_number<double>(error) : 0;
}

template <class Integer = std::int64_t>
Integer integer(const object& parent, std::string_view name) {
    return static_cast<Integer>(number(parent, name));
}

bool boolean(const object& parent, std::string_view name) {
    const auto* value = parent.if_contains(name);
    return value != nullptr && value->is_bool() && value->as_bool();
}

template <class Read>
void for_each_object(const object& parent, std::string_view name, Read read) {
    const auto* value = parent.if_contains(name);
    if (value == nullptr || !value->is_array()) return;
    for (const auto& item : value->as_array())
        if (item.is_object()) read(item.as_object());
}

DestinationRow destination_from(const object& json) {
    const object& metrics = child(json, "metrics");
    DestinationRow row;
    row.id = text(json, "id");
    row.name = text(json, "name");
    row.platform = text(json, "platform");
    row.state = text(json, "status");
    row.detail = text(json, "detail");
    row.fps = number(metrics, "fps");
    row.bitrate_kbps = integer(metrics, "bitrateKbps");
    row.frames_sent = integer(metrics, "framesSent");
    row.bytes_sent = integer(metrics, "bytesSent");
    row.frames_dropped = integer(metrics, "framesDropped");
    row.queue_ms = integer(metrics, "queueMs");
    row.rtt_ms = number(metrics, "rttMs");
    row.reconnects = integer(metrics, "reconnects");
    return row;
}

IngestLine ingest_from(const object& json) {
    const object& video = child(json, "video");
    const object& audio = child(json, "audio");
    IngestLine line;
    line.connected = boolean(json, "connected");
    line.video_codec = text(video, "codec");
    line.width = integer<int>(video, "width");
    line.height = integer<int>(video, "height");
    line.fps = number(video, "fps");
    line.video_kbps = integer(video, "bitrateKbps");
    line.keyframe_interval_s = number(video, "keyframeIntervalS");
    line.audio_codec = text(audio, "codec");
    line.sample_rate = integer<int>(audio, "sampleRate");
    line.channels = integer<int>(audio, "channels");
    line.audio_kbps = integer(audio, "bitrateKbps");
    line.drift_ms = integer(json, "driftMs");
    line.client_address = text(json, "clientAddress");
    line.client_software = text(json, "clientSoftware");
    line.protocol = text(json, "protocol");
    return line;
}

}  // namespace

Snapshot snapshot_from(const object& rtmp_status) {
    Snapshot snapshot;
    for_each_object(rtmp_status, "sessions", [&](const object& json) {
        SessionBlock session;
        session.id = text(json, "sessionId");
        session.stream_id = text(json, "streamId");
        session.title = text(json, "title");
        session.status = text(json, "status");
        session.started_at = text(json, "startedAt");
        session.ingest = ingest_from(child(json, "ingest"));
        for_each_object(json, "endpoints", [&](const object& endpoint) {
            session.destinations.push_back(destination_from(endpoint));
        });
        snapshot.sessions.push_back(std::move(session));
    });
    return snapshot;
}

}  // namespace app::top
