// MessageDemuxer: RTMP media messages of one publisher to frames. Pure; owned by its connection.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "ingest/stream_desk.h"
#include "protocol/rtmp/message.h"

namespace ingest::rtmp {

class MessageDemuxer {
  public:
    // Appends the frames of one message. An error ends the publisher's connection: what it sends is not media
    // that we can carry, and the message says why in the words of whoever set up the encoder.
    base::Result<> demux(const protocol::rtmp::Message& message, std::vector<TimedFrame>& frames);

    // From the last onMetaData, once: the frame rate that the encoder declares.
    std::optional<double> take_declared_fps() { return std::exchange(declared_fps_, std::nullopt); }

  private:
    void demux_data(const protocol::rtmp::Message& message, std::vector<TimedFrame>& frames);

    std::optional<double> declared_fps_;
};

}  // namespace ingest::rtmp
