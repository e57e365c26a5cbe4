#include "service/vod_index.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace service {
namespace {

using std::chrono::microseconds;

// A fragment's head and the beginning of its payload come in one read.
constexpr std::size_t read_ahead = 8 * 1024;
// A keyframe that comes a little early still ends its segment.
constexpr microseconds slack{50'000};

// A file of which the part between its head and `resume` was read before: to the scanner it is not there.
class Reader {
  public:
    Reader(int descriptor, std::uint64_t size, std::uint64_t head, std::uint64_t resume)
        : descriptor_(descriptor), size_(size), head_(head), resume_(resume) {}

    std::uint64_t apparent_size() const { return size_ - (resume_ - head_); }
    std::uint64_t real(std::uint64_t offset) const {
        return offset < head_ ? offset : offset + (resume_ - head_);
    }

    base::Result<base::ByteView> read(const format::fmp4::ByteRange& range) {
        const std::uint64_t from = real(range.offset);
        if (from < buffer_from_ || from + range.size > buffer_from_ + buffer_.size()) {
            const std::uint64_t left = size_ - from;
            const auto wanted =
                static_cast<std::size_t>(std::min<std::uint64_t>(std::max(range.size, read_ahead), left));
            if (const auto filled = fill(from, wanted); !filled) return base::fail(filled.error());
        }
        const std::size_t at = static_cast<std::size_t>(from - buffer_from_);
        const std::size_t there = std::min(range.size, buffer_.size() - at);
        return base::ByteView(buffer_).subspan(at, there);
    }

  private:
    base::Result<> fill(std::uint64_t from, std::size_t count) {
        buffer_.resize(count);
        buffer_from_ = from;
        std::size_t got = 0;
        while (got < count) {
            const ssize_t n =
                ::pread(descriptor_, buffer_.data() + got, count - got, static_cast<off_t>(from + got));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) {
                buffer_.clear();
                return base::fail(base::ErrorCode::unavailable,
                                  "The recording cannot be read from the disk.");
            }
            if (n == 0) break;
            got += static_cast<std::size_t>(n);
        }
        buffer_.resize(got);
        return {};
    }

    const int descriptor_;
    const std::uint64_t size_;
    const std::uint64_t head_;
    const std::uint64_t resume_;
    base::Bytes buffer_;
    std::uint64_t buffer_from_ = 0;
};

bool is_video(media::Codec codec) {
    return codec == media::Codec::h264 || codec == media::Codec::hevc || codec == media::Codec::av1 ||
           codec == media::Codec::vp9;
}

microseconds to_microseconds(std::uint64_t ticks, std::uint32_t timescale) {
    if (timescale == 0) return microseconds(0);
    const std::uint64_t seconds = ticks / timescale;
    const std::uint64_t rest = ticks % timescale;
    return std::chrono::seconds(seconds) + microseconds(rest * 1'000'000 / timescale);
}

}  // namespace

base::Result<> VodIndex::extend(int descriptor, std::uint64_t size, bool complete) {
    if (size > scanned_) {
        Reader reader(descriptor, size, init_size_, scanned_);
        format::fmp4::FragmentScanner scanner(reader.apparent_size());
        while (const auto range = scanner.next()) {
            const auto bytes = reader.read(*range);
            if (!bytes) return base::fail(bytes.error());
            const auto recorded = scanner.take(*bytes);
            if (tracks_.empty() && !scanner.tracks().empty()) {
                tracks_ = scanner.tracks();
                init_size_ = scanned_ = scanner.init_size();
            }
            if (!recorded) continue;
            Fragment fragment = reduce(*recorded);
            fragment.offset = reader.real(recorded->offset);
            add(fragment);
            // At once, since the next read may fail.
            scanned_ = fragment.offset + fragment.size;
        }
        if (tracks_.empty())
            return base::fail(base::ErrorCode::not_found, "There is nothing in this recording to play.");
    }
    if (complete && open_) {
        close(open_->end);
        open_.reset();
    }
    return {};
}

VodIndex::Fragment VodIndex::reduce(const format::fmp4::RecordedFragment& recorded) const {
    Fragment fragment;
    fragment.size = recorded.size;
    bool timed = false;
    bool timed_by_video = false;
    bool has_video = false;
    for (const auto& track : tracks_) has_video = has_video || is_video(track.codec);
    fragment.keyframe = !has_video;
    for (const auto& run : recorded.runs) {
        const auto track = std::find_if(tracks_.begin(), tracks_.end(),
                                        [&](const auto& one) { return one.id == run.track; });
        if (track == tracks_.end()) continue;
        const microseconds begin = to_microseconds(run.decode_time, track->timescale);
        const microseconds end = to_microseconds(run.decode_time + run.duration, track->timescale);
        const bool video = is_video(track->codec);
        if (video && !timed_by_video) {
            fragment.begin = begin;
            fragment.end = end;
            fragment.keyframe = run.starts_with_keyframe;
            timed = timed_by_video = true;
        } else if (video) {
            fragment.end = std::max(fragment.end, end);
        } else if (!timed_by_video) {
            fragment.begin = timed ? std::min(fragment.begin, begin) : begin;
            fragment.end = timed ? std::max(fragment.end, end) : end;
            timed = true;
        }
    }
    fragment.sound_only = has_video && !timed_by_video;
    return fragment;
}

void VodIndex::add(const Fragment& fragment) {
    bool gap = false;
    if (open_) {
        gap = fragment.begin > open_->end + vod_max_gap || fragment.begin + vod_max_gap < open_->begin;
        const bool due = fragment.keyframe && fragment.begin - open_->begin + slack >= vod_segment_target;
        const bool overdue = fragment.end - open_->begin > vod_segment_max;
        if (!gap && !due && !overdue) {
            open_->segment.size = fragment.offset + fragment.size - open_->segment.offset;
            // A segment is as long as its pictures, unless there are no more.
            if (!fragment.sound_only || fragment.end > open_->end + vod_max_gap)
                open_->end = std::max(open_->end, fragment.end);
            return;
        }
        close(gap ? open_->end : fragment.begin);
    }
    Open next;
    next.segment = {fragment.offset, fragment.size, {}, gap, fragment.keyframe};
    next.begin = fragment.begin;
    next.end = fragment.end;
    open_ = next;
}

void VodIndex::close(microseconds end) {
    open_->segment.duration = std::max(end - open_->begin, microseconds(1'000));
    segments_.push_back(open_->segment);
}

}  // namespace service
