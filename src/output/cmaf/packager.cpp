#include "output/cmaf/packager.h"

#include <algorithm>
#include <utility>

#include "media/facts.h"

namespace output::cmaf {
namespace {

bool same(base::ByteView a, base::ByteView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool can_be_carried(media::Codec codec) {
    switch (codec) {
        case media::Codec::h264:
        case media::Codec::hevc:
        case media::Codec::av1:
        case media::Codec::aac:
        case media::Codec::opus:
            return true;
        default:
            return false;
    }
}

std::size_t weight_of(const media::Frame& frame) {
    return frame.payload().size() + frame_weight;
}

}  // namespace

Packager::Packager(const PackagerSettings& settings) : settings_(settings) {
    segment_.msn = settings.first_msn;
}

std::optional<Event> Packager::next_event() {
    if (next_event_ == events_.size()) {
        events_.clear();
        next_event_ = 0;
        return std::nullopt;
    }
    return std::move(events_[next_event_++]);
}

void Packager::push(const hub::Delivery& delivery, base::WallTime now) {
    const media::FramePtr& frame = delivery.frame;
    if (ended_ || frame->track != 0 || frame->kind == media::Kind::data) return;
    Source& source = frame->kind == media::Kind::video ? video_ : audio_;
    if (frame->role == media::Role::config) return on_config(source, frame);
    // After it, whoever announces itself is another run of an encoder.
    if (frame->role == media::Role::end) source.announced_anew = true;
    if (frame->role != media::Role::coded || !usable(source, *frame)) return;

    const Held held{frame, std::max(delivery.at, media::Timestamp{0}), now};
    notice_presence(source, *frame, held.at);
    if (init_) return on_frame(source, held);
    hold(held);
}

void Packager::on_clock_set(base::WallTime::duration by) {
    for (Held& held : held_) held.arrived += by;
    if (init_) clock_set_ += by;
}

void Packager::end() {
    if (ended_) return;
    if (!init_) begin();
    ended_ = true;
    if (!init_) return;
    let_go_of_sound();
    for (Source* source : {&video_, &audio_})
        if (source->track.carried()) source->track.close(std::nullopt);
    cut_rest(std::nullopt);
    end_segment(SegmentEnd::stream_end);
}

void Packager::on_config(Source& source, const media::FramePtr& frame) {
    source.announced_anew = true;
    if (frame->codec == source.announced_codec && same(frame->payload(), source.announced_bytes)) return;
    source.announced_codec = frame->codec;
    source.announced_bytes.assign(frame->payload().begin(), frame->payload().end());
    if (!can_be_carried(frame->codec)) return leave_out(source, *frame, "this codec is not carried in MP4");
    auto config = read_track_config(frame);
    if (!config) return leave_out(source, *frame, std::move(config.error().message));
    // Back to what it was before anything came of the change.
    const TrackConfigPtr& carried = source.track.config();
    const bool as_carried = carried && carried->description.codec == frame->codec &&
                            same(carried->description.config.view(), frame->payload());
    source.announced = as_carried ? carried : std::move(*config);
    source.left_out = media::Codec::none;
    if (!init_) source.present = false;
    drop_held(frame->kind);
}

// What waits was made for another configuration.
void Packager::drop_held(media::Kind kind) {
    std::erase_if(held_, [&](const Held& held) { return held.frame->kind == kind; });
    held_weight_ = 0;
    for (const Held& held : held_) held_weight_ += weight_of(*held.frame);
}

void Packager::leave_out(Source& source, const media::Frame& frame, std::string reason) {
    source.announced.reset();
    source.present = false;
    if (init_) drop_held(frame.kind);
    if (source.left_out == frame.codec) return;
    source.left_out = frame.codec;
    source.announced_codec = frame.codec;
    if (frame.role != media::Role::config) source.announced_bytes.clear();
    events_.push_back(TrackLeftOut{frame.kind, frame.codec, std::move(reason)});
}

bool Packager::usable(Source& source, const media::Frame& frame) {
    if (!can_be_carried(frame.codec)) leave_out(source, frame, "this codec is not carried in MP4");
    return source.announced && frame.codec == source.announced_codec && !frame.payload().empty();
}

void Packager::notice_presence(Source& source, const media::Frame& frame, media::Timestamp at) {
    Source& other = &source == &video_ ? audio_ : video_;
    // After a hole in all of it, each track has its time to come back.
    if (at - std::max(source.last_seen, other.last_seen) > max_hole) other.last_seen = at;
    source.last_seen = at;
    // Pictures count from one that decoding can start with.
    if (&source == &audio_ || frame.keyframe || source.track.config() == source.announced)
        source.present = true;
    if (at - other.last_seen > max_hole) other.present = false;
}

// What the frames are is not what the init segment says.
bool Packager::tracks_are_other() const {
    const auto is_other = [](const Source& source) {
        return source.track.config() != (source.present ? source.announced : nullptr);
    };
    return is_other(video_) || is_other(audio_);
}

bool Packager::may_begin_with(const media::Frame& frame) const {
    if (!video_.present) return frame.kind == media::Kind::audio;
    return frame.kind == media::Kind::video && frame.keyframe;
}

void Packager::hold(const Held& frame) {
    held_.push_back(frame);
    held_weight_ += weight_of(*frame.frame);
    const bool patient = frame.at - held_.front().at < start_patience && held_weight_ < max_part_weight;
    if (!patient || known_enough()) begin();
}

bool Packager::known_enough() const {
    return video_.announced && audio_.announced && video_.present && audio_.present;
}

void Packager::begin() {
    const auto first = std::find_if(held_.begin(), held_.end(),
                                    [&](const Held& held) { return may_begin_with(*held.frame); });
    if (first == held_.end()) {
        held_.clear();
        held_weight_ = 0;
        return;
    }
    // No picture is shown before the tracks' time begins: it begins as much before the first keyframe as that
    // one is shown before it is decoded.
    const media::Timestamp lead = std::max(-first->frame->cts, media::Timestamp{0});
    const bool video = first->frame->kind == media::Kind::video;
    origin_ = first->at - (video ? lead : media::Timestamp{0});
    anchor_ = {first->at, first->arrived};
    if (!change_tracks(first->at)) return;
    const std::ptrdiff_t skipped = first - held_.begin();
    const std::vector<Held> held = std::move(held_);
    held_.clear();
    held_weight_ = 0;
    for (auto each = held.begin(); each != held.end(); ++each) {
        const bool picture = each->frame->kind == media::Kind::video;
        if (picture && each - held.begin() < skipped) continue;
        on_frame(picture ? video_ : audio_, *each);
    }
}

void Packager::on_frame(Source& source, const Held& frame) {
    Discontinuity::Why why{};
    if (is_broken(source, frame.at, why)) break_off(why);
    if (waits_for_picture(source)) return hold_back(frame);
    if (tracks_are_other() && may_begin_with(*frame.frame)) {
        if (source.track.carried()) source.track.close(frame.at);
        if (!change_tracks_with_sound(frame)) return;
    }
    source.announced_anew = false;
    if (!source.track.carried() || source.track.config() != source.announced) return;
    const bool sound_first = !held_.empty() && held_.front().at <= frame.at;
    if (sound_first) let_go_of_sound();
    append(source, frame);
    if (!sound_first) let_go_of_sound();
}

// For longer than a frame may last, or than a segment may be long.
bool Packager::all_silent_until(media::Timestamp at) const {
    std::optional<media::Timestamp> reached;
    for (const Source* each : {&video_, &audio_}) {
        if (!each->track.carried() || !each->track.expected()) continue;
        reached = std::max(reached.value_or(media::Timestamp{0}), each->track.reached());
    }
    return reached && at - *reached > std::min<media::Timestamp>(max_hole, segment_limit_);
}

bool Packager::is_broken(const Source& source, media::Timestamp at, Discontinuity::Why& why) const {
    why = Discontinuity::Why::gap;
    if (all_silent_until(at)) return true;
    const auto expected = source.track.carried() ? source.track.expected() : std::nullopt;
    if (!expected) return false;
    if (at - source.track.reached() > max_hole) return true;
    why = Discontinuity::Why::encoder_returned;
    return source.announced_anew && std::chrono::abs(at - *expected) > return_gap;
}

void Packager::break_off(Discontinuity::Why why) {
    for (Source* source : {&video_, &audio_})
        if (source->track.carried()) source->track.close(std::nullopt);
    cut_rest(std::nullopt);
    for (Source* source : {&video_, &audio_}) source->track.forget();
    discontinuity(why);
    begins_anew_ = true;
}

void Packager::discontinuity(Discontinuity::Why why) {
    end_segment(SegmentEnd::discontinuity);
    mend_dates();
    if (parts_since_break_) events_.push_back(Discontinuity{why});
    parts_since_break_ = false;
    segment_limit_ = max_segment_duration;
}

bool Packager::waits_for_picture(const Source& source) const {
    return begins_anew_ && &source == &audio_ && video_.present;
}

void Packager::hold_back(const Held& frame) {
    held_.push_back(frame);
    held_weight_ += weight_of(*frame.frame);
    if (frame.at - held_.front().at >= start_patience || held_weight_ >= max_part_weight) let_go_of_sound();
}

void Packager::let_go_of_sound() {
    if (held_.empty()) return;
    const std::vector<Held> held = std::exchange(held_, {});
    held_weight_ = 0;
    audio_.announced_anew = false;
    if (!audio_.track.carried() || audio_.track.config() != audio_.announced) return;
    // Not on_frame() for the first one: it would wait again.
    append(audio_, held.front());
    for (const Held& each : std::span(held).subspan(1)) on_frame(audio_, each);
}

// The sound that waited comes with the picture, or with the sound that gave it up.
bool Packager::change_tracks_with_sound(const Held& first) {
    const auto lead = std::min<media::Timestamp>(max_sound_lead, settings_.part_target / 2);
    if (first.frame->kind == media::Kind::video)
        std::erase_if(held_, [&](const Held& held) { return held.at < first.at - lead; });
    return change_tracks(held_.empty() ? first.at : std::min(held_.front().at, first.at));
}

// What was carried ends at `at`, and what is there now begins.
bool Packager::change_tracks(media::Timestamp at) {
    if (init_) {
        for (Source* source : {&video_, &audio_})
            if (source->track.carried()) source->track.close(std::nullopt);
        cut_rest(at);
        discontinuity(Discontinuity::Why::tracks_changed);
    }
    std::vector<TrackConfigPtr> tracks;
    for (Source* source : {&video_, &audio_}) {
        const TrackConfigPtr config = source->present ? source->announced : nullptr;
        if (config == source->track.config()) {
            if (config) tracks.push_back(config);
            continue;
        }
        source->track.stop();
        if (!config) continue;
        source->track.start(config);
        source->joins_at = at;
        tracks.push_back(config);
    }
    auto init = make_init(next_init_id_, tracks);
    if (!init) return false;
    ++next_init_id_;
    init_ = std::move(*init);
    events_.push_back(InitChanged{init_});
    part_start_ = std::max(part_start_, at);
    return true;
}

void Packager::append(Source& source, const Held& frame) {
    if (source.joins_at && frame.at < *source.joins_at) return;
    source.joins_at.reset();
    // The one that broke it is not always one that is carried.
    if (std::exchange(begins_anew_, false)) {
        part_start_ = std::max(part_start_, frame.at);
        anchor_ = {frame.at, frame.arrived};
        clock_set_ = {};
    }
    waiting_weight_ += weight_of(*frame.frame);
    source.track.append(frame.frame, frame.at);
    cut_what_is_due(source);
}

}  // namespace output::cmaf
