// MediaWriter: cuts audio, video and data messages into chunks for a gathered write (section 5.3.1). Payload
// is referred to, never copied; each connection adds only its own few header bytes. The first message of a
// chunk stream carries a full header, the others a time difference, so that the extended timestamp stays rare
// however long the stream runs. One connection, one thread.
#pragma once

#include <array>
#include <cstdint>

#include "base/gather_list.h"
#include "media/frame.h"
#include "protocol/rtmp/message.h"

namespace protocol::rtmp {

// The message that carries frames of this kind.
constexpr MessageType message_type(media::Kind kind) {
    switch (kind) {
        case media::Kind::audio:
            return MessageType::audio;
        case media::Kind::video:
            return MessageType::video;
        case media::Kind::data:
            break;
    }
    return MessageType::data_amf0;
}

class MediaWriter {
  public:
    // `chunk_size` is what was announced to the peer by Set Chunk Size.
    MediaWriter(std::uint32_t message_stream_id, std::uint32_t chunk_size)
        : message_stream_id_(message_stream_id), chunk_size_(chunk_size) {}

    // Appends one message whose body is `prefix` and then `body`. Both stay where they are: the caller keeps
    // them.
    void write(base::GatherList& out, MessageType type, std::uint32_t timestamp, base::ByteView prefix,
               base::ByteView body);

  private:
    struct ChunkStream {
        std::uint8_t id;
        bool used = false;
        std::uint32_t timestamp = 0;
    };
    ChunkStream& chunk_stream(MessageType type);

    std::uint32_t message_stream_id_;
    std::uint32_t chunk_size_;
    std::array<ChunkStream, 3> chunk_streams_{{{static_cast<std::uint8_t>(chunk_stream::audio)},
                                               {static_cast<std::uint8_t>(chunk_stream::video)},
                                               {static_cast<std::uint8_t>(chunk_stream::data)}}};
};

// The AMF0 string "@setDataFrame": goes before onMetaData on its way to a platform.
base::ByteView set_data_frame_prefix();

}  // namespace protocol::rtmp
