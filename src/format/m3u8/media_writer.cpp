#include "format/m3u8/text.h"
#include "format/m3u8/writer.h"

namespace format::m3u8 {
namespace {

// Section 8: what each feature asks of a player.
constexpr unsigned first_version = 1;
constexpr unsigned fractions_version = 3;
constexpr unsigned byte_range_version = 4;
constexpr unsigned map_version = 6;
constexpr unsigned skip_version = 9;

constexpr std::size_t header_size = 512;
constexpr std::size_t segment_size = 192;
constexpr std::size_t part_size = 96;

Duration length_of(const std::vector<Part>& parts) {
    Duration length{0};
    for (const Part& part : parts) length += part.duration;
    return length;
}

// One text in the making.
class MediaWriter {
  public:
    MediaWriter(const MediaPlaylist& playlist, Form form)
        : playlist_(playlist), parts_(form == Form::low_latency) {}

    std::string write(std::size_t skipped) {
        skipped_ = skipped;
        const std::size_t first_with_parts = parts_ ? find_first_with_parts() : playlist_.segments.size();
        reserve(first_with_parts);
        append_header();
        if (skipped_ > 0) {
            append_tag("#EXT-X-SKIP:SKIPPED-SEGMENTS=", skipped_);
            map_ = &playlist_.segments[skipped_ - 1].start.map;
        }
        for (std::size_t i = skipped_; i < playlist_.segments.size(); ++i)
            append_segment(playlist_.segments[i], i >= first_with_parts);
        if (parts_) append_edge();
        if (playlist_.ended) out_ += "#EXT-X-ENDLIST\n";
        return std::move(out_);
    }

    // How many segments a delta update leaves out (6.2.5.1): those that are further from the end of the last
    // part than the boundary.
    std::size_t skippable() const {
        const auto& boundary = playlist_.server_control.can_skip_until;
        if (!boundary || playlist_.ended || !parts_) return 0;
        Duration after = open_length();
        std::size_t count = playlist_.segments.size();
        for (; count > 0 && after <= *boundary; --count) after += playlist_.segments[count - 1].duration;
        return count;
    }

  private:
    Duration open_length() const { return playlist_.open ? length_of(playlist_.open->parts) : Duration(0); }

    // Parts go segment by segment: what is left of a segment's parts would be counted from a wrong index.
    std::size_t find_first_with_parts() const {
        const Duration lifetime = playlist_.target_duration * part_lifetime_targets;
        Duration after = open_length();
        std::size_t first = playlist_.segments.size();
        for (; first > 0 && after <= lifetime; --first) after += playlist_.segments[first - 1].duration;
        return first;
    }

    void reserve(std::size_t first_with_parts) {
        std::size_t parts = playlist_.open ? playlist_.open->parts.size() : 0;
        for (std::size_t i = first_with_parts; i < playlist_.segments.size(); ++i)
            parts += playlist_.segments[i].parts.size();
        out_.reserve(header_size + (playlist_.segments.size() - skipped_) * segment_size + parts * part_size +
                     playlist_.rendition_reports.size() * part_size);
    }

    unsigned version() const {
        if (skipped_ > 0) return skip_version;
        unsigned version = first_version;
        const auto needs = [&](bool feature, unsigned least) {
            if (feature) version = std::max(version, least);
        };
        for (const Segment& segment : playlist_.segments) {
            needs(segment.duration % std::chrono::seconds(1) != Duration(0), fractions_version);
            needs(segment.range.has_value(), byte_range_version);
            needs(!segment.start.map.uri.empty(), map_version);
        }
        needs(parts_ && playlist_.open && !playlist_.open->start.map.uri.empty(), map_version);
        return version;
    }

    void append_header() {
        out_ += "#EXTM3U\n";
        append_tag("#EXT-X-VERSION:", version());
        append_tag("#EXT-X-TARGETDURATION:", static_cast<std::uint64_t>(playlist_.target_duration.count()));
        if (playlist_.type)
            out_ += *playlist_.type == PlaylistType::vod ? "#EXT-X-PLAYLIST-TYPE:VOD\n"
                                                         : "#EXT-X-PLAYLIST-TYPE:EVENT\n";
        if (playlist_.independent_segments) out_ += "#EXT-X-INDEPENDENT-SEGMENTS\n";
        append_server_control();
        if (parts_ && playlist_.part_target > Duration(0)) {
            AttributeLine line(out_, "#EXT-X-PART-INF");
            line.seconds("PART-TARGET", playlist_.part_target);
            line.finish();
        }
        append_tag("#EXT-X-MEDIA-SEQUENCE:", playlist_.media_sequence);
        // A live playlist says it from the start: a line must not come into a playlist that is being read
        // (6.2.1).
        if (!playlist_.type || playlist_.discontinuity_sequence != 0)
            append_tag("#EXT-X-DISCONTINUITY-SEQUENCE:", playlist_.discontinuity_sequence);
    }

