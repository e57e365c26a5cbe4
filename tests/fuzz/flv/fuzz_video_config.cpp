// Video configuration records. The first byte chooses the codec; the rest is the record.
#include "codec/video_config.h"

#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto codec = static_cast<media::Codec>(data[0] % (static_cast<int>(media::Codec::eac3) + 1));
    // A copy of this very size, so that AddressSanitizer sees the first byte too many.
    const base::Bytes record(data + 1, data + size);
    const auto config = codec::read_video_config(codec, record);
    if (!config) return 0;
    fuzz::require(config->width >= 0 && config->width <= codec::max_dimension);
    fuzz::require(config->height >= 0 && config->height <= codec::max_dimension);
    fuzz::require(config->width * config->height <= codec::max_pixels);
    fuzz::require(config->fps >= 0 && config->fps <= 1000);
    return 0;
}
