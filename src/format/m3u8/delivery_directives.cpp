#include "format/m3u8/delivery_directives.h"

#include <charconv>
#include <string>

namespace format::m3u8 {
namespace {

base::Result<std::uint64_t> read_number(std::string_view name, std::string_view text, std::uint64_t most) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    // from_chars takes digits alone for an unsigned number: no sign, no space.
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || stop != end || error == std::errc::invalid_argument)
        return base::fail(base::ErrorCode::bad_request,
                          std::string(name) + " must be a number: digits alone.");
    if (error == std::errc::result_out_of_range || value > most)
        return base::fail(base::ErrorCode::bad_request,
                          std::string(name) + " must be at most " + std::to_string(most) + ".");
    return value;
}

// How many parts ahead of the last one may be asked for (6.2.5.2).
std::uint64_t advance_part_limit(Duration part_target) {
    constexpr std::uint64_t limit = 3;
    if (part_target >= std::chrono::seconds(1)) return limit;
    const Duration span = std::chrono::seconds(limit);
    return static_cast<std::uint64_t>((span + part_target - Duration(1)) / part_target);
}

}  // namespace

base::Result<DeliveryDirectives> read_delivery_directives(const DirectiveTexts& texts) {
    DeliveryDirectives directives;
    if (texts.msn) {
        const auto msn = read_number("_HLS_msn", *texts.msn, max_msn);
        if (!msn) return base::fail(msn.error());
        directives.msn = *msn;
    }
    if (texts.part) {
        if (!directives.msn)
            return base::fail(base::ErrorCode::bad_request,
                              "_HLS_part says nothing without _HLS_msn: give both.");
        const auto part = read_number("_HLS_part", *texts.part, max_part);
        if (!part) return base::fail(part.error());
        directives.part = static_cast<std::uint32_t>(*part);
    }
    if (texts.skip) {
        if (*texts.skip == "YES")
            directives.skip = DeliveryDirectives::Skip::segments;
        else if (*texts.skip == "v2")
            directives.skip = DeliveryDirectives::Skip::segments_and_date_ranges;
        else
            return base::fail(base::ErrorCode::bad_request, "_HLS_skip must be YES or v2.");
    }
    return directives;
}

LiveEdge live_edge(const MediaPlaylist& playlist) {
    const auto count = [](const std::vector<Part>& parts) {
        return static_cast<std::uint32_t>(parts.size());
    };
    return {.next_msn = playlist.media_sequence + playlist.segments.size(),
            .open_parts = playlist.open ? count(playlist.open->parts) : 0,
            .last_segment_parts = playlist.segments.empty() ? 0 : count(playlist.segments.back().parts),
            .ended = playlist.ended,
            .target_duration = playlist.target_duration,
            .part_target = playlist.part_target};
}

base::Result<Decision> decide(const LiveEdge& edge, const DeliveryDirectives& directives) {
    if (edge.ended || !directives.msn) return AnswerNow{};
    std::uint64_t msn = *directives.msn;
    std::optional<std::uint32_t> part = directives.part;
    // A playlist of whole segments has no part to wait for.
    if (edge.part_target <= Duration(0)) part.reset();

    // The last whole segment's number is one less than next_msn; of an empty playlist it would be -1.
    if (msn >= edge.next_msn + max_segments_ahead)
        return base::fail(base::ErrorCode::bad_request, "_HLS_msn=" + std::to_string(msn) + " is more than " +
                                                            std::to_string(max_segments_ahead) +
                                                            " segments ahead: the segment in the making is " +
                                                            std::to_string(edge.next_msn) + ".");

    const bool is_last_whole = msn + 1 == edge.next_msn;
    if (part && is_last_whole && *part >= edge.last_segment_parts) {
        msn = edge.next_msn;
        part = 0;
    }
    if (msn < edge.next_msn) return AnswerNow{};

    if (part) {
        const std::uint32_t there = msn == edge.next_msn ? edge.open_parts : 0;
        if (*part < there) return AnswerNow{};
        if (*part >= there + advance_part_limit(edge.part_target))
            return base::fail(base::ErrorCode::bad_request,
                              "_HLS_part=" + std::to_string(*part) + " is too far ahead: segment " +
                                  std::to_string(msn) + " has " + std::to_string(there) + " parts.");
    }
    return WaitFor{.msn = msn, .part = part, .max_wait = edge.target_duration * max_wait_targets};
}

}  // namespace format::m3u8
