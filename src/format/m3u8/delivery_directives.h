// What a player may ask of a playlist in its query, and whether it is answered now or when more is there
// (draft-pantos-hls-rfc8216bis-22, 6.2.5). Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "format/m3u8/playlist.h"

namespace format::m3u8 {

// What a number of a query may say: no playlist comes near, and players in JavaScript count exactly so far.
inline constexpr std::uint64_t max_msn = (std::uint64_t{1} << 53) - 1;
inline constexpr std::uint32_t max_part = 99'999;
// 6.2.5.2: how far ahead of the last segment one may ask, and for how long an answer may be held back.
inline constexpr std::uint64_t max_segments_ahead = 2;
inline constexpr int max_wait_targets = 3;

// The values of _HLS_msn, _HLS_part and _HLS_skip as they stand in the query, percent-decoded; nothing where
// the query does not name them.
struct DirectiveTexts {
    std::optional<std::string_view> msn = {};
    std::optional<std::string_view> part = {};
    std::optional<std::string_view> skip = {};
};

struct DeliveryDirectives {
    enum class Skip { none, segments, segments_and_date_ranges };

    std::optional<std::uint64_t> msn = {};
    std::optional<std::uint32_t> part = {};
    Skip skip = Skip::none;
};

// Errors: bad_request.
base::Result<DeliveryDirectives> read_delivery_directives(const DirectiveTexts& texts);

// Where a playlist stands.
struct LiveEdge {
    // The media sequence number of the segment in the making: one more than the last whole segment's.
    std::uint64_t next_msn = 0;
    // Parts of the segment in the making, and of the last whole one.
    std::uint32_t open_parts = 0;
    std::uint32_t last_segment_parts = 0;
    bool ended = false;
    std::chrono::seconds target_duration{1};
    // Zero where there are no parts.
    Duration part_target{0};
};

LiveEdge live_edge(const MediaPlaylist& playlist);

struct AnswerNow {
    bool operator==(const AnswerNow&) const = default;
};

// Ask again whenever the edge has moved: a part that turns out to be beyond its segment's last becomes the
// next segment's first. After `max_wait` the answer is 503.
struct WaitFor {
    std::uint64_t msn = 0;
    // Without one, the whole segment is waited for.
    std::optional<std::uint32_t> part = {};
    std::chrono::seconds max_wait{0};

    bool operator==(const WaitFor&) const = default;
};

using Decision = std::variant<AnswerNow, WaitFor>;

// 6.2.5.2. Errors: bad_request where the question is too far ahead.
base::Result<Decision> decide(const LiveEdge& edge, const DeliveryDirectives& directives);

}  // namespace format::m3u8
