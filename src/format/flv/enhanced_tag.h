// The Enhanced RTMP v2 half of reading a tag body, and what it has in common with the legacy half. For
// tag_reader.cpp alone; others include tag.h.
#pragma once

#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "format/flv/tag_codes.h"
#include "media/frame.h"

namespace format::flv {

// What the ExHeader said before the tracks begin.
struct ExHeader {
    media::Kind kind{};
    std::uint8_t frame_type = 0;  // video only
    std::uint8_t packet_type = 0;
    media::Timestamp nano_offset{0};
    std::uint8_t multitrack_type = 0;
};

// Enhanced RTMP v2, "ExVideoTagHeader" and "ExAudioTagHeader". `reader` stands behind the body's first byte,
// which gave `header` its kind, frame type and packet type.
base::Result<std::vector<media::Frame>> read_enhanced_tag(ExHeader header, const base::SharedBytes& body,
                                                          media::Timestamp dts, base::ByteReader& reader);

inline bool is_key(std::uint8_t frame_type) {
    return frame_type == video_frame_type::key || frame_type == video_frame_type::generated_key;
}

inline bool is_coded(std::uint8_t frame_type) {
    return frame_type >= video_frame_type::key && frame_type <= video_frame_type::generated_key;
}

// A coded tag without a byte of its codec is nothing to hand on.
inline bool carries_something(const media::Frame& frame, base::ByteView payload) {
    return !payload.empty() || frame.role == media::Role::config || frame.role == media::Role::end;
}

inline tl::unexpected<base::Error> truncated(media::Kind kind) {
    return base::fail(base::ErrorCode::malformed,
                      kind == media::Kind::video ? "a truncated video tag" : "a truncated audio tag");
}

}  // namespace format::flv
