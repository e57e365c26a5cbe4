// Enhanced RTMP's tag bodies alone: ModEx chains, one track and many, every four-character code. The first
// byte chooses the kind; whatever comes after it is made to begin with an ExHeader.
#include "fuzz/flv/tag_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const media::Kind kind = data[0] & 1 ? media::Kind::video : media::Kind::audio;
    base::Bytes body(data + 1, data + size);
    constexpr std::uint8_t is_ex_header = 0x80;
    constexpr std::uint8_t sound_format_ex_header = 0x90;
    body[0] = static_cast<std::uint8_t>(
        kind == media::Kind::video ? body[0] | is_ex_header : (body[0] & 0x0f) | sound_format_ex_header);
    fuzz::check_tag(kind, body);
    return 0;
}
