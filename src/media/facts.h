// What is known of a running ingest: told to people, never used to decide what to forward.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "media/frame.h"

namespace media {

struct VideoFacts {
    Codec codec = Codec::none;
    std::string profile;  // "High 4.1"; empty when unknown
    int width = 0;
    int height = 0;
    double fps = 0;
    std::int64_t bitrate_kbps = 0;
    // Between the last two keyframes; 0 before there were two.
    double keyframe_interval_s = 0;
    bool has_b_frames = false;
};

struct AudioFacts {
    Codec codec = Codec::none;
    int sample_rate = 0;
    int channels = 0;
    std::int64_t bitrate_kbps = 0;
};

struct IngestFacts {
    std::string client_address;   // "203.0.113.7:50122"
    std::string client_software;  // what connect's flashVer says, cleaned: "FMLE/3.0 (compatible; FMSc/1.0)"
    std::string protocol;         // "rtmp" or "rtmps"
    base::WallTime since{};
    VideoFacts video;
    AudioFacts audio;
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
    // Pictures that nobody could have decoded: those before the encoder's first keyframe.
    std::uint64_t frames_dropped = 0;
    // Jumps of the encoder's clock that the stream's own clock did not follow.
    std::uint64_t discontinuities = 0;
    // Media clock minus wall clock since the ingest began: positive when the encoder runs fast.
    std::int64_t drift_ms = 0;
    // Milliseconds since the last frame arrived.
    std::int64_t silent_ms = 0;
};

// "H.264", "HEVC", "AAC": as people write it.
std::string_view display_name(Codec codec);
// "h264", "hevc", "aac": as the API writes it; "none" for no codec.
std::string_view api_name(Codec codec);

}  // namespace media
