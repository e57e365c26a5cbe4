// Sizes and scales of the boxes around a recording's fragments, for their writer and reader alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace format::fmp4 {

inline constexpr std::size_t box_header_size = 8;
inline constexpr std::size_t full_box_header = 4;  // version and flags
inline constexpr std::size_t mdat_header_size = 8;
inline constexpr std::size_t duration_box_size = 20;  // mehd with a wide duration
// The head's (mvhd): mehd counts in it.
inline constexpr std::int64_t movie_timescale = 1'000;
// Seconds from 1900, where NTP counts from, to 1970.
inline constexpr std::int64_t ntp_epoch = 2'208'988'800;

}  // namespace format::fmp4
