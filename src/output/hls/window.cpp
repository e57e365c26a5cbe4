#include "output/hls/window.h"

#include <algorithm>

namespace output::hls {
namespace {

using format::m3u8::min_hold_back_targets;

// Another run of the stream has another number, also after a restart; but a small one: hls.js keeps an array
// by these numbers and goes through the whole of it with every playlist.
constexpr std::uint64_t discontinuity_numbers = 65'536;

std::uint64_t bits_per_second(std::uint64_t bytes, Duration duration) {
    if (duration <= Duration(0)) return 0;
    return bytes * 8 * 1'000'000 / static_cast<std::uint64_t>(duration.count());
}

base::MonotonicTime after(base::MonotonicTime now, Duration duration) {
    return now + std::chrono::duration_cast<base::MonotonicTime::duration>(duration);
}

}  // namespace

Window::Window(const Settings& settings, Duration part_target,
               std::shared_ptr<std::atomic<std::uint64_t>> texts_made)
    : settings_(settings), part_target_(part_target), texts_made_(std::move(texts_made)) {}

void Window::on_part(const cmaf::Part& part, const ExtentPtr& extent, bool lost, base::MonotonicTime now) {
    if (phase_ == Phase::ended) begin_anew(now);
    if (part.index != 0 && !open_) return;
    if (!init_ || init_->init != part.init)
        init_ = std::make_shared<const InitSection>(InitSection{
            part.msn, std::make_shared<const std::string>(base::as_text(part.init->bytes)), part.init});
    // What was handed out does not change: the one in the making is made again.
    auto segment = part.index == 0 ? std::make_shared<Segment>() : std::make_shared<Segment>(*open_);
    if (part.index == 0) {
        const Segment* before = kept_.empty() ? nullptr : kept_.back().segment.get();
        segment->msn = part.msn;
        segment->init = init_;
        segment->discontinuity = std::exchange(discontinuity_, false) && before;
        segment->program_date_time = part.program_date_time;
        segment->first_part = before ? before->next_part() : PartName{part.msn, 0};
        segment->slice = {extent, extent ? extent->offset() : 0, 0, true};
        if (!before) discontinuity_sequence_ = part.msn % discontinuity_numbers;
    }
    const bool all_listed = segment->listed_parts == segment->parts.size();
    if (all_listed && !part.over_target) ++segment->listed_parts;
    segment->parts.push_back({part.duration, part.independent, segment->slice.size, part.size, lost});
    segment->lost = segment->lost || lost;
    segment->duration += part.duration;
    segment->pictures += static_cast<std::uint64_t>(
        std::count_if(part.frames.begin(), part.frames.end(),
                      [](const media::FramePtr& frame) { return frame->kind == media::Kind::video; }));
    if (!lost) {
        segment->slice.size += part.size;
        bytes_ += part.size;
    }
    open_ = std::move(segment);
}

void Window::on_segment_end(const cmaf::SegmentEnded& ended, base::MonotonicTime now) {
    if (!open_) return;
    auto segment = std::make_shared<Segment>(*open_);
    open_.reset();
    segment->duration = ended.duration;
    if (ended.over_target) segment->listed_parts = 0;
    kept_.push_back({segment});
    close_parts();
    target_duration_ = ended.target_duration;
    measure(*segment);
    listed_ += segment->duration;
    segments_.reset();
    phase_ = Phase::live;
    slide(now);
}

void Window::on_stream_end() {
    open_.reset();
    discontinuity_ = false;
    if (phase_ == Phase::live) phase_ = Phase::ended;
}

// Another stream of the same id: nothing of the one before is listed, and what players still fetch can be
// had.
void Window::begin_anew(base::MonotonicTime now) {
    past_.reset();
    past_ = edition();
    past_until_ = after(now, listed_ + target_duration_);
    forget_segments();
}

void Window::clear() {
    past_.reset();
    open_.reset();
    discontinuity_ = false;
    forget_segments();
}

void Window::forget_segments() {
    kept_.clear();
    first_listed_ = 0;
    listed_ = Duration(0);
    init_.reset();
    target_duration_ = std::chrono::seconds(0);
    peak_ = 0;
    frame_rate_ = 0;
    segments_.reset();
    phase_ = Phase::starting;
    bytes_ = 0;
}

EditionPtr Window::edition() {
    if (!segments_) {
        auto segments = std::make_shared<std::vector<SegmentPtr>>();
        segments->reserve(kept_.size());
        for (const Kept& kept : kept_) segments->push_back(kept.segment);
        segments_ = std::move(segments);
    }
    return std::make_shared<const Edition>(EditionState{.phase = phase_,
                                                        .segments = segments_,
                                                        .first_listed = first_listed_,
                                                        .open = open_,
                                                        .discontinuity_sequence = discontinuity_sequence_,
                                                        .target_duration = target_duration_,
                                                        .part_target = part_target_,
                                                        .bandwidth = bandwidth(),
                                                        .frame_rate = frame_rate_,
                                                        .serial = ++serial_,
                                                        .past = past_,
                                                        .texts_made = texts_made_});
}

// Parts that were too old to be listed stay so, also where the target duration becomes greater.
void Window::close_parts() {
    Duration behind{0};
    for (auto each = kept_.rbegin(); each != kept_.rend(); ++each) {
        const SegmentPtr& segment = each->segment;
        const bool too_old = behind > target_duration_ * format::m3u8::part_lifetime_targets;
        behind += segment->duration;
        if (!too_old || target_duration_.count() == 0) continue;
        if (segment->listed_parts == 0) return;
        auto closed = std::make_shared<Segment>(*segment);
        closed->listed_parts = 0;
        each->segment = std::move(closed);
    }
}

void Window::slide(base::MonotonicTime now) {
    while (may_unlist()) {
        const Duration rest = listed_ - kept_[first_listed_].segment->duration;
        const std::size_t count = kept_.size() - first_listed_;
        if (count <= settings_.window_segments || rest < settings_.dvr) break;
        unlist_first(now);
    }
    expire(now);
}

// 6.2.2: what stays is at least three target durations long.
bool Window::may_unlist() const {
    if (first_listed_ + 1 >= kept_.size()) return false;
    return listed_ - kept_[first_listed_].segment->duration >= target_duration_ * min_hold_back_targets;
}

void Window::unlist_first(base::MonotonicTime now) {
    Kept& first = kept_[first_listed_++];
    if (first.segment->discontinuity) ++discontinuity_sequence_;
    // 6.2.2: as long as itself and the longest playlist that listed it.
    first.until = after(now, first.segment->duration + listed_);
    listed_ -= first.segment->duration;
}

bool Window::expire(base::MonotonicTime now) {
    bool changed = false;
    if (past_ && past_until_ <= now) {
        past_.reset();
        changed = true;
    }
    for (; first_listed_ > 0 && kept_.front().until <= now; changed = true) drop_first();
    return changed;
}

// No longer listed. How much memory it held.
std::uint64_t Window::drop_first() {
    const SegmentPtr segment = std::move(kept_.front().segment);
    kept_.pop_front();
    --first_listed_;
    segments_.reset();
    if (!segment->slice.resident) return 0;
    bytes_ -= segment->slice.size;
    return segment->slice.size;
}

std::uint64_t Window::shrink(std::uint64_t bytes, base::MonotonicTime now) {
    std::uint64_t freed = 0;
    if (past_) {
        for (const SegmentPtr& segment : *past_->state().segments)
            if (segment->slice.resident) freed += segment->slice.size;
        past_.reset();
    }
    while (freed < bytes && !kept_.empty() && kept_.front().segment->slice.resident) {
        if (first_listed_ == 0) {
            if (!may_unlist()) break;
            unlist_first(now);
        }
        freed += drop_first();
    }
    return freed;
}

SegmentPtr Window::to_spill() const {
    if (settings_.dvr.count() == 0 || kept_.size() <= settings_.window_segments) return nullptr;
    const std::size_t last = kept_.size() - settings_.window_segments;
    for (std::size_t i = 0; i < last; ++i)
        if (kept_[i].segment->slice.resident && kept_[i].segment->slice.size > 0) return kept_[i].segment;
    return nullptr;
}

void Window::spilled(const SegmentPtr& segment, base::FileSlice slice) {
    const auto found =
        std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.segment == segment; });
    if (found == kept_.end()) return;
    auto moved = std::make_shared<Segment>(*segment);
    moved->slice = std::move(slice);
    bytes_ -= segment->slice.size;
    found->segment = std::move(moved);
    segments_.reset();
}

bool Window::give_up(const SegmentPtr& segment, base::MonotonicTime now) {
    const auto is_here = [&] {
        return std::any_of(kept_.begin(), kept_.end(),
                           [&](const Kept& kept) { return kept.segment == segment; });
    };
    while (is_here()) {
        if (first_listed_ == 0) {
            if (!may_unlist()) return false;
            unlist_first(now);
        }
        drop_first();
    }
    return true;
}

// 4.4.6.2: the peak is that of segments that are neither very short nor very long.
void Window::measure(const Segment& segment) {
    if (segment.duration * 2 >= target_duration_ || peak_ == 0)
        peak_ = std::max(peak_, bits_per_second(segment.slice.size, segment.duration));
    frame_rate_ = segment.init->init->frame_rate;
    if (frame_rate_ > 0 || segment.pictures == 0) return;
    frame_rate_ =
        static_cast<double>(segment.pictures) / std::chrono::duration<double>(segment.duration).count();
}

Bandwidth Window::bandwidth() const {
    std::uint64_t bytes = 0;
    for (std::size_t i = first_listed_; i < kept_.size(); ++i) bytes += kept_[i].segment->slice.size;
    return {peak_, bits_per_second(bytes, listed_)};
}

}  // namespace output::hls
