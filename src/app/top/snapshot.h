// What the live table shows, as values read from the API's answers. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace app::top {

struct DestinationRow {
    std::string id;
    std::string name;
    std::string platform;
    std::string state;  // one of the API's five
    std::string detail;
    double fps = 0;
    std::int64_t bitrate_kbps = 0;
    std::int64_t frames_sent = 0;
    std::int64_t bytes_sent = 0;
    std::int64_t frames_dropped = 0;
    std::int64_t queue_ms = 0;
    double rtt_ms = 0;
    std::int64_t reconnects = 0;
};

struct IngestLine {
    bool connected = false;
    std::string video_codec;
    int width = 0;
    int height = 0;
    double fps = 0;
    std::int64_t video_kbps = 0;
    double keyframe_interval_s = 0;
    std::string audio_codec;
    int sample_rate = 0;
    int channels = 0;
    std::int64_t audio_kbps = 0;
    std::int64_t drift_ms = 0;
    std::string client_address;
    std::string client_software;
    std::string protocol;
};

struct SessionBlock {
    std::string id;
    std::string stream_id;
    std::string title;
    std::string status;  // waiting, live, interrupted
    std::string started_at;
    IngestLine ingest;
    std::vector<DestinationRow> destinations;
};

struct Snapshot {
    std::vector<SessionBlock> sessions;
};

// The answer of GET /api/rtmp/status. What is missing or of another type stays at its default.
Snapshot snapshot_from(const boost::json::object& rtmp_status);

}  // namespace app::top
