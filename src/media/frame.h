// Frame: one immutable unit of media, the vocabulary of everything between an ingest and an output.
// Made by an ingest, handed round by shared pointer, never changed after it was published.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace media {

// Milliseconds would do for RTMP, not for what comes after it. int64: it does not wrap.
using Timestamp = std::chrono::duration<std::int64_t, std::micro>;

enum class Kind : std::uint8_t { audio, video, data };

enum class Codec : std::uint8_t { none, h264, hevc, vvc, av1, vp8, vp9, aac, mp3, opus, flac, ac3, eac3 };

enum class Role : std::uint8_t {
    config,    // codec configuration (sequence header), no picture or sound of its own
    coded,     // a picture or some sound
    metadata,  // onMetaData, or a codec's colour information
    end,       // the track ends here (sequence end)
};

struct Frame {
    Kind kind = Kind::data;
    Codec codec = Codec::none;
    Role role = Role::coded;
    // Decoding can start here. Every coded audio frame is one; so is a video IDR.
    bool keyframe = false;
    // 0 is the main track of its kind; Enhanced RTMP's multitrack has more.
    std::uint8_t track = 0;
    Timestamp dts{0};
    // Presentation minus decoding time; may be negative.
    Timestamp cts{0};
    // The FLV tag body of this frame, made once (by the encoder itself where the ingest is RTMP) and sent as
    // it is to every RTMP and FLV output: tag header, then payload.
    base::SharedBytes tag;
    // Where the codec's own bytes begin in `tag`.
    std::uint32_t payload_offset = 0;

    base::ByteView payload() const { return tag.view().subspan(payload_offset); }
};

using FramePtr = std::shared_ptr<const Frame>;

}  // namespace media
