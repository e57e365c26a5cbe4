#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "platform/advice.h"

namespace platform {
namespace {

// Measured rates swing round what the encoder was set to; limits are about what it was set to.
constexpr double bitrate_tolerance = 1.1;
constexpr double fps_tolerance = 0.5;
constexpr double keyframe_tolerance_s = 0.5;

// "8", "8.3": no more digits than a person reads.
std::string number(double value) {
    const double rounded = std::round(value * 10) / 10;
    return rounded == std::floor(rounded) ? fmt::format("{:.0f}", rounded) : fmt::format("{:.1f}", rounded);
}

bool takes(std::span<const media::Codec> codecs, media::Codec codec) {
    return codecs.empty() || std::find(codecs.begin(), codecs.end(), codec) != codecs.end();
}

// "H.264", "H.264 and HEVC", "H.264, HEVC and AV1".
std::string names(std::span<const media::Codec> codecs) {
    std::string text;
    for (std::size_t i = 0; i < codecs.size(); ++i) {
        if (i > 0) text += i + 1 == codecs.size() ? " and " : ", ";
        text += media::display_name(codecs[i]);
    }
    return text;
}

// Collects advice about one source at one platform.
class SourceCheck {
  public:
    SourceCheck(const Platform& platform, const media::IngestFacts& source)
        : platform_(platform), limits_(platform.limits), video_(source.video), audio_(source.audio) {}

    std::vector<Advice> run() && {
        codecs();
        keyframes();
        picture();
        bitrates();
        std::stable_sort(advice_.begin(), advice_.end(),
                         [](const Advice& a, const Advice& b) { return a.severity > b.severity; });
        return std::move(advice_);
    }

  private:
    void add(std::string_view code, Severity severity, std::string message) {
        advice_.push_back({std::string(code), severity, std::move(message)});
    }

    void codecs() {
        if (video_.codec != media::Codec::none && !takes(limits_.video_codecs, video_.codec))
            add("video_codec_not_taken", Severity::error,
                fmt::format("The encoder sends {}; {} takes {} only: choose {} as the encoder's video codec.",
                            media::display_name(video_.codec), platform_.name, names(limits_.video_codecs),
                            media::display_name(limits_.video_codecs.front())));
        if (audio_.codec != media::Codec::none && !takes(limits_.audio_codecs, audio_.codec))
            add("audio_codec_not_taken", Severity::error,
                fmt::format(
                    "The encoder sends {} sound; {} takes {} only: choose {} as the encoder's audio codec.",
                    media::display_name(audio_.codec), platform_.name, names(limits_.audio_codecs),
                    media::display_name(limits_.audio_codecs.front())));
        if (limits_.audio_required && video_.codec != media::Codec::none &&
            audio_.codec == media::Codec::none)
            add("audio_missing", Severity::error,
                fmt::format("The encoder sends no sound, and {} shows nothing without it: add an audio "
                            "source, even a "
                            "silent one.",
                            platform_.name));
    }

    void keyframes() {
        const double interval = video_.keyframe_interval_s;
        if (interval <= 0) return;
        const std::string wanted = number(limits_.keyframe_interval_s);
        if (limits_.max_keyframe_interval_s > 0 &&
            interval > limits_.max_keyframe_interval_s + keyframe_tolerance_s)
            add("keyframes_too_far_apart", Severity::warning,
                fmt::format(
                    "Keyframes come every {} s; {} wants {} s: set \"keyframe interval\" to {} s in OBS.",
                    number(interval), platform_.name, wanted, wanted));
        else if (interval < limits_.min_keyframe_interval_s - keyframe_tolerance_s)
            add("keyframes_too_close", Severity::warning,
                fmt::format("Keyframes come every {} s; {} wants them at least {} s apart: set \"keyframe "
                            "interval\" to "
                            "{} s in OBS.",
                            number(interval), platform_.name, number(limits_.min_keyframe_interval_s),
                            wanted));
    }

    void picture() {
        const auto [shorter, longer] = std::minmax(video_.width, video_.height);
        const auto [max_shorter, max_longer] = std::minmax(limits_.max_width, limits_.max_height);
        if (max_longer > 0 && (longer > max_longer || shorter > max_shorter))
            add("resolution_too_high", Severity::warning,
                fmt::format("Pictures are {}x{}; {} takes {}x{} at most: set the output resolution lower.",
                            video_.width, video_.height, platform_.name, limits_.max_width,
                            limits_.max_height));
        if (limits_.vertical && video_.width > video_.height)
            add("not_vertical", Severity::info,
                fmt::format(
                    "{} shows upright pictures, and this one lies: viewers see it with bars or cropped.",
                    platform_.name));
        if (limits_.max_fps > 0 && video_.fps > limits_.max_fps + fps_tolerance)
            add("frame_rate_too_high", Severity::warning,
                fmt::format("The encoder sends {} frames a second; {} takes {} at most: set {} fps.",
                            number(video_.fps), platform_.name, number(limits_.max_fps),
                            number(limits_.max_fps)));
    }

    // The limit for this picture where the platform has one, else for any.
    int max_video_kbps() const {
        const int lines = std::min(video_.width, video_.height);
        if (lines > 0 && video_.fps > 0)
            for (const BitrateStep& step : limits_.bitrate_steps)
                if (lines <= step.max_lines && video_.fps <= step.max_fps + fps_tolerance)
                    return step.max_video_kbps;
        return limits_.max_video_kbps;
    }

    void bitrates() {
        const auto over = [](std::int64_t kbps, int limit) {
            return limit > 0 && static_cast<double>(kbps) > limit * bitrate_tolerance;
        };
        if (const int limit = max_video_kbps(); over(video_.bitrate_kbps, limit))
            add("video_bitrate_too_high", Severity::warning,
                fmt::format("Video takes {} kbit/s; {} takes {} at most{}: set the video bitrate to {} "
                            "kbit/s or less.",
                            video_.bitrate_kbps, platform_.name, limit,
                            limit < limits_.max_video_kbps
                                ? fmt::format(" for {}x{}", video_.width, video_.height)
                                : "",
                            limit));
        if (over(audio_.bitrate_kbps, limits_.max_audio_kbps))
            add("audio_bitrate_too_high", Severity::warning,
                fmt::format("Sound takes {} kbit/s; {} takes {} at most: set the audio bitrate to {} kbit/s.",
                            audio_.bitrate_kbps, platform_.name, limits_.max_audio_kbps,
                            limits_.max_audio_kbps));
        if (const auto total = video_.bitrate_kbps + audio_.bitrate_kbps; over(total, limits_.max_total_kbps))
            add("total_bitrate_too_high", Severity::warning,
                fmt::format("Picture and sound take {} kbit/s together; {} takes {} at most: set the video "
                            "bitrate lower.",
                            total, platform_.name, limits_.max_total_kbps));
        if (video_.bitrate_kbps > 0 &&
            static_cast<double>(video_.bitrate_kbps) * bitrate_tolerance < limits_.min_video_kbps)
            add("video_bitrate_too_low", Severity::warning,
                fmt::format("Video takes {} kbit/s; {} wants {} at least: set the video bitrate higher.",
                            video_.bitrate_kbps, platform_.name, limits_.min_video_kbps));
    }

    const Platform& platform_;
    const Limits& limits_;
    const media::VideoFacts& video_;
    const media::AudioFacts& audio_;
    std::vector<Advice> advice_;
};

}  // namespace

std::vector<Advice> check_source(const Platform& platform, const media::IngestFacts& source) {
    return SourceCheck(platform, source).run();
}

}  // namespace platform
