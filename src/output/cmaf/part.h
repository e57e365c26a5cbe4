// What a packager makes of a stream: init segments, parts (LL-HLS's partial segments), the segments made of
// them, as values. Immutable and shared by whoever serves or records them; any thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "media/frame.h"

namespace output::cmaf {

inline constexpr std::uint32_t video_track_id = 1;
inline constexpr std::uint32_t audio_track_id = 2;

struct InitTrack {
    std::uint32_t id = 0;
    media::Codec codec = media::Codec::none;
    std::uint32_t timescale = 0;
    std::string codec_string;  // RFC 6381: "avc1.640029"
};

// A media initialization section, and what a multivariant playlist says of the media behind it.
struct Init {
    std::uint32_t id = 0;  // counts up from 0; no two of a packager have the same
    base::Bytes bytes;
    std::vector<InitTrack> tracks;  // video before audio
    int width = 0;                  // 0 without video, as the frame rate
    int height = 0;
    double frame_rate = 0;  // 0 when the codec's configuration does not tell
    int channels = 0;       // 0 without audio
    int sample_rate = 0;
};
using InitPtr = std::shared_ptr<const Init>;

// One moof and its mdat, with the samples of all tracks that came in its time.
struct Part {
    // moof and the mdat's header; behind it the payloads of the frames, in this order.
    base::Bytes head;
    std::vector<media::FramePtr> frames;
    std::uint64_t size = 0;  // of all that

    std::uint64_t msn = 0;    // media sequence number of its segment
    std::uint32_t index = 0;  // in the segment
    // Its first picture is a keyframe, or its stream has no pictures.
    bool independent = false;
    // Longer than the target, because one frame alone is: HLS then lists its segment without parts.
    bool over_target = false;
    // In the track's time, where tfdt counts. The next part's start is this one's end, exactly.
    media::Timestamp start{0};
    media::Timestamp duration{0};
    base::WallTime program_date_time{};
    InitPtr init;
};
using PartPtr = std::shared_ptr<const Part>;

// The parts and segments that follow need this; it stands before the first part, and after a Discontinuity.
struct InitChanged {
    InitPtr init;
};

struct PartReady {
    PartPtr part;
};

enum class SegmentEnd {
    target_reached,  // before a keyframe, or wherever the time is up when there are no pictures
    too_long,        // no keyframe in time: the next segment begins with none
    too_large,       // the same of max_segment_weight
    discontinuity,
    stream_end,
};

struct SegmentEnded {
    std::uint64_t msn = 0;
    SegmentEnd why{};
    std::uint32_t parts = 0;
    std::uint64_t size = 0;
    // Its first picture is a keyframe, or its stream has no pictures.
    bool independent = false;
    bool over_target = false;  // one of its parts is
    media::Timestamp start{0};
    media::Timestamp duration{0};
    base::WallTime program_date_time{};
    InitPtr init;
    // What HLS calls so: no segment is longer, rounded to the nearest second. The first one decides it; only
    // the first after a discontinuity may raise it.
    std::chrono::seconds target_duration{0};
};

// What comes is not what went before: only here decode times may skip.
struct Discontinuity {
    // clock_set: decode times go on, dates do not.
    enum class Why { gap, encoder_returned, tracks_changed, clock_set };
    Why why{};
};

// A track whose codec or configuration cannot be carried; said once for each.
struct TrackLeftOut {
    media::Kind kind{};
    media::Codec codec = media::Codec::none;
    std::string reason;
};

using Event = std::variant<InitChanged, PartReady, SegmentEnded, Discontinuity, TrackLeftOut>;

}  // namespace output::cmaf
