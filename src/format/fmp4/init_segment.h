// The head of a fragmented MP4 file, which is also HLS's media initialization section (RFC 8216, 4.3.2.5):
// ftyp and a moov without samples (ISO/IEC 14496-12, 8.2 and 8.8). Values → bytes, pure.
#pragma once

#include <optional>
#include <span>

#include "base/result.h"
#include "media/frame.h"

namespace format::fmp4 {

// Most tracks in a file, and the longest configuration of one, for the writer and the scanner alike.
inline constexpr std::size_t max_tracks = 16;
inline constexpr std::size_t max_config_size = 64 * 1024;
// Ticks of a video track in a second. An audio track counts in its own sample rate, Opus in 48,000.
inline constexpr std::uint32_t video_timescale = 90'000;

struct TrackDescription {
    std::uint32_t id = 0;  // not 0, and no other track's
    media::Codec codec = media::Codec::none;
    // The payload of a Role::config frame: AVC-, HEVC- or AV1CodecConfigurationRecord, AudioSpecificConfig,
    // OpusHead.
    base::SharedBytes config = {};
    std::uint32_t timescale = 0;
    int width = 0;  // video: as it is shown
    int height = 0;
    int channels = 0;  // audio
    int sample_rate = 0;
    // Where the presentation begins in the track's own time: what Opus calls pre-skip and AAC priming. An
    // edit list says it (8.6.6). Without one it begins at 0.
    std::optional<std::uint32_t> edit_start = std::nullopt;
};

// The same descriptions give the same bytes: no time of creation stands in them. Configurations go in as they
// came, but HEVC's parameter sets are marked as complete, as `hvc1` demands. Errors: unsupported (a codec
// that is not written, by name), malformed (a configuration that cannot be read), limit_exceeded,
// invalid_argument.
base::Result<base::Bytes> write_init(std::span<const TrackDescription> tracks);

}  // namespace format::fmp4
