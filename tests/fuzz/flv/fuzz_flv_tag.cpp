// Audio and video tag bodies, legacy and enhanced. The first byte chooses the kind; the rest is the body.
// What is read must be self-consistent, and a frame's tag must say the same when it is read again.
#include <cstdlib>

#include "format/flv/tag.h"

namespace {

void require(bool held) {
    if (!held) std::abort();
}

base::Result<std::vector<media::Frame>> read(media::Kind kind, const base::SharedBytes& body) {
    return kind == media::Kind::video ? format::flv::read_video_tag(body, media::Timestamp{0})
                                      : format::flv::read_audio_tag(body, media::Timestamp{0});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const media::Kind kind = data[0] & 1 ? media::Kind::video : media::Kind::audio;
    const auto frames = read(kind, base::SharedBytes(base::Bytes(data + 1, data + size)));
    if (!frames) return 0;
    require(frames->size() <= format::flv::max_tracks);
    for (const media::Frame& frame : *frames) {
        require(frame.kind == kind && frame.codec != media::Codec::none);
        require(frame.payload_offset <= frame.tag.size());
        require(frame.role != media::Role::coded || !frame.payload().empty());
        const auto again = read(kind, frame.tag);
        require(again && again->size() == 1);
        const media::Frame& same = again->front();
        require(same.codec == frame.codec && same.role == frame.role && same.keyframe == frame.keyframe &&
                same.track == frame.track && same.payload().size() == frame.payload().size());
    }
    return 0;
}