    void append_server_control() {
        const ServerControl& control = playlist_.server_control;
        const bool blocks = parts_ && control.can_block_reload;
        const bool skips = parts_ && control.can_skip_until;
        const bool holds_parts = parts_ && control.part_hold_back;
        if (!blocks && !skips && !holds_parts && !control.hold_back) return;
        AttributeLine line(out_, "#EXT-X-SERVER-CONTROL");
        if (blocks) line.word("CAN-BLOCK-RELOAD", "YES");
        if (skips) line.seconds("CAN-SKIP-UNTIL", *control.can_skip_until);
        if (holds_parts) line.seconds("PART-HOLD-BACK", *control.part_hold_back);
        if (control.hold_back) line.seconds("HOLD-BACK", *control.hold_back);
        line.finish();
    }

    void append_start(const SegmentStart& start) {
        if (start.discontinuity) out_ += "#EXT-X-DISCONTINUITY\n";
        if (!start.map.uri.empty() && (map_ == nullptr || *map_ != start.map)) {
            AttributeLine line(out_, "#EXT-X-MAP");
            line.uri(start.map.uri);
            if (start.map.range) line.range(*start.map.range);
            line.finish();
        }
        map_ = &start.map;
        if (!start.program_date_time) return;
        out_ += "#EXT-X-PROGRAM-DATE-TIME:";
        out_ += base::to_rfc3339(*start.program_date_time);
        out_ += '\n';
    }

    void append_parts(const std::vector<Part>& parts) {
        for (const Part& part : parts) {
            AttributeLine line(out_, "#EXT-X-PART");
            line.seconds("DURATION", part.duration);
            line.uri(part.uri);
            if (part.range) line.range(*part.range);
            if (part.independent) line.word("INDEPENDENT", "YES");
            if (part.gap) line.word("GAP", "YES");
            line.finish();
        }
    }

    void append_segment(const Segment& segment, bool with_parts) {
        append_start(segment.start);
        if (with_parts) append_parts(segment.parts);
        if (segment.gap) out_ += "#EXT-X-GAP\n";
        if (segment.range) {
            out_ += "#EXT-X-BYTERANGE:";
            append_number(out_, segment.range->length);
            out_ += '@';
            append_number(out_, segment.range->offset);
            out_ += '\n';
        }
        out_ += "#EXTINF:";
        append_seconds(out_, segment.duration);
        out_ += ",\n";
        append_uri(out_, segment.uri);
        out_ += '\n';
    }

    // What is beyond the last segment.
    void append_edge() {
        if (playlist_.open) {
            append_start(playlist_.open->start);
            append_parts(playlist_.open->parts);
        }
        // 4.4.5.3: nothing is hinted at in a playlist that has ended.
        if (playlist_.preload_hint && !playlist_.ended) append_hint(*playlist_.preload_hint);
        for (const RenditionReport& report : playlist_.rendition_reports) {
            AttributeLine line(out_, "#EXT-X-RENDITION-REPORT");
            line.uri(report.uri);
            line.number("LAST-MSN", report.last_msn);
            if (report.last_part) line.number("LAST-PART", *report.last_part);
            line.finish();
        }
    }

    void append_hint(const PreloadHint& hint) {
        AttributeLine line(out_, "#EXT-X-PRELOAD-HINT");
        line.word("TYPE", hint.type == PreloadHint::Type::part ? "PART" : "MAP");
        line.uri(hint.uri);
        if (hint.range_start != 0 || hint.range_length) line.number("BYTERANGE-START", hint.range_start);
        if (hint.range_length) line.number("BYTERANGE-LENGTH", *hint.range_length);
        line.finish();
    }

    template <std::unsigned_integral T>
    void append_tag(std::string_view tag, T value) {
        out_.append(tag);
        append_number(out_, value);
        out_ += '\n';
    }

    const MediaPlaylist& playlist_;
    const bool parts_;
    std::size_t skipped_ = 0;
    // The one that applies to what comes next.
    const Map* map_ = nullptr;
    std::string out_;
};

}  // namespace

std::string write(const MediaPlaylist& playlist, Form form) {
    return MediaWriter(playlist, form).write(0);
}

std::string write_delta(const MediaPlaylist& playlist) {
    MediaWriter writer(playlist, Form::low_latency);
    return writer.write(writer.skippable());
}

}  // namespace format::m3u8
