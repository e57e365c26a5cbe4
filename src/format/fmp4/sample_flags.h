// The numbers of tfhd and trun (ISO/IEC 14496-12, 8.8.3.1, 8.8.7 and 8.8.8), shared by the fragment's writer
// and reader and by nobody else.
#pragma once

#include <cstdint>

namespace format::fmp4 {

namespace sample_flags {
inline constexpr std::uint32_t non_sync = 0x00010000;
inline constexpr std::uint32_t keyframe = 0x02000000;              // depends on no other
inline constexpr std::uint32_t dependent = 0x01000000 | non_sync;  // depends on others
}  // namespace sample_flags

namespace tfhd_flags {
inline constexpr std::uint32_t base_data_offset = 0x000001;
inline constexpr std::uint32_t sample_description = 0x000002;
inline constexpr std::uint32_t default_duration = 0x000008;
inline constexpr std::uint32_t default_size = 0x000010;
inline constexpr std::uint32_t default_flags = 0x000020;
inline constexpr std::uint32_t default_base_is_moof = 0x020000;
}  // namespace tfhd_flags

namespace trun_flags {
inline constexpr std::uint32_t data_offset = 0x000001;
inline constexpr std::uint32_t first_sample_flags = 0x000004;
inline constexpr std::uint32_t duration = 0x000100;
inline constexpr std::uint32_t size = 0x000200;
inline constexpr std::uint32_t flags = 0x000400;
inline constexpr std::uint32_t composition_offset = 0x000800;
}  // namespace trun_flags

}  // namespace format::fmp4
