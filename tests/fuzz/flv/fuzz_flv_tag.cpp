// Audio and video tag bodies, legacy and enhanced. The first byte chooses the kind; the rest is the body.
#include "fuzz/flv/tag_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    fuzz::check_tag(data[0] & 1 ? media::Kind::video : media::Kind::audio, {data + 1, size - 1});
    return 0;
}
