// The catalogue of platforms: where each takes streams, what it takes, what its keys look like, and what to
// tell a creator. Data, made once and never changed; safe from any thread.
#pragma once

#include <span>
#include <string_view>

#include "media/frame.h"

namespace platform {

struct IngestUrl {
    std::string_view url;
    std::string_view label;  // "Primary", "Backup", "Tokyo"
};

// A bitrate limit that depends on the picture: for pictures whose shorter side is at most `max_lines`.
struct BitrateStep {
    int max_lines = 0;
    double max_fps = 0;
    int max_video_kbps = 0;
};

// 0 is "none known" throughout. Sizes are compared side by side, whichever way the picture stands.
struct Limits {
    int min_video_kbps = 0;
    int max_video_kbps = 0;
    int max_audio_kbps = 0;
    int max_total_kbps = 0;
    int max_width = 0;
    int max_height = 0;
    double max_fps = 0;
    double keyframe_interval_s = 0;      // recommended
    double min_keyframe_interval_s = 0;  // outside these two the platform complains
    double max_keyframe_interval_s = 0;
    std::span<const media::Codec> video_codecs = {};  // empty: any
    std::span<const media::Codec> audio_codecs = {};
    std::span<const BitrateStep> bitrate_steps = {};
    bool audio_required = false;
    bool vertical = false;  // shown upright: 9:16
};

struct KeyFormat {
    // "five groups of four letters and digits"
    std::string_view description;
    std::string_view placeholder;
    // Whether a key has the shape that this platform's keys have.
    bool (*looks_right)(std::string_view key) = nullptr;
    // A new one for each broadcast: it cannot be stored once and used for ever.
    bool per_broadcast = false;
};

// What transcode mode starts from.
struct Preset {
    std::string_view encoder_preset;  // x264's name
    int video_bitrate_kbps = 0;
    int audio_bitrate_kbps = 128;
    int width = 0;  // 0: as the source
    int height = 0;
    double fps = 0;
    double keyframe_interval_s = 2;
    bool low_latency = false;
};

struct Platform {
    std::string_view id;
    std::string_view name;
    // Preferred first: encrypted where the platform offers it. Empty where every account or event has a URL
    // of its own.
    std::span<const IngestUrl> ingest_urls;
    // What a URL there looks like: for the form's empty field.
    std::string_view url_placeholder;
    Limits limits;
    KeyFormat key;
    Preset preset;
    // Short plain sentences.
    std::span<const std::string_view> advice;
    // There is no public RTMP for every account: it takes a bridge, or the URL that the platform gave this
    // account.
    bool bridge_needed = false;
    // Where a creator finds URL and key.
    std::string_view key_help;
    std::string_view key_page;
};

std::span<const Platform> catalogue();
// nullptr for an id that is not in the catalogue.
const Platform* find(std::string_view id);

}  // namespace platform
