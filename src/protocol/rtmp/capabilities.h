// What Enhanced RTMP peers tell each other in connect and its _result (Enhanced RTMP v2, "Enhancing
// NetConnection connect Command"). Absent means unsupported.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace protocol::rtmp {

namespace caps_ex {
inline constexpr std::uint32_t reconnect = 0x01;
inline constexpr std::uint32_t multitrack = 0x02;
inline constexpr std::uint32_t mod_ex = 0x04;
inline constexpr std::uint32_t timestamp_nano_offset = 0x08;
}  // namespace caps_ex

namespace fourcc_mask {
inline constexpr std::uint32_t can_decode = 1;
inline constexpr std::uint32_t can_encode = 2;
inline constexpr std::uint32_t can_forward = 4;
}  // namespace fourcc_mask

struct Capabilities {
    std::vector<std::string> fourcc_list;  // "hvc1", or "*" for any
    std::map<std::string, std::uint32_t> video_fourcc;
    std::map<std::string, std::uint32_t> audio_fourcc;
    std::uint32_t caps_ex = 0;
    std::uint32_t video_function = 0;

    bool enhanced() const {
        return !fourcc_list.empty() || !video_fourcc.empty() || !audio_fourcc.empty() || caps_ex != 0;
    }
};

}  // namespace protocol::rtmp
