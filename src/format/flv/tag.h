// FLV tag bodies, which are also the bodies of RTMP audio and video messages: the legacy header (FLV 10.1,
// E.4.2, E.4.3) and Enhanced RTMP v2's ExHeader with ModEx and multitrack. Bytes ↔ values, pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "media/frame.h"

namespace format::flv {

// Longest chain of ModEx prefixes and most tracks in one multitrack body that we read.
inline constexpr std::size_t max_mod_ex = 8;
inline constexpr std::size_t max_tracks = 16;

// Reads one audio or video tag body into frames: one, or one per track of a multitrack body. A frame of a
// plain body shares `body` as its tag; frames cut out of a multitrack body get a tag of their own (track 0 as
// a plain tag, others as OneTrack), and so do enhanced tags of H.264, AAC and MP3, which are said in the
// legacy form that every peer reads. No frame at all is a tag without media (a video command, an empty body).
// Errors: malformed, unsupported (a codec we do not know), limit_exceeded.
base::Result<std::vector<media::Frame>> read_video_tag(const base::SharedBytes& body, media::Timestamp dts);
base::Result<std::vector<media::Frame>> read_audio_tag(const base::SharedBytes& body, media::Timestamp dts);

// The tag body of a frame that did not come with one: header, then payload. Enhanced for every codec without
// a legacy code point.
base::Bytes write_video_tag(media::Codec codec, media::Role role, bool keyframe, media::Timestamp cts,
                            base::ByteView payload);
base::Bytes write_audio_tag(media::Codec codec, media::Role role, base::ByteView payload);

}  // namespace format::flv
