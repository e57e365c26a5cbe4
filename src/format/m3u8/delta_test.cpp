// The promise of delta updates (draft-pantos-hls-rfc8216bis-22, 6.2.5.1): whoever lays one over the full
// playlist he has, has the full playlist of now. Random shows, and a reader of our own.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

#include "format/m3u8/writer.h"

namespace format::m3u8 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

// What a player knows of a segment.
struct Known {
    std::string map;
    std::uint64_t discontinuities = 0;
    Lines parts;
    Lines own;  // all other tags, and the URI

    bool operator==(const Known&) const = default;
};

struct Read {
    Lines header;  // but for the version, which a delta update raises
    std::map<std::uint64_t, Known> segments;
    Known open;
    Lines tail;
    std::uint64_t skipped = 0;

    bool operator==(const Read& other) const {
        return header == other.header && segments == other.segments && open == other.open &&
               tail == other.tail;
    }
};

// Reads a playlist; what it skips is taken from `before`.
Read read(const std::string& text, const Read* before) {
    Read result;
    Known next;
    std::uint64_t msn = 0;
    bool in_header = true;
    const auto value = [](const std::string& line) {
        return std::stoull(line.substr(line.find_first_of(":=") + 1));
    };
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < text.size(); begin = end + 1) {
        end = text.find('\n', begin);
        EXPECT_NE(end, std::string::npos) << "a last line without its end";
        if (end == std::string::npos) break;
        const std::string line = text.substr(begin, end - begin);
        const auto is = [&](std::string_view tag) { return line.starts_with(tag); };
        if (is("#EXT-X-MEDIA-SEQUENCE:")) msn = value(line);
        if (is("#EXT-X-DISCONTINUITY-SEQUENCE:")) next.discontinuities = value(line);
        if (is("#EXT-X-VERSION:")) continue;
        if (is("#EXT-X-SKIP:")) {
            result.skipped = std::stoull(line.substr(line.find('=') + 1));
            for (std::uint64_t i = 0; i < result.skipped; ++i, ++msn) {
                const auto old = before == nullptr ? std::map<std::uint64_t, Known>::const_iterator{}
                                                   : before->segments.find(msn);
                if (before == nullptr || old == before->segments.end()) {
                    ADD_FAILURE() << "segment " << msn << " is skipped, and was never seen";
                    return result;
                }
                Known& known = result.segments[msn] = old->second;
                known.parts.clear();
                next.map = known.map;
                next.discontinuities = known.discontinuities;
            }
            in_header = false;
            continue;
        }
        const bool of_segment = !line.starts_with('#') || is("#EXTINF") || is("#EXT-X-MAP") ||
                                is("#EXT-X-PART:") || is("#EXT-X-PROGRAM") || is("#EXT-X-GAP") ||
                                is("#EXT-X-BYTERANGE") || line == "#EXT-X-DISCONTINUITY";
        if (of_segment) in_header = false;
        if (in_header) {
            result.header.push_back(line);
        } else if (!of_segment) {
            result.tail.push_back(line);
        } else if (line == "#EXT-X-DISCONTINUITY") {
            ++next.discontinuities;
        } else if (is("#EXT-X-MAP")) {
            next.map = line;
        } else if (is("#EXT-X-PART:")) {
            next.parts.push_back(line);
        } else {
            next.own.push_back(line);
            if (line.starts_with('#')) continue;
            result.segments[msn++] = next;
            next.parts.clear();
            next.own.clear();
        }
    }
    result.open = next;
    return result;
}

// A live show of two-second segments that does what live shows do.
class Show {
  public:
    explicit Show(unsigned seed) : random_(seed) {
        playlist_.target_duration = seconds(2);
        playlist_.part_target = milliseconds(500);
        playlist_.server_control = {.can_block_reload = true,
                                    .part_hold_back = milliseconds(1500),
                                    .can_skip_until = seconds(2) * min_skip_boundary_targets};
        playlist_.media_sequence = random_() % 1000;
        playlist_.discontinuity_sequence = random_() % 10;
        window_ = seconds(6 + random_() % 40);
        open();
    }

