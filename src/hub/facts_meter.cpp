#include "hub/facts_meter.h"

#include <algorithm>
#include <cmath>

#include "codec/audio_config.h"
#include "codec/video_config.h"

namespace hub {
namespace {

template <class T>
bool assign(T& to, const T& value) {
    if (to == value) return false;
    to = value;
    return true;
}

}  // namespace

bool FactsMeter::add(const media::Frame& frame, base::MonotonicTime now) {
    facts_.bytes += frame.tag.size();
    latest_at_ = now;
    if (frame.kind == media::Kind::data || frame.track != 0) return false;
    if (frame.role == media::Role::config) return add_config(frame);
    if (frame.role != media::Role::coded) return false;
    ++facts_.frames;
    if (!first_dts_) {
        first_dts_ = frame.dts;
        first_at_ = now;
    }
    latest_dts_ = frame.dts;
    if (frame.kind == media::Kind::video) {
        video_.add(now, frame.tag.size());
        add_picture(frame);
        return false;
    }
    audio_.add(now, frame.tag.size());
    return add_sound(frame);
}

bool FactsMeter::add_config(const media::Frame& frame) {
    bool changed = false;
    if (frame.kind == media::Kind::video) {
        changed |= assign(facts_.video.codec, frame.codec);
        if (const auto config = codec::read_video_config(frame.codec, frame.payload())) {
            changed |= assign(facts_.video.width, config->width);
            changed |= assign(facts_.video.height, config->height);
            changed |= assign(facts_.video.profile, config->profile);
            configured_fps_ = config->fps;
        }
        return changed;
    }
    changed |= assign(facts_.audio.codec, frame.codec);
    if (const auto config = codec::read_audio_config(frame.codec, frame.payload())) {
        changed |= assign(facts_.audio.sample_rate, config->sample_rate);
        changed |= assign(facts_.audio.channels, config->channels);
    }
    return changed;
}

void FactsMeter::add_picture(const media::Frame& frame) {
    facts_.video.codec = frame.codec;
    if (frame.cts != media::Timestamp(0)) facts_.video.has_b_frames = true;
    if (!frame.keyframe) return;
    if (last_keyframe_ && frame.dts > *last_keyframe_)
        facts_.video.keyframe_interval_s = std::chrono::duration<double>(frame.dts - *last_keyframe_).count();
    last_keyframe_ = frame.dts;
}

bool FactsMeter::add_sound(const media::Frame& frame) {
    bool changed = assign(facts_.audio.codec, frame.codec);
    if (frame.codec == media::Codec::mp3 && facts_.audio.sample_rate == 0) {
        if (const auto config = codec::read_mp3_header(frame.payload())) {
            facts_.audio.sample_rate = config->sample_rate;
            facts_.audio.channels = config->channels;
            changed = true;
        }
    }
    return changed;
}

media::IngestFacts FactsMeter::facts(base::MonotonicTime now) const {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    media::IngestFacts facts = facts_;
    facts.video.fps = video_.frames_per_second(now);
    facts.video.bitrate_kbps = video_.kilobits_per_second(now);
    facts.audio.bitrate_kbps = audio_.kilobits_per_second(now);
    // A rate that was declared is the better number while what is measured agrees with it.
    for (const double nominal : {configured_fps_, declared_fps_})
        if (nominal > 0 && facts.video.fps > 0 && std::abs(nominal - facts.video.fps) / nominal < 0.05)
            facts.video.fps = nominal;
    if (first_dts_) {
        const auto media_time = duration_cast<milliseconds>(latest_dts_ - *first_dts_);
        const auto wall_time = duration_cast<milliseconds>(latest_at_ - first_at_);
        facts.drift_ms = (media_time - wall_time).count();
        facts.silent_ms = std::max<std::int64_t>(0, duration_cast<milliseconds>(now - latest_at_).count());
    }
    return facts;
}

}  // namespace hub
