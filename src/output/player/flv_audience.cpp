#include "output/player/flv_audience.h"

#include <algorithm>

#include "output/player/flv_metadata.h"

namespace output::player {

void FlvAudience::join(BellPtr bell) {
    const std::lock_guard lock(mutex_);
    bells_.push_back(std::move(bell));
}

void FlvAudience::leave(const BellPtr& bell) {
    const std::lock_guard lock(mutex_);
    const auto place = std::find(bells_.begin(), bells_.end(), bell);
    if (place == bells_.end()) return;
    std::swap(*place, bells_.back());
    bells_.pop_back();
}

base::SharedBytes FlvAudience::metadata(const media::FramePtr& encoders) {
    const std::lock_guard lock(mutex_);
    if (encoders_metadata_ != encoders) {
        encoders_metadata_ = encoders;
        metadata_ = base::SharedBytes(write_live_metadata(encoders->tag.view()));
    }
    return metadata_;
}

void FlvAudience::wake(const hub::News&) {
    if (!posted_.exchange(true, std::memory_order_acq_rel)) loop_.post(shared_from_this());
}

void FlvAudience::run() {
    posted_.exchange(false, std::memory_order_acq_rel);
    const std::lock_guard lock(mutex_);
    for (const BellPtr& bell : bells_) bell->ring();
}

}  // namespace output::player