    const MediaPlaylist& playlist() const { return playlist_; }

    void step() {
        const Duration duration(430'000 + random_() % 70'001);
        auto& parts = playlist_.open->parts;
        parts.push_back({.uri = std::to_string(uri_++) + ".m4s",
                         .duration = duration,
                         .independent = parts.empty(),
                         .gap = once_in(30),
                         .range = once_in(9) ? std::optional(ByteRange{random_() % 5000, random_() % 5000})
                                             : std::nullopt});
        if (parts.size() >= 4 || once_in(25)) close();
        playlist_.preload_hint = PreloadHint{.uri = std::to_string(uri_) + ".m4s"};
        playlist_.rendition_reports = {
            {.uri = "a.m3u8", .last_msn = random_() % 9, .last_part = random_() % 4}};
    }

  private:
    bool once_in(unsigned times) { return random_() % times == 0; }

    void open() {
        const bool again = once_in(7);
        if (again) ++map_;
        playlist_.open = OpenSegment{.start = {.map = {.uri = "init" + std::to_string(map_) + ".mp4"},
                                               .discontinuity = again || once_in(15)}};
        if (again || once_in(3))
            playlist_.open->start.program_date_time = base::from_unix_millis(1'790'000'000'000 + uri_ * 500);
    }

    void close() {
        Segment segment{.start = playlist_.open->start,
                        .parts = playlist_.open->parts,
                        .uri = "s" + std::to_string(uri_) + ".m4s",
                        .gap = once_in(20)};
        for (const Part& part : segment.parts) segment.duration += part.duration;
        playlist_.segments.push_back(segment);
        open();
        Duration length{0};
        for (const Segment& each : playlist_.segments) length += each.duration;
        while (length - playlist_.segments.front().duration > window_) {
            const Segment& first = playlist_.segments.front();
            length -= first.duration;
            ++playlist_.media_sequence;
            // 6.2.2: counted when the tag goes.
            if (first.start.discontinuity) ++playlist_.discontinuity_sequence;
            playlist_.segments.erase(playlist_.segments.begin());
        }
    }

    std::mt19937 random_;
    MediaPlaylist playlist_;
    Duration window_{0};
    int map_ = 0;
    std::int64_t uri_ = 0;
};

TEST(DeltaUpdate, over_an_older_playlist_is_the_full_one) {
    std::uint64_t skipped = 0;
    for (unsigned seed = 0; seed < 60; ++seed) {
        Show show(seed);
        // A player's playlist is at most half a skip boundary old (6.3.7): 6 s, or a dozen parts.
        std::deque<Read> seen;
        for (int step = 0; step < 200; ++step) {
            show.step();
            const Read full = read(write(show.playlist(), Form::low_latency), nullptr);
            for (const Read& before : seen) {
                const Read merged = read(write_delta(show.playlist()), &before);
                ASSERT_EQ(merged, full) << "seed " << seed << ", step " << step << "\n"
                                        << write_delta(show.playlist());
                skipped += merged.skipped;
            }
            seen.push_back(full);
            if (seen.size() > 12) seen.pop_front();
        }
    }
    EXPECT_GT(skipped, 100'000u);
}

// What a player sees of the plain form is what it sees of the other, less the parts.
TEST(PlainForm, has_the_same_segments) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        Show show(seed);
        for (int step = 0; step < 150; ++step) show.step();
        const Read plain = read(write(show.playlist(), Form::plain), nullptr);
        Read full = read(write(show.playlist(), Form::low_latency), nullptr);
        for (auto& [msn, known] : full.segments) known.parts.clear();
        EXPECT_EQ(plain.segments, full.segments);
        EXPECT_TRUE(plain.tail.empty());
        EXPECT_TRUE(plain.open.parts.empty());
    }
}

}  // namespace
}  // namespace format::m3u8
