// Reads audio configuration (AudioSpecificConfig of ISO 14496-3, OpusHead of RFC 7845, FLAC STREAMINFO).
// Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "media/frame.h"

namespace codec {

struct AudioConfig {
    std::string codec_string;  // RFC 6381: "mp4a.40.2"
    int sample_rate = 0;
    int channels = 0;
};

// `record` is the payload of a Role::config frame. Errors: malformed, unsupported.
base::Result<AudioConfig> read_audio_config(media::Codec codec, base::ByteView record);

// Sample rate and channels from the first MPEG audio frame header (ISO 11172-3, 2.4.2.3), for MP3, which has
// no configuration record.
base::Result<AudioConfig> read_mp3_header(base::ByteView frame);

}  // namespace codec
