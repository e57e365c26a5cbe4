// What the NAL units of H.264 and HEVC have in common: emulation prevention, aspect ratio and timing. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "codec/bit_reader.h"

namespace codec {

// Longest parameter set that we read. Real ones have under a hundred bytes; hvcC puts SEI beside them, which
// we skip.
inline constexpr std::size_t max_parameter_set = 4096;

// The raw byte sequence payload: 00 00 03 becomes 00 00 (ISO 14496-10, 7.4.1). Errors: limit_exceeded.
base::Result<base::Bytes> unescape(base::ByteView nal);

// 0 for no rate, and for one that no camera makes (above max_fps).
inline constexpr double max_fps = 1000;
double frames_per_second(double ticks_per_second, double ticks_per_frame);

// "4.1" for 41, "5" for 50: as encoders write a level.
std::string level_name(int tenfold);

}  // namespace codec
