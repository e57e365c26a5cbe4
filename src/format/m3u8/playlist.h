// HLS playlists as values (draft-pantos-hls-rfc8216bis-22, section 4; its sections are the numbers below).
// Plain data: whoever makes a playlist owns it. writer.h turns it into text.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace format::m3u8 {

// To the microsecond, which is as much as a playlist's reader can make use of. Who cuts segments of another
// timescale rounds the points of the cut, not the durations, so that their sum stays true.
using Duration = std::chrono::microseconds;

struct ByteRange {
    std::uint64_t length = 0;
    std::uint64_t offset = 0;

    bool operator==(const ByteRange&) const = default;
};

// A media initialization section (4.4.4.5). Without a URI there is none.
struct Map {
    std::string uri = {};
    std::optional<ByteRange> range = {};

    bool operator==(const Map&) const = default;
};

// A partial segment (4.4.4.9). Its index is its place in its segment.
struct Part {
    std::string uri = {};
    Duration duration{0};
    bool independent = false;
    bool gap = false;
    std::optional<ByteRange> range = {};
};

// What is known of a segment when its first sample is. It stands before the first part (4.4.4.9).
struct SegmentStart {
    Map map = {};
    bool discontinuity = false;
    std::optional<base::WallTime> program_date_time = {};
};

struct Segment {
    SegmentStart start = {};
    std::vector<Part> parts = {};
    std::string uri = {};
    Duration duration{0};
    bool gap = false;
    std::optional<ByteRange> range = {};
};

// The segment in the making: only its parts are there yet.
struct OpenSegment {
    SegmentStart start = {};
    std::vector<Part> parts = {};
};

// What a player may ask for before it is there (4.4.5.3). Without a length it ends where the resource ends.
struct PreloadHint {
    enum class Type { part, map };

    Type type = Type::part;
    std::string uri = {};
    std::uint64_t range_start = 0;
    std::optional<std::uint64_t> range_length = {};
};

// How far another rendition is (4.4.5.4). The URI is relative to this playlist's.
struct RenditionReport {
    std::string uri = {};
    std::uint64_t last_msn = 0;
    std::optional<std::uint32_t> last_part = {};
};

// 4.4.3.8
struct ServerControl {
    bool can_block_reload = false;
    std::optional<Duration> hold_back = {};
    std::optional<Duration> part_hold_back = {};
    std::optional<Duration> can_skip_until = {};
};

// The least that 4.4.3.8 allows for a skip boundary and a hold back, in target durations.
inline constexpr int min_skip_boundary_targets = 6;
inline constexpr int min_hold_back_targets = 3;
// What it advises for PART-HOLD-BACK, in part target durations; two is the least.
inline constexpr int part_hold_back_targets = 3;
// After so many target durations a part is no longer listed (6.2.2).
inline constexpr int part_lifetime_targets = 3;

enum class PlaylistType { event, vod };

struct MediaPlaylist {
    std::chrono::seconds target_duration{1};
    // Zero where there are no parts.
    Duration part_target{0};
    ServerControl server_control = {};
    std::optional<PlaylistType> type = {};
    bool independent_segments = false;

    // Of the first segment.
    std::uint64_t media_sequence = 0;
    std::uint64_t discontinuity_sequence = 0;
    std::vector<Segment> segments = {};
    std::optional<OpenSegment> open = {};

    std::optional<PreloadHint> preload_hint = {};
    std::vector<RenditionReport> rendition_reports = {};
    bool ended = false;
};

// The target duration that a longest segment asks for: rounded, half a second up, and at least a second
// (4.4.3.1).
constexpr std::chrono::seconds target_duration_for(Duration longest) {
    return std::max(std::chrono::floor<std::chrono::seconds>(longest + std::chrono::milliseconds(500)),
                    std::chrono::seconds(1));
}

// A rendition of a group of audio (4.4.6.1). Names in a group differ; at most one is the default.
struct AudioRendition {
    std::string group_id = {};
    std::string name = {};
    std::string language = {};
    bool is_default = false;
    bool autoselect = false;
    // Zero where unknown.
    std::uint32_t channels = 0;
    // Empty where the variant itself carries this audio.
    std::string uri = {};
};

struct Resolution {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

struct FrameRate {
    std::uint32_t numerator = 0;
    std::uint32_t denominator = 1;
};

// A variant stream (4.4.6.2). Bandwidths are in bits a second.
struct Variant {
    std::string uri = {};
    std::uint64_t bandwidth = 0;
    std::optional<std::uint64_t> average_bandwidth = {};
    std::string codecs = {};
    std::optional<Resolution> resolution = {};
    std::optional<FrameRate> frame_rate = {};
    std::string audio_group = {};
};

struct MultivariantPlaylist {
    bool independent_segments = false;
    std::vector<AudioRendition> audio = {};
    std::vector<Variant> variants = {};
};

}  // namespace format::m3u8
