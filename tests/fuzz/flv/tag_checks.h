// What holds for every tag body: what is read is consistent, a frame's own tag says the same when it is read
// again, and what our writer makes of the frame does so too.
#pragma once

#include "format/flv/tag.h"
#include "fuzz/require.h"

namespace fuzz {

inline base::Result<std::vector<media::Frame>> read_tag(media::Kind kind, const base::SharedBytes& body) {
    return kind == media::Kind::video ? format::flv::read_video_tag(body, media::Timestamp{0})
                                      : format::flv::read_audio_tag(body, media::Timestamp{0});
}

inline bool same_bytes(base::ByteView a, base::ByteView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

inline void check_written(const media::Frame& frame) {
    using namespace format::flv;
    const base::Bytes written =
        frame.kind == media::Kind::video
            ? write_video_tag(frame.codec, frame.role, frame.keyframe, frame.cts, frame.payload())
            : write_audio_tag(frame.codec, frame.role, frame.payload());
    const auto again = read_tag(frame.kind, base::SharedBytes(written));
    require(again && again->size() == 1);
    const media::Frame& same = again->front();
    require(same.codec == frame.codec && same.role == frame.role &&
            same_bytes(same.payload(), frame.payload()));
    require(frame.role != media::Role::coded || same.keyframe == frame.keyframe);
}

inline void check_tag(media::Kind kind, base::ByteView bytes) {
    const auto frames = read_tag(kind, base::SharedBytes(base::Bytes(bytes.begin(), bytes.end())));
    if (!frames) return;
    require(frames->size() <= format::flv::max_tracks);
    for (const media::Frame& frame : *frames) {
        require(frame.kind == kind && frame.codec != media::Codec::none);
        require(frame.payload_offset <= frame.tag.size());
        require(frame.role != media::Role::coded || !frame.payload().empty());
        const auto again = read_tag(kind, frame.tag);
        require(again && again->size() == 1);
        const media::Frame& same = again->front();
        require(same.codec == frame.codec && same.role == frame.role && same.keyframe == frame.keyframe &&
                same.track == frame.track && same_bytes(same.payload(), frame.payload()));
        check_written(frame);
    }
}

}  // namespace fuzz
