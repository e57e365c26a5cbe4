// FileIndex: what is to be known of a file's fragments at its end: where decoding can start, and how long it
// is. Kept up while a file is written, and rebuilt of what a crash left. Pure; one thread.
#pragma once

#include <optional>
#include <vector>

#include "format/fmp4/recording.h"

namespace output::record {

class FileIndex {
  public:
    // More are thinned out: every other one goes.
    static constexpr std::size_t max_points = 65'536;
    // Keyframes closer together than this are not worth a place each.
    static constexpr std::chrono::milliseconds min_step{1'000};

    FileIndex() = default;
    explicit FileIndex(std::vector<format::fmp4::RecordedTrack> tracks);

    void add(const format::fmp4::RecordedFragment& fragment);
    std::size_t fragments() const { return fragments_; }
    std::size_t points() const { return points_.size(); }
    std::uint64_t end() const { return end_; }  // behind the last fragment
    std::chrono::milliseconds duration() const;

    // mfra, to be appended to the file.
    base::Bytes index() const;
    // Every other point, to need less room; false when none is left.
    bool thin();

  private:
    struct Point {
        std::uint64_t offset = 0;
        std::uint64_t time = 0;   // of the leading track, when it is presented
        std::uint64_t other = 0;  // of the second one, if it has a run there
        std::uint8_t traf = 1;
        std::uint8_t other_traf = 0;  // 0: it has none
    };
    const format::fmp4::RecordedTrack& leading() const { return tracks_[leading_]; }
    // Of two or more. Files of others may have many: the rest is not listed.
    const format::fmp4::RecordedTrack& other() const { return tracks_[leading_ == 0 ? 1 : 0]; }

    std::vector<format::fmp4::RecordedTrack> tracks_;
    // Where the pictures are, or the only track.
    std::size_t leading_ = 0;
    std::vector<Point> points_;
    std::uint64_t min_ticks_ = 0;
    std::uint64_t last_decode_time_ = 0;
    std::uint64_t end_ = 0;
    std::size_t fragments_ = 0;
    std::chrono::microseconds duration_{0};
};

}  // namespace output::record
