#include "output/player/flv_player.h"

#include <algorithm>

#include "format/flv/file.h"

namespace output::player {
namespace {

// What one pull gives, about.
constexpr std::size_t batch_bytes = 256 * 1024;

std::size_t bytes_of(const hub::Batch& batch) {
    std::size_t bytes = 0;
    for (const hub::Delivery& delivery : batch.frames) bytes += delivery.frame->tag.size();
    return bytes;
}

// A player waits for all that the file's header announces before it shows anything.
bool holds(const hub::Batch& batch, media::Kind kind) {
    const auto fits = [kind](const media::FramePtr& frame) {
        return frame->kind == kind && frame->track == 0;
    };
    return std::any_of(batch.headers->configs.begin(), batch.headers->configs.end(), fits) ||
           std::any_of(batch.frames.begin(), batch.frames.end(),
                       [&](const hub::Delivery& delivery) { return fits(delivery.frame); });
}

}  // namespace

FlvPlayer::~FlvPlayer() {
    if (bell_) audience_->leave(bell_);
    --count_->players;
}

void FlvPlayer::start(std::function<void()> wake) {
    bell_ = std::make_shared<FlvAudience::Bell>(std::move(wake));
    audience_->join(bell_);
}

base::ByteSource::Pull FlvPlayer::pull(base::MonotonicTime now, base::GatherList& out) {
    bell_->hush();
    if (count_->stopped) return {.end = true, .cut_off = true};
    if (!subscription_) subscription_ = stream_->subscribe({.start = hub::StartAt::cached_keyframe}, now);
    // Readers are pulled on threads of their own, so that none takes what another one read.
    hub::BatchPtr unshared;
    while (const hub::BatchPtr batch = subscription_->read(now, batch_bytes, unshared)) {
        unshared.reset();
        bool wrote = false;
        for (const hub::Delivery& delivery : batch->frames) {
            if (!began_ && delivery.frame->track == 0) {
                began_ = true;
                out.add_copy(format::flv::write_file_header(holds(*batch, media::Kind::audio),
                                                            holds(*batch, media::Kind::video)));
            }
            wrote |= write(delivery, out);
        }
        if (!wrote) continue;
        out.keep(batch);
        const bool more = bytes_of(*batch) >= batch_bytes || stream_->ended();
        return {.next = more ? now : base::MonotonicTime::max()};
    }
    return {.end = subscription_->ended()};
}

bool FlvPlayer::write(const hub::Delivery& delivery, base::GatherList& out) {
    const media::Frame& frame = *delivery.frame;
    if (frame.track != 0) return false;
    base::ByteView body = frame.tag.view();
    if (frame.kind == media::Kind::data && frame.role == media::Role::metadata) {
        auto told = std::make_shared<const base::SharedBytes>(audience_->metadata(delivery.frame));
        body = told->view();
        out.keep(std::move(told));
    }
    if (body.empty()) return false;
    if (!base_) base_ = delivery.at;
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(delivery.at - *base_);
    format::flv::add_tag(out, frame.kind, body, std::max(at, std::chrono::milliseconds(0)));
    return true;
}

}  // namespace output::player
