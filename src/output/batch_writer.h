// BatchWriter: puts what a subscription read on one RTMP connection, at times of the connection's own. Most
// connections of a stream stand at the same place and are told the same differences of time: the first two
// write their batch, all others take the second one's list as it is. One connection, on its core's thread.
#pragma once

#include <algorithm>
#include <optional>

#include "hub/stream.h"
#include "protocol/rtmp/media_writer.h"

namespace output {

// Of the main tracks: platforms and players take one picture and one sound; more tracks are for those who
// asked for them.
struct Written {
    std::uint32_t frames = 0;  // pictures and sounds
    std::uint32_t pictures = 0;
};

// What one connection wrote of one batch.
struct Wire {
    hub::BatchPtr batch;
    std::uint32_t chunk_size = 0;
    // In the stream's own time, of the chunk streams that it uses.
    protocol::rtmp::MediaWriter::Marks before;
    protocol::rtmp::MediaWriter::Marks after;
    media::Timestamp earliest{};
    Written written;
    base::GatherList parts;
};

// What the connections of one core share. Cleared now and then, so that it keeps nothing alive for long.
struct RecentWire {
    hub::BatchPtr seen;
    std::shared_ptr<const Wire> wire;
};

class BatchWriter {
  public:
    // `before_metadata` goes before onMetaData.
    BatchWriter(std::uint32_t message_stream_id, std::uint32_t chunk_size,
                base::ByteView before_metadata = {})
        : writer_(message_stream_id, chunk_size), before_metadata_(before_metadata) {}

    // Appends the batch by reference; `out` keeps it. Nothing is appended when there is only what is not
    // taken.
    Written write(base::GatherList& out, const hub::BatchPtr& batch, RecentWire& recent);

  private:
    bool stands_before(const Wire& wire) const;
    void go_behind(const Wire& wire);
    Written write_all(base::GatherList& out, const hub::Batch& batch);
    std::shared_ptr<const Wire> make(const hub::BatchPtr& batch, RecentWire& recent);
    std::uint32_t base_millis() const;

    protocol::rtmp::MediaWriter writer_;
    const base::ByteView before_metadata_;
    // The connection's first frame, from which it counts.
    std::optional<media::Timestamp> base_;
    // What was written last was told in differences of time only, and none of it lay before the base.
    bool common_ = false;
};

// Calls `write` with each frame that is sent, and its time after `base` in milliseconds; sets `base` by the
// first.
template <class Write>
Written for_each_sent(const hub::Batch& batch, std::optional<media::Timestamp>& base, Write write) {
    Written written;
    for (const hub::Delivery& delivery : batch.frames) {
        const media::Frame& frame = *delivery.frame;
        if (frame.track != 0) continue;
        if (!base) base = delivery.at;
        const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(delivery.at - *base).count();
        write(frame, static_cast<std::uint32_t>(std::max<std::int64_t>(0, at)));
        if (frame.role != media::Role::coded) continue;
        ++written.frames;
        if (frame.kind == media::Kind::video) ++written.pictures;
    }
    return written;
}

}  // namespace output
