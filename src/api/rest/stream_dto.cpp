#include "api/rest/stream_dto.h"

#include "api/rest/respond.h"

namespace api::rest {
namespace {

namespace json = boost::json;

json::value show(const service::CurrentShow& show) {
    return json::object{
        {"sessionId", text(show.session_id)}, {"livestreamId", text_or_null(show.livestream_id)},
        {"title", text(show.title)},          {"description", text(show.description)},
        {"startedAt", time(show.started_at)}, {"viewerCount", show.viewer_count},
        {"playback", to_json(show.playback)},
    };
}

}  // namespace

json::object to_json(const service::Playback& playback) {
    return {
        {"playbackId", text(playback.playback_id)},
        {"hlsUrl", text_or_null(playback.hls_url)},
        {"rtmpUrl", text_or_null(playback.rtmp_url)},
    };
}

json::object to_json(const service::Station& station, const service::Actor& reader) {
    json::object out{
        {"id", text(station.id)},
        {"slug", text(station.slug)},
        {"name", text(station.name)},
        {"description", text(station.description)},
        {"artworkUrl", text_or_null(station.artwork_url)},
        {"ownerId", text(station.owner_id)},
        {"isLive", station.is_live},
        {"currentLivestream", station.current ? show(*station.current) : json::value(nullptr)},
        {"createdAt", time(station.created_at)},
        {"updatedAt", time(station.updated_at)},
    };
    if (station.stream_key) {
        out["streamKeyMasked"] = text(station.stream_key->masked());
        if (reader.owns(station.owner_id)) out["streamKey"] = text(station.stream_key->reveal());
    }
    if (station.rtmp_url) out["rtmpUrl"] = text(*station.rtmp_url);
    return out;
}

json::object to_json(const service::Livestream& livestream, const service::Actor& reader) {
    json::object out{
        {"id", text(livestream.id)},
        {"owner_id", text(livestream.owner_id)},
        {"station_id", text_or_null(livestream.station_id)},
        {"title", text(livestream.title)},
        {"description", text(livestream.description)},
        {"status", text(service::to_string(livestream.status))},
        {"scheduled_at", time_or_null(livestream.scheduled_at)},
        {"started_at", time_or_null(livestream.started_at)},
        {"ended_at", time_or_null(livestream.ended_at)},
        {"token_gate_amount", livestream.token_gate_amount},
        {"visibility", text(service::to_string(livestream.visibility))},
        {"record", livestream.record},
        {"ready", livestream.ready},
        {"viewer_count", livestream.viewer_count},
        {"peak_viewers", livestream.peak_viewers},
        {"total_viewers", livestream.total_viewers},
        {"created_at", time(livestream.created_at)},
        {"updated_at", time(livestream.updated_at)},
    };
    if (livestream.playback) {
        out["playback_id"] = text(livestream.playback->playback_id);
        if (livestream.playback->hls_url) out["hls_url"] = text(*livestream.playback->hls_url);
    }
    if (livestream.stream_key) {
        out["stream_key_masked"] = text(livestream.stream_key->masked());
        if (reader.owns(livestream.owner_id)) out["stream_key"] = text(livestream.stream_key->reveal());
    }
    if (reader.manages(livestream.owner_id)) {
        out["destination_ids"] = texts(livestream.destination_ids);
        out["profile_id"] = text_or_null(livestream.profile_id);
    }
    if (livestream.rtmp_url) out["rtmp_url"] = text(*livestream.rtmp_url);
    return out;
}

}  // namespace api::rest
