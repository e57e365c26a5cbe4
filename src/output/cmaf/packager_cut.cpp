#include <algorithm>
#include <utility>

#include "output/cmaf/packager.h"

// Where parts and segments end, and how a part is put together.
namespace output::cmaf {
namespace {

using media::Timestamp;

// So that no part is empty in time, however late its samples are.
constexpr Timestamp shortest{1};
constexpr Timestamp half_a_second{500'000};

// A part is to last at least this much of its target where pictures allow.
constexpr Timestamp enough_of(std::chrono::milliseconds target) {
    return Timestamp(target) * 85 / 100;
}

static_assert(max_part_samples < format::fmp4::max_fragment_samples);
static_assert(max_segment_weight < format::fmp4::max_fragment_size);

}  // namespace

void Packager::cut_what_is_due(const Source& newest) {
    if (&newest == &video_ && newest.track.waiting().back().frame->keyframe) cut_at_keyframe();
    const Frontier end = frontier();
    cut_windows(end);
    // The next frame will not fit: nobody has to wait for it.
    const Track& leading = video_.track.carried() ? video_.track : audio_.track;
    if (!leading.waiting().empty() && end.at == leading.newest_at()) {
        const Timestamp lasts = end.at - part_start_;
        if (lasts >= enough_of(settings_.part_target) &&
            lasts + leading.usual_duration() > settings_.part_target)
            cut_part(end.at);
    }
    cut_overweight();
}

void Packager::cut_at_keyframe() {
    const Timestamp at = video_.track.newest_at();
    const Timestamp began = segment_.parts > 0 ? segment_.start + origin_ : part_start_;
    // One that began without a keyframe has no right to its length: the next ones stand at keyframes again.
    const bool began_late = segment_has_pictures_ && !segment_.independent;
    if (!began_late && at - began < settings_.segment_target - keyframe_slack) return;
    cut_windows({at, true});
    cut_part(std::max(at, part_start_ + shortest));
    end_segment(SegmentEnd::target_reached);
}

void Packager::cut_overweight() {
    const std::size_t samples = video_.track.waiting().size() + audio_.track.waiting().size();
    if (waiting_weight_ <= max_part_weight && samples < max_part_samples) return;
    Timestamp end = part_start_ + shortest;
    for (const Source* source : {&video_, &audio_})
        if (!source->track.waiting().empty()) end = std::max(end, source->track.newest_at());
    cut_part(end);
}

// All that waits, its tracks being closed. Without `end`, up to where the last sample ends.
void Packager::cut_rest(std::optional<Timestamp> end) {
    if (video_.track.waiting().empty() && audio_.track.waiting().empty()) return;
    Timestamp until = end.value_or(Timestamp{0});
    if (!end)
        for (const Source* source : {&video_, &audio_})
            if (!source->track.waiting().empty()) until = std::max(until, source->track.reached());
    cut_windows({until, true});
    cut_part(std::max(until, part_start_ + shortest), true);
}

// Up to where it is known what there is. Sound waits for pictures for the time of a part: pictures decide.
Packager::Frontier Packager::frontier() const {
    const Track& video = video_.track;
    const Track& audio = audio_.track;
    Frontier known{part_start_, true};
    if (!video.waiting().empty()) known.at = std::max(known.at, video.newest_at());
    if (audio.waiting().empty()) return known;
    const Timestamp patience = video.carried() ? Timestamp(settings_.part_target) : Timestamp{0};
    const Timestamp heard = audio.newest_at() - patience;
    return heard > known.at ? Frontier{heard, !video.carried()} : known;
}

void Packager::cut_windows(Frontier end) {
    while (end.at - part_start_ > settings_.part_target) {
        const auto cut = choose_cut(end);
        if (!cut || !cut_part(*cut)) return;
    }
}

// Where a complete sample begins, so that there is one for the next part as well, or at the end. Nothing when
// that has to be waited for.
std::optional<Timestamp> Packager::choose_cut(Frontier end) const {
    const Timestamp latest = std::min(part_start_ + settings_.part_target, end.at);
    // Something must be before the cut.
    Timestamp first = end.at;
    for (const Source* source : {&video_, &audio_})
        if (!source->track.waiting().empty()) first = std::min(first, source->track.waiting().front().at);
    first = std::max(first, part_start_);

    std::optional<Timestamp> picture;
    std::optional<Timestamp> sound;
    std::optional<Timestamp> next;
    if (end.exact) next = end.at;
    for (const Source* source : {&video_, &audio_}) {
        auto& best = source == &video_ ? picture : sound;
        for (const Waiting& sample : std::span(source->track.waiting()).first(source->track.complete())) {
            if (sample.at <= first) continue;
            if (sample.at > latest) {
                next = std::min(next.value_or(sample.at), sample.at);
                break;
            }
            best = sample.at;
        }
    }
    if (picture && *picture - part_start_ >= enough_of(settings_.part_target)) return picture;
    if (sound) return std::max(sound, picture);
    return picture ? picture : next;
}

bool Packager::cut_part(Timestamp end, bool all) {
    const auto count = [&](const Track& track) {
        const auto& waiting = track.waiting();
        const auto complete = waiting.begin() + static_cast<std::ptrdiff_t>(track.complete());
        if (all) return track.complete();
        const auto later = std::partition_point(waiting.begin(), complete,
                                                [&](const Waiting& sample) { return sample.at < end; });
        return static_cast<std::size_t>(later - waiting.begin());
    };
    const std::size_t pictures = count(video_.track);
    const std::size_t sounds = count(audio_.track);
    if (pictures + sounds == 0) return false;

    auto part = std::make_shared<Part>();
    part->frames.reserve(pictures + sounds);
    part->independent =
        video_.track.carried() ? pictures > 0 && video_.track.waiting().front().frame->keyframe : true;
    take_run(video_.track, pictures, *part);
    take_run(audio_.track, sounds, *part);
    const std::span<const format::fmp4::Run> runs(runs_.data() + (pictures == 0 ? 1 : 0),
                                                  (pictures > 0 ? 1 : 0) + (sounds > 0 ? 1 : 0));
    // Cannot fail: the bounds here are tighter than those of a fragment.
    part->head = std::move(*format::fmp4::write_fragment_head(++sequence_, runs));
    const std::size_t weight = part->size + part->frames.size() * frame_weight;
    part->size += part->head.size();
    waiting_weight_ -= weight;

    if (segment_.parts > 0) {
        if (end - origin_ - segment_.start > segment_limit_)
            end_segment(SegmentEnd::too_long);
        else if (segment_weight_ + weight > max_segment_weight)
            end_segment(SegmentEnd::too_large);
    }
    part->msn = segment_.msn;
    part->index = segment_.parts;
    part->start = part_start_ - origin_;
    part->duration = end - part_start_;
    part->over_target = part->duration > settings_.part_target;
    part->program_date_time = date_of(part_start_);
    part->init = init_;
    part_start_ = end;
    parts_since_break_ = true;

    if (segment_.parts == 0) {
        segment_.start = part->start;
        segment_.program_date_time = part->program_date_time;
        segment_.init = init_;
    }
    if (!segment_has_pictures_) segment_.independent = part->independent;
    segment_has_pictures_ = segment_has_pictures_ || pictures > 0;
    ++segment_.parts;
    segment_.size += part->size;
    segment_.duration = part->start + part->duration - segment_.start;
    segment_.over_target = segment_.over_target || part->over_target;
    segment_weight_ += weight;
    events_.push_back(PartReady{std::move(part)});

    // Whole parts, as many as come nearest.
    if (!video_.track.carried() && segment_.duration >= settings_.segment_target - settings_.part_target / 2)
        end_segment(SegmentEnd::target_reached);
    return true;
}

void Packager::take_run(Track& track, std::size_t count, Part& part) {
    if (count == 0) return;
    const std::int64_t origin = to_ticks(origin_, track.timescale());
    format::fmp4::Run& run = runs_[&track == &video_.track ? 0 : 1];
    run.track = track.config()->description.id;
    run.samples.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const Waiting& sample = track.waiting()[i];
        const std::int64_t time = std::max<std::int64_t>(sample.decode_time - origin, 0);
        if (run.samples.empty()) run.decode_time = static_cast<std::uint64_t>(time);
        const auto size = static_cast<std::uint32_t>(sample.frame->payload().size());
        // Nothing is shown before the beginning: only pictures that need some from before it would be.
        const auto offset =
            static_cast<std::int32_t>(std::max<std::int64_t>(sample.composition_offset, -time));
        run.samples.push_back({sample.duration, offset, size, sample.frame->keyframe});
        part.size += size;
        part.frames.push_back(track.take(i));
    }
    track.drop(count);
}

void Packager::end_segment(SegmentEnd why) {
    if (segment_.parts == 0) return;
    segment_.why = why;
    const auto rounded = [](Timestamp duration) {
        return std::chrono::floor<std::chrono::seconds>(duration + half_a_second);
    };
    target_duration_ = std::max({target_duration_, rounded(segment_.duration),
                                 rounded(settings_.segment_target), std::chrono::seconds(1)});
    segment_limit_ = std::min<Timestamp>(target_duration_ + half_a_second - shortest, max_segment_duration);
    segment_.target_duration = target_duration_;
    events_.push_back(segment_);
    const std::uint64_t next = segment_.msn + 1;
    segment_ = {};
    segment_.msn = next;
    segment_weight_ = 0;
    segment_has_pictures_ = false;
    if (why == SegmentEnd::discontinuity || why == SegmentEnd::stream_end || !mend_dates()) return;
    events_.push_back(Discontinuity{Discontinuity::Why::clock_set});
    parts_since_break_ = false;
}

// True where they were wrong.
bool Packager::mend_dates() {
    const auto by = std::exchange(clock_set_, {});
    anchor_.wall += by;
    return by != base::WallTime::duration{0};
}

base::WallTime Packager::date_of(Timestamp at) const {
    return anchor_.wall + std::chrono::duration_cast<base::WallTime::duration>(at - anchor_.at);
}

}  // namespace output::cmaf
