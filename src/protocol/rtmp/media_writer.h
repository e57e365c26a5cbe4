// MediaWriter: cuts audio, video and data messages into chunks for a gathered write (section 5.3.1). Payload
// is referred to, never copied; each connection adds only its own few header bytes. The first message of a
// chunk stream carries a full header, the others a time difference, so that the extended timestamp stays rare
// however long the stream runs. One connection, one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

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
    // Where the chunk streams of audio, video and data stand: the timestamp that was written last to each,
    // and from which the next difference is taken. Nothing where none was.
    using Marks = std::array<std::optional<std::uint32_t>, 3>;
    static constexpr std::size_t mark_of(MessageType type) {
        return type == MessageType::audio ? 0 : type == MessageType::video ? 1 : 2;
    }

    // `chunk_size` is what was announced to the peer by Set Chunk Size.
    MediaWriter(std::uint32_t message_stream_id, std::uint32_t chunk_size)
        : message_stream_id_(message_stream_id), chunk_size_(chunk_size) {}

    // Appends one message whose body is `prefix` and then `body`. Both stay where they are: the caller keeps
    // them. False when the header is a full one: the bytes are then this connection's alone; with a
    // difference they are those of every writer with this chunk size whose mark is the same.
    bool write(base::GatherList& out, MessageType type, std::uint32_t timestamp, base::ByteView prefix,
               base::ByteView body);

    std::uint32_t chunk_size() const { return chunk_size_; }
    const Marks& marks() const { return marks_; }
    // As though what leads there had been written.
    void stand_at(const Marks& marks) { marks_ = marks; }

  private:
    std::uint32_t message_stream_id_;
    std::uint32_t chunk_size_;
    Marks marks_;
};

// The AMF0 string "@setDataFrame": goes before onMetaData on its way to a platform.
base::ByteView set_data_frame_prefix();

}  // namespace protocol::rtmp
