#include "service/destination_rules.h"

#include <algorithm>
#include <array>

#include "net/push_url.h"
#include "platform/advice.h"
#include "platform/catalogue.h"
#include "service/validation.h"

namespace service {
namespace {

constexpr std::int64_t unknown_source_kbps = 6'000;
constexpr std::int64_t unknown_audio_kbps = 128;
constexpr int most_retries = 10'000;
constexpr std::size_t max_platform_stream_id = 200;

constexpr std::array<std::string_view, 9> encoder_presets = {
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"};

base::Result<net::PushUrl> url_in(std::string_view field, const std::string& text) {
    auto url = net::parse_push_url(text);
    if (!url) return invalid(field, std::string(field) + ": " + url.error().message);
    return url;
}

base::Result<> check_urls(const store::Destination& record, const platform::Platform& platform) {
    if (!record.bridge_proxy_url.empty())
        if (const auto bridge = url_in("bridgeProxyUrl", record.bridge_proxy_url); !bridge)
            return base::fail(bridge.error());
    if (record.rtmp_url.empty()) {
        if (!record.bridge_proxy_url.empty()) return {};
        const std::string name(platform.name);
        if (platform.bridge_needed)
            return base::fail({base::ErrorCode::invalid_argument,
                               name +
                                   " has no public RTMP for every account: give bridgeProxyUrl, or as "
                                   "rtmpUrl the rtmps:// URL that " +
                                   name + " shows for this account.",
                               "bridge_required",
                               {{"field", "bridgeProxyUrl"}}});
        return invalid("rtmpUrl",
                       name + " gives every account or event a URL of its own: rtmpUrl is needed.");
    }
    const auto url = url_in("rtmpUrl", record.rtmp_url);
    if (!url) return base::fail(url.error());
    if (!url->is_rtmp())
        return invalid("rtmpUrl",
                       "rtmpUrl has to begin with rtmp:// or rtmps://; an http(s):// receiver belongs into "
                       "bridgeProxyUrl.");
    if (platform.bridge_needed && record.bridge_proxy_url.empty() && url->scheme != net::PushScheme::rtmps)
        return invalid("rtmpUrl",
                       "Without a bridge, " + std::string(platform.name) + " is reached by rtmps:// only.");
    return {};
}

}  // namespace

base::Result<> check_settings(const DestinationSettings& settings) {
    struct Range {
        std::string_view field;
        std::optional<double> value;
        double least;
        double most;
        std::string_view unit;
    };
    const Range ranges[] = {{"videoBitrateKbps", settings.video_bitrate_kbps, 100, 51'000, "kbps"},
                            {"audioBitrateKbps", settings.audio_bitrate_kbps, 32, 512, "kbps"},
                            {"width", settings.width, 128, 8'192, "pixels"},
                            {"height", settings.height, 128, 8'192, "pixels"},
                            {"fps", settings.fps, 1, 120, "frames per second"},
                            {"keyframeIntervalS", settings.keyframe_interval_s, 1, 10, "seconds"}};
    for (const Range& range : ranges)
        if (range.value)
            if (const auto fits = check_range("settings." + std::string(range.field), *range.value,
                                              range.least, range.most, range.unit);
                !fits)
                return fits;
    if (settings.width.value_or(0) % 2 != 0)
        return invalid("settings.width", "settings.width has to be even.");
    if (settings.height.value_or(0) % 2 != 0)
        return invalid("settings.height", "settings.height has to be even.");
    if (settings.width.has_value() != settings.height.has_value())
        return invalid("settings.width",
                       "settings.width and settings.height are given together or not at all.");
    if (settings.preset &&
        std::find(encoder_presets.begin(), encoder_presets.end(), *settings.preset) == encoder_presets.end())
        return invalid("settings.preset",
                       "settings.preset has to be one of ultrafast, superfast, veryfast, faster, fast, "
                       "medium, slow, slower, veryslow.");
    return {};
}

base::Result<> complete(store::Destination& record) {
    const platform::Platform* platform = platform::find(record.platform);
    if (!platform)
        return invalid(
            "platform",
            "There is no such platform; GET /api/platforms lists them, and custom takes any RTMP server.");
    if (record.name.empty()) record.name = platform->name;
    auto name = check_name("name", record.name);
    if (!name) return base::fail(std::move(name.error()));
    record.name = std::move(*name);
    // Where every account has a URL of its own, the catalogue's is an example and no default.
    if (record.rtmp_url.empty() && record.bridge_proxy_url.empty() && !platform->bridge_needed &&
        !platform->ingest_urls.empty())
        record.rtmp_url = platform->ingest_urls.front().url;
    if (const auto fit = check_urls(record, *platform); !fit) return fit;

    const std::string& key = record.stream_key.reveal();
    if (key.size() > max_stream_key)
        return invalid("streamKey", "streamKey is longer than " + std::to_string(max_stream_key) + " bytes.");
    if (std::any_of(key.begin(), key.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
        return invalid("streamKey",
                       "streamKey holds a line break or another control character: paste it once more.");
    if (const auto fits =
            check_range("maxRetries", static_cast<double>(record.max_retries), 0, most_retries, "");
        !fits)
        return fits;
    auto playback = check_web_url("playbackUrl", record.playback_url);
    if (!playback) return base::fail(std::move(playback.error()));
    record.playback_url = std::move(*playback);
    auto id = check_text("platformStreamId", record.platform_stream_id, max_platform_stream_id);
    if (!id) return base::fail(std::move(id.error()));
    record.platform_stream_id = std::move(*id);
    return {};
}

Target target_of(const store::Destination& record) {
    if (!record.is_active) return {std::nullopt, "It is switched off."};
    const platform::Platform* platform = platform::find(record.platform);
    const std::string& url = record.bridge_proxy_url.empty() ? record.rtmp_url : record.bridge_proxy_url;
    if (url.empty())
        return {std::nullopt,
                platform && platform->bridge_needed
                    ? "It has neither a bridge nor the rtmps:// URL that the platform gave this account."
                    : "It has no server URL."};
    const auto parsed = net::parse_push_url(url);
    if (!parsed) return {std::nullopt, "Its server URL cannot be used: " + parsed.error().message};
    // Some own servers want no key; every platform does.
    if (record.stream_key.empty() && parsed->is_rtmp() && record.platform != "custom")
        return {std::nullopt, "It has no stream key."};
    output::DesiredOutput output;
    output.destination_id = record.id;
    output.name = record.name;
    output.platform = record.platform;
    output.url = url;
    output.stream_key = record.stream_key;
    output.max_retries = static_cast<std::uint32_t>(record.max_retries);
    return {std::move(output), {}};
}

std::vector<Advice> advice_for(const std::string& platform_id, const store::EncodeSettings& settings,
                               const std::optional<media::IngestFacts>& source) {
    std::vector<Advice> all;
    if (settings.mode == store::EncodeMode::transcode)
        all.push_back({"transcode_not_available", "warning",
                       "This server does not re-encode: the stream is sent as the encoder makes it."});
    const platform::Platform* platform = platform::find(platform_id);
    if (!platform || !source) return all;
    for (auto& advice : platform::check_source(*platform, *source))
        all.push_back({std::move(advice.code), std::string(platform::to_string(advice.severity)),
                       std::move(advice.message)});
    return all;
}

std::int64_t expected_kbps(const std::string& platform_id, const std::optional<media::IngestFacts>& source) {
    if (source && source->video.bitrate_kbps > 0)
        return source->video.bitrate_kbps + source->audio.bitrate_kbps;
    const platform::Platform* platform = platform::find(platform_id);
    if (platform && platform->preset.video_bitrate_kbps > 0)
        return platform->preset.video_bitrate_kbps + platform->preset.audio_bitrate_kbps;
    if (platform && platform->limits.max_video_kbps > 0)
        return std::min<std::int64_t>(platform->limits.max_video_kbps, unknown_source_kbps) +
               unknown_audio_kbps;
    return unknown_source_kbps + unknown_audio_kbps;
}

}  // namespace service
