#include "ingest/stream_slot.h"

namespace ingest {

Publisher::Publisher(std::shared_ptr<StreamDesk> desk, std::shared_ptr<Slot> slot, std::string ingest_id)
    : desk_(std::move(desk)), slot_(std::move(slot)), ingest_id_(std::move(ingest_id)) {}

Publisher::~Publisher() {
    lost("the connection was closed");
}

const std::string& Publisher::stream_id() const {
    return slot_->stream_id;
}

bool Publisher::publish(std::vector<TimedFrame> frames, base::MonotonicTime now) {
    std::optional<media::Event> news;
    std::shared_ptr<hub::Stream> stream;
    std::vector<media::FramePtr> placed;
    {
        const std::lock_guard lock(slot_->mutex);
        Slot& slot = *slot_;
        if (slot.owner != ingest_id_) return false;
        slot.last_frame_at = now;
        stream = slot.stream;
        bool facts_changed = false;
        placed.reserve(frames.size());
        for (TimedFrame& timed : frames) {
            media::Frame& frame = timed.frame;
            const auto place = slot.timeline.place(frame.kind, timed.wire_ms, now);
            frame.dts = place.dts;
            const bool picture = frame.kind == media::Kind::video && frame.role == media::Role::coded;
            if (picture && frame.track == 0 && slot.awaiting_keyframe) {
                if (!frame.keyframe) {
                    slot.meter->count_dropped();
                    continue;
                }
                slot.awaiting_keyframe = false;
            }
            facts_changed |= slot.meter->add(frame, now);
            placed.push_back(std::make_shared<const media::Frame>(std::move(frame)));
        }
        slot.meter->set_discontinuities(slot.timeline.discontinuities());
        // Published under the slot's lock: frames of two encoders can then never change places in a takeover.
        stream->publish(placed, now);
        if (!slot.announced && !placed.empty()) {
            slot.announced = true;
            news = media::IngestStarted{slot.stream_id, ingest_id_, slot.meter->facts(now), slot.took_over,
                                        slot.resumed};
        } else if (facts_changed) {
            news = media::IngestChanged{slot.stream_id, slot.meter->facts(now)};
        }
    }
    if (news) desk_->events_.publish(std::move(*news));
    return true;
}

void Publisher::set_declared_fps(double fps) {
    const std::lock_guard lock(slot_->mutex);
    if (slot_->owner == ingest_id_) slot_->meter->set_declared_fps(fps);
}

void Publisher::lost(const std::string& reason) {
    if (std::exchange(gone_, true)) return;
    desk_->publisher_lost(slot_, ingest_id_, reason);
}

}  // namespace ingest
