// Publisher::Slot: one stream's state at the desk. Everything in it is guarded by its mutex; the desk's own
// mutex, where both are needed, is taken first.
#pragma once

#include <deque>

#include "hub/facts_meter.h"
#include "hub/timeline.h"
#include "ingest/stream_desk.h"

namespace ingest {

class Publisher::Slot {
  public:
    explicit Slot(std::string id) : stream_id(std::move(id)) {}

    IngestSnapshot snapshot(base::MonotonicTime now) const {
        const std::lock_guard lock(mutex);
        return {stream_id, owner, !owner.empty(), meter ? meter->facts(now) : media::IngestFacts{}};
    }

    const std::string stream_id;

    mutable std::mutex mutex;
    std::shared_ptr<hub::Stream> stream;
    hub::Timeline timeline;
    std::optional<hub::FactsMeter> meter;
    // The ingest id of the encoder that publishes now; empty while none does.
    std::string owner;
    std::function<void(std::string)> cut_owner;
    base::MonotonicTime last_frame_at{};
    // No picture is let through before the encoder's first keyframe: it could not be decoded.
    bool awaiting_keyframe = true;
    bool announced = false;
    bool resumed = false;
    bool took_over = false;
    std::chrono::milliseconds grace{0};
    std::optional<base::MonotonicTime> ends_at;
    std::deque<base::MonotonicTime> takeovers;
    bool closed = false;
};

}  // namespace ingest
