// Edition: a stream's segments and playlists as they were at one moment. Immutable, so that it answers on any
// thread; its texts are made when they are first asked for, once.
#pragma once

#include <array>

#include "format/m3u8/playlist.h"
#include "output/hls/question.h"
#include "output/hls/shared_text.h"

namespace output::hls {

// In bits a second.
struct Bandwidth {
    std::uint64_t peak = 0;
    std::uint64_t average = 0;
};

// How an edition answers before the first segment is there, or where nothing more will come.
enum class Phase { starting, live, ended };

struct EditionState {
    Phase phase = Phase::starting;
    // All that can be had, oldest first, without holes. Never null.
    std::shared_ptr<const std::vector<SegmentPtr>> segments;
    // Those before are no longer listed, and can still be had.
    std::size_t first_listed = 0;
    // Null where none has begun.
    SegmentPtr open = {};
    std::uint64_t discontinuity_sequence = 0;
    std::chrono::seconds target_duration{0};
    Duration part_target{0};
    Bandwidth bandwidth = {};
    double frame_rate = 0;
    // Of all editions of a stream.
    std::uint64_t serial = 0;
    // What it was before it began anew: its segments can still be had.
    std::shared_ptr<const class Edition> past = {};
    // How often texts were made.
    std::shared_ptr<std::atomic<std::uint64_t>> texts_made = {};
};

class Edition {
  public:
    explicit Edition(EditionState state);

    // For how long at most it waits; nothing when it is answered now. Errors: bad_request.
    base::Result<std::optional<std::chrono::seconds>> wait_for(const Question& question) const;
    // What does not wait. Errors: not_found.
    base::Result<media::Content> answer(const Question& question) const;

    const EditionState& state() const { return state_; }
    const format::m3u8::LiveEdge& edge() const { return edge_; }

  private:
    enum Text { low_latency, delta, plain, texts };

    struct Found {
        SegmentPtr segment;
        std::uint32_t index = 0;
    };

    const Segment* last_whole() const;
    // The next part of all, which a preload hint names.
    PartName next_part() const;
    Found find_part(PartName name) const;
    SegmentPtr find_segment(std::uint64_t msn) const;
    InitSectionPtr find_init(std::uint64_t name) const;

    format::m3u8::MediaPlaylist playlist(bool with_parts) const;
    std::string index(const Question& question) const;
    const QueryText& text(Text kind) const;
    media::Content playlist_content(const Question& question) const;
    base::Result<media::Content> file_content(const Question& question) const;

    const EditionState state_;
    format::m3u8::LiveEdge edge_;
    mutable std::array<std::once_flag, texts> once_;
    mutable std::array<std::optional<QueryText>, texts> texts_;
};
using EditionPtr = std::shared_ptr<const Edition>;

}  // namespace output::hls
