// What a track's samples are made of, as stsd says it (ISO/IEC 14496-12, 8.5.2): one sample entry with the
// decoder's configuration. For this folder alone.
#pragma once

#include "format/fmp4/init_segment.h"

namespace format::fmp4 {

bool is_video(media::Codec codec);

// Appends the sample entry. Errors: unsupported, malformed, limit_exceeded; `out` is then half written.
base::Result<> write_sample_entry(base::Bytes& out, const TrackDescription& track);

// media::Codec::none for one that write_sample_entry() does not write.
media::Codec codec_of_sample_entry(std::uint32_t type);

}  // namespace format::fmp4
