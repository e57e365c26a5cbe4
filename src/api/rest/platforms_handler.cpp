#include "api/rest/platforms_handler.h"

#include "api/rest/respond.h"
#include "media/facts.h"
#include "platform/catalogue.h"

namespace api::rest {
namespace {

namespace json = boost::json;
using http::Method;
using http::Response;

// The catalogue writes 0 for what is not known.
template <class Number>
json::value number_or_null(Number number) {
    if (number == 0) return nullptr;
    return number;
}

template <class T, class Write>
json::array array_from(std::span<const T> items, Write write) {
    json::array array;
    for (const T& item : items) array.emplace_back(write(item));
    return array;
}

json::value codec(media::Codec one) {
    return text(media::api_name(one));
}

json::object limits_json(const platform::Limits& limits) {
    const auto step = [](const platform::BitrateStep& one) -> json::value {
        return json::object{
            {"maxLines", one.max_lines}, {"maxFps", one.max_fps}, {"maxVideoKbps", one.max_video_kbps}};
    };
    return {
        {"minVideoKbps", number_or_null(limits.min_video_kbps)},
        {"maxVideoKbps", number_or_null(limits.max_video_kbps)},
        {"maxAudioKbps", number_or_null(limits.max_audio_kbps)},
        {"maxTotalKbps", number_or_null(limits.max_total_kbps)},
        {"maxWidth", number_or_null(limits.max_width)},
        {"maxHeight", number_or_null(limits.max_height)},
        {"maxFps", number_or_null(limits.max_fps)},
        {"keyframeIntervalS", number_or_null(limits.keyframe_interval_s)},
        {"minKeyframeIntervalS", number_or_null(limits.min_keyframe_interval_s)},
        {"maxKeyframeIntervalS", number_or_null(limits.max_keyframe_interval_s)},
        {"videoCodecs", array_from(limits.video_codecs, codec)},
        {"audioCodecs", array_from(limits.audio_codecs, codec)},
        {"bitrateSteps", array_from(limits.bitrate_steps, step)},
        {"audioRequired", limits.audio_required},
        {"vertical", limits.vertical},
    };
}

json::object preset_json(const platform::Preset& preset) {
    return {
        {"preset", text_or_null(preset.encoder_preset)},
        {"videoBitrateKbps", number_or_null(preset.video_bitrate_kbps)},
        {"audioBitrateKbps", number_or_null(preset.audio_bitrate_kbps)},
        {"width", number_or_null(preset.width)},
        {"height", number_or_null(preset.height)},
        {"fps", number_or_null(preset.fps)},
        {"keyframeIntervalS", number_or_null(preset.keyframe_interval_s)},
        {"lowLatency", preset.low_latency},
    };
}

json::value platform_json(const platform::Platform& one) {
    const auto url = [](const platform::IngestUrl& ingest) -> json::value {
        return json::object{{"label", text(ingest.label)}, {"url", text(ingest.url)}};
    };
    return json::object{
        {"id", text(one.id)},
        {"name", text(one.name)},
        {"ingestUrls", array_from(one.ingest_urls, url)},
        {"urlPlaceholder", text_or_null(one.url_placeholder)},
        {"key", json::object{{"description", text_or_null(one.key.description)},
                             {"placeholder", text_or_null(one.key.placeholder)},
                             {"perBroadcast", one.key.per_broadcast},
                             {"help", text_or_null(one.key_help)},
                             {"page", text_or_null(one.key_page)}}},
        {"limits", limits_json(one.limits)},
        {"preset", preset_json(one.preset)},
        {"advice", array_from(one.advice, text)},
        {"bridgeNeeded", one.bridge_needed},
    };
}

base::Result<Response> list_platforms(Context&) {
    return ok({{"platforms", array_from(platform::catalogue(), platform_json)}});
}

constexpr Route route_table[] = {
    {Method::get, "/api/platforms", Access::anyone, no_scope, Query::none, list_platforms},
};

}  // namespace

std::span<const Route> platforms_routes() {
    return route_table;
}

}  // namespace api::rest
