#include "api/rest/recording_dto.h"

#include "api/rest/respond.h"

namespace api::rest {
namespace {

namespace json = boost::json;

json::value number_or_null(int value) {
    if (value == 0) return nullptr;
    return value;
}

}  // namespace

json::object to_json(const service::Recording& recording) {
    constexpr double milliseconds_per_second = 1'000;
    return {
        {"id", text(recording.id)},
        {"title", text(recording.title)},
        {"description", text(recording.description)},
        {"visibility", recording.open ? "public" : "private"},
        {"status", text(service::to_string(recording.status))},
        {"error", text_or_null(recording.problem)},
        {"videoUrl", text_or_null(recording.video_url)},
        {"playlistUrl", text_or_null(recording.playlist_url)},
        {"thumbnailUrl", text_or_null(recording.thumbnail_url)},
        {"duration", static_cast<double>(recording.duration.count()) / milliseconds_per_second},
        {"sizeBytes", recording.size_bytes},
        {"width", number_or_null(recording.width)},
        {"height", number_or_null(recording.height)},
        {"codecs", text_or_null(recording.codecs)},
        {"recordedAt", time(recording.recorded_at)},
        {"ownerId", text(recording.owner_id)},
        {"stationId", text_or_null(recording.station_id)},
        {"livestreamId", text_or_null(recording.livestream_id)},
        {"multistreamSessionId", text_or_null(recording.session_id)},
        {"createdAt", time(recording.created_at)},
        {"updatedAt", time(recording.updated_at)},
    };
}

json::object to_json(const service::SessionRecording& recording) {
    return {
        {"assetId", text(recording.asset_id)},
        {"status", text(service::to_string(recording.status))},
        {"error", text_or_null(recording.problem)},
    };
}

}  // namespace api::rest
