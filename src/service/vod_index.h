// VodIndex: where the segments of one recorded file begin and how long they are, as HLS wants to know. Read
// from the heads of the file's fragments, on from where the last look ended, so that a file that grows is
// never read twice. Owned by VodLibrary, which lets one thread at it at a time; blocks on the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "format/fmp4/fragment_scanner.h"

namespace service {

// Segments are cut before the first keyframe after this,
inline constexpr std::chrono::microseconds vod_segment_target{4'000'000};
// and where no keyframe comes before this. It is also the playlists' target duration, which must not change
// while a recording goes on.
inline constexpr std::chrono::microseconds vod_segment_max{12'000'000};
// Media that is missing for longer is a discontinuity: the encoder was away.
inline constexpr std::chrono::microseconds vod_max_gap{500'000};

struct VodSegment {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::chrono::microseconds duration{0};
    // Media is missing before it.
    bool after_gap = false;
    // It begins with a keyframe, or is sound alone.
    bool independent = true;
};

class VodIndex {
  public:
    // Reads what is new in the first `size` bytes. `complete`: nothing will be added, so that the last
    // segment is one, too. Errors: not_found when the file has no head that could be read; unavailable when
    // the disk does not answer.
    base::Result<> extend(int descriptor, std::uint64_t size, bool complete);

    std::uint64_t init_size() const { return init_size_; }
    // Whole ones, which never change.
    const std::vector<VodSegment>& segments() const { return segments_; }

  private:
    struct Fragment {
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        std::chrono::microseconds begin{0};
        std::chrono::microseconds end{0};
        bool keyframe = false;
        // Sound without the picture that the file has.
        bool sound_only = false;
    };
    // A segment in the making.
    struct Open {
        VodSegment segment;
        std::chrono::microseconds begin{0};
        std::chrono::microseconds end{0};
    };

    Fragment reduce(const format::fmp4::RecordedFragment& recorded) const;
    void add(const Fragment& fragment);
    void close(std::chrono::microseconds end);

    std::vector<format::fmp4::RecordedTrack> tracks_;
    std::uint64_t init_size_ = 0;
    std::uint64_t scanned_ = 0;  // the file's bytes behind the last fragment that was read
    std::optional<Open> open_;
    std::vector<VodSegment> segments_;
};

}  // namespace service
