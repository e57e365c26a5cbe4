// What a packager knows of a track from its codec configuration, and the init segments made of that. Pure.
#pragma once

#include <span>

#include "format/fmp4/init_segment.h"
#include "output/cmaf/part.h"

namespace output::cmaf {

struct TrackConfig {
    format::fmp4::TrackDescription description;
    std::string codec_string;
    double frame_rate = 0;
    // AAC's; 0 where each frame tells (Opus) or none does (video).
    std::uint32_t samples_per_frame = 0;
};
using TrackConfigPtr = std::shared_ptr<const TrackConfig>;

// `frame` has Role::config. Errors: unsupported, malformed, limit_exceeded, invalid_argument.
base::Result<TrackConfigPtr> read_track_config(const media::FramePtr& frame);

// Video before audio. Errors: as fmp4::write_init().
base::Result<InitPtr> make_init(std::uint32_t id, std::span<const TrackConfigPtr> tracks);

// Samples in one frame of AAC, at the rate that codec::read_audio_config() gives.
std::uint32_t aac_frame_length(base::ByteView audio_specific_config);
// Samples in an Opus packet, at 48 kHz (RFC 6716, 3.1 and 3.2); 0 when it cannot be read.
std::uint32_t opus_packet_length(base::ByteView packet);

}  // namespace output::cmaf
