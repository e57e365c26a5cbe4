#include "output/cmaf/track.h"

#include <algorithm>
#include <limits>

namespace output::cmaf {
namespace {

constexpr std::int64_t micros = 1'000'000;
// Of a video track whose second frame did not come yet.
constexpr std::int64_t first_duration = format::fmp4::video_timescale / 30;

// value / scale of one unit in the other, rounded to the nearest; halves upwards.
std::int64_t rescale(std::int64_t value, std::int64_t from, std::int64_t to) {
    std::int64_t whole = value / from;
    std::int64_t rest = value % from;
    if (rest < 0) {
        rest += from;
        --whole;
    }
    return whole * to + (rest * to + from / 2) / from;
}

std::int32_t narrow(std::int64_t offset) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp(offset, -most, most));
}

}  // namespace

std::int64_t to_ticks(media::Timestamp time, std::uint32_t timescale) {
    return rescale(time.count(), micros, timescale);
}

media::Timestamp from_ticks(std::int64_t ticks, std::uint32_t timescale) {
    return media::Timestamp(rescale(ticks, timescale, micros));
}

void Track::start(TrackConfigPtr config) {
    const std::uint32_t before = config_ ? timescale() : 0;
    config_ = std::move(config);
    if (timescale() != before) {
        expected_.reset();
        floor_ = before == 0 ? 0 : to_ticks(from_ticks(floor_, before), timescale()) + 1;
    }
    usual_duration_ = is_video() ? first_duration : config_->samples_per_frame;
}

std::int64_t Track::place(media::Timestamp at) const {
    const std::int64_t stamped = to_ticks(at, timescale());
    if (is_video() || !expected_) return std::max(stamped, floor_);
    if (std::abs(stamped - *expected_) <= to_ticks(audio_resync, timescale()))
        return std::max(*expected_, floor_);
    return std::max(stamped, floor_);
}

void Track::append(media::FramePtr frame, media::Timestamp at) {
    const std::int64_t time = place(at);
    if (!closed_ && !waiting_.empty()) {
        Waiting& last = waiting_.back();
        last.duration = static_cast<std::uint32_t>(time - last.decode_time);
        if (is_video()) usual_duration_ = last.duration;
    }
    closed_ = false;
    Waiting added{.frame = std::move(frame), .decode_time = time, .at = from_ticks(time, timescale())};
    if (is_video()) {
        added.composition_offset = narrow(to_ticks(at + added.frame->cts, timescale()) - time);
    } else if (config_->samples_per_frame == 0) {
        const std::uint32_t length = opus_packet_length(added.frame->payload());
        if (length != 0) usual_duration_ = length;
    }
    waiting_.push_back(std::move(added));
    expected_ = time + usual_duration_;
    // A frame that is stamped like the one before it, or earlier, still gets a time of its own.
    floor_ = time + 1;
}

void Track::close(std::optional<media::Timestamp> next) {
    if (closed_ || waiting_.empty()) return;
    Waiting& last = waiting_.back();
    const std::int64_t usual = std::max<std::int64_t>(usual_duration_, 1);
    const std::int64_t duration = next ? place(*next) - last.decode_time : usual;
    last.duration = static_cast<std::uint32_t>(duration);
    floor_ = last.decode_time + duration;
    expected_ = floor_;
    closed_ = true;
}

void Track::drop(std::size_t count) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
}

std::optional<media::Timestamp> Track::expected() const {
    if (!expected_) return std::nullopt;
    return from_ticks(*expected_, timescale());
}

}  // namespace output::cmaf
