// Reads codec configuration records (AVCDecoderConfigurationRecord, HEVCDecoderConfigurationRecord,
// AV1CodecConfigurationRecord, VPCodecConfigurationRecord) for what people want to know of a picture. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "media/frame.h"

namespace codec {

// Dimensions past these are refused: a peer declares them for free, a decoder pays for them.
inline constexpr int max_dimension = 8192;
inline constexpr int max_pixels = 16 * 1024 * 1024;

struct VideoConfig {
    std::string profile;       // "High 4.1", "Main 5.0"; empty when unknown
    std::string codec_string;  // RFC 6381: "avc1.640029"
    int width = 0;             // after cropping; 0 when the record does not tell
    int height = 0;
    double fps = 0;  // from timing information; 0 when there is none
    bool b_frames_possible = true;
};

// `record` is the payload of a Role::config frame. Errors: malformed, limit_exceeded, unsupported.
base::Result<VideoConfig> read_video_config(media::Codec codec, base::ByteView record);

}  // namespace codec
