#include "output/record/file_index.h"

#include <algorithm>

#include "format/fmp4/index.h"
#include "output/cmaf/track.h"

namespace output::record {
namespace {

using format::fmp4::RecordedRun;

// Thirty years: no recording is longer.
constexpr std::uint64_t max_seconds = 1'000'000'000;

bool is_video(media::Codec codec) {
    return codec == media::Codec::h264 || codec == media::Codec::hevc || codec == media::Codec::av1;
}

std::uint64_t presented(const RecordedRun& run) {
    const auto time = static_cast<std::int64_t>(run.decode_time) + run.composition_offset;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(time, 0));
}

}  // namespace

FileIndex::FileIndex(std::vector<format::fmp4::RecordedTrack> tracks) : tracks_(std::move(tracks)) {
    const auto video =
        std::find_if(tracks_.begin(), tracks_.end(), [](const auto& of) { return is_video(of.codec); });
    if (video != tracks_.end()) leading_ = static_cast<std::size_t>(video - tracks_.begin());
    if (!tracks_.empty())
        min_ticks_ = static_cast<std::uint64_t>(cmaf::to_ticks(min_step, leading().timescale));
}

void FileIndex::add(const format::fmp4::RecordedFragment& fragment) {
    ++fragments_;
    end_ = fragment.offset + fragment.size;
    Point point{.offset = fragment.offset};
    bool starts = false;
    std::uint64_t decode_time = 0;
    for (std::size_t i = 0; i < fragment.runs.size(); ++i) {
        const RecordedRun& run = fragment.runs[i];
        const auto traf = static_cast<std::uint8_t>(i + 1);
        for (const auto& track : tracks_) {
            if (track.id != run.track) continue;
            // Files of others may say any time.
            const std::uint64_t ends =
                std::min<std::uint64_t>(run.decode_time + run.duration, max_seconds * track.timescale);
            duration_ =
                std::max(duration_, cmaf::from_ticks(static_cast<std::int64_t>(ends), track.timescale));
        }
        if (run.track == leading().id) {
            starts = run.starts_with_keyframe;
            decode_time = run.decode_time;
            point.time = presented(run);
            point.traf = traf;
        } else if (point.other_traf == 0 && tracks_.size() > 1 && run.track == other().id) {
            point.other = presented(run);
            point.other_traf = traf;
        }
    }
    if (!starts || (!points_.empty() && decode_time < last_decode_time_ + min_ticks_)) return;
    if (points_.size() == max_points) {
        thin();
        min_ticks_ *= 2;
    }
    last_decode_time_ = decode_time;
    points_.push_back(point);
}

std::chrono::milliseconds FileIndex::duration() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration_);
}

bool FileIndex::thin() {
    if (points_.empty()) return false;
    std::size_t kept = 0;
    // Down to none at all.
    if (points_.size() > 1)
        for (std::size_t i = 0; i < points_.size(); i += 2) points_[kept++] = points_[i];
    points_.resize(kept);
    return true;
}

base::Bytes FileIndex::index() const {
    std::vector<format::fmp4::IndexEntry> entries;
    for (const Point& point : points_) {
        entries.push_back({leading().id, point.time, point.offset, point.traf});
        if (point.other_traf != 0)
            entries.push_back({other().id, point.other, point.offset, point.other_traf});
    }
    static_assert(2 * max_points <= format::fmp4::max_index_entries);
    return std::move(*format::fmp4::write_index(entries));
}

}  // namespace output::record
