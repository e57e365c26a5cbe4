// One reader per codec, behind read_video_config() and read_audio_config(). For this folder; others include
// video_config.h and audio_config.h. What is shown comes out unchecked: read_video_config() holds it to its
// limits.
#pragma once

#include "codec/audio_config.h"
#include "codec/video_config.h"

namespace codec {

// Whether pictures are coded larger than they may be, however little of them is shown: a decoder pays for
// what is coded. Encoders round up to whole blocks, of at most 64 a side.
bool coded_too_large(std::uint64_t width, std::uint64_t height);

// AVCDecoderConfigurationRecord (ISO 14496-15, 5.3.3.1) and the first sequence parameter set in it.
base::Result<VideoConfig> read_avc_record(base::ByteView record);
// HEVCDecoderConfigurationRecord (ISO 14496-15, 8.3.3.1), its first video and sequence parameter sets.
base::Result<VideoConfig> read_hevc_record(base::ByteView record);
// AV1CodecConfigurationRecord (AV1 in ISOBMFF, 2.3) and the sequence header OBU in it.
base::Result<VideoConfig> read_av1_record(base::ByteView record);
// VPCodecConfigurationRecord (VP codec in ISOBMFF, 2.2), with or without the box's version and flags.
base::Result<VideoConfig> read_vp_record(media::Codec codec, base::ByteView record);

// AudioSpecificConfig (ISO 14496-3, 1.6.2.1), HE-AAC signalled in either explicit way.
base::Result<AudioConfig> read_aac_record(base::ByteView record);
// Identification header (RFC 7845, 5.1).
base::Result<AudioConfig> read_opus_record(base::ByteView record);
// "fLaC" and STREAMINFO (RFC 9639, 8.2), with or without the metadata block header before it.
base::Result<AudioConfig> read_flac_record(base::ByteView record);

}  // namespace codec
