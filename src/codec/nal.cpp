#include "codec/nal.h"

namespace codec {

base::Result<base::Bytes> unescape(base::ByteView nal) {
    if (nal.size() > max_parameter_set)
        return base::fail(base::ErrorCode::limit_exceeded, "a parameter set of more than 4 KiB");
    base::Bytes plain;
    plain.reserve(nal.size());
    int zeros = 0;
    for (const std::uint8_t byte : nal) {
        if (zeros >= 2 && byte == 3) {
            zeros = 0;
            continue;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        plain.push_back(byte);
    }
    return plain;
}

double frames_per_second(double ticks_per_second, double ticks_per_frame) {
    if (ticks_per_second <= 0 || ticks_per_frame <= 0) return 0;
    const double fps = ticks_per_second / ticks_per_frame;
    return fps > max_fps ? 0 : fps;
}

std::string level_name(int tenfold) {
    return std::to_string(tenfold / 10) + "." + std::to_string(tenfold % 10);
}

}  // namespace codec
