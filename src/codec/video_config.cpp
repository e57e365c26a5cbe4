#include "codec/video_config.h"

#include "codec/records.h"
#include "media/facts.h"

namespace codec {
namespace {

base::Result<VideoConfig> read(media::Codec codec, base::ByteView record) {
    switch (codec) {
        case media::Codec::h264:
            return read_avc_record(record);
        case media::Codec::hevc:
            return read_hevc_record(record);
        case media::Codec::av1:
            return read_av1_record(record);
        case media::Codec::vp8:
        case media::Codec::vp9:
            return read_vp_record(codec, record);
        default:
            return base::fail(
                base::ErrorCode::unsupported,
                "configuration records of " + std::string(media::display_name(codec)) + " are not read");
    }
}

}  // namespace

bool coded_too_large(std::uint64_t width, std::uint64_t height) {
    constexpr std::uint64_t block = 64;
    return width > max_dimension || height > max_dimension ||
           width * height > max_pixels + block * (width + height);
}

base::Result<VideoConfig> read_video_config(media::Codec codec, base::ByteView record) {
    auto config = read(codec, record);
    if (!config) return config;
    const std::int64_t width = config->width;
    const std::int64_t height = config->height;
    if (width < 0 || height < 0) return base::fail(base::ErrorCode::malformed, "a picture of no size");
    if (width > max_dimension || height > max_dimension || width * height > max_pixels)
        return base::fail(base::ErrorCode::limit_exceeded,
                          "pictures of " + std::to_string(width) + "x" + std::to_string(height) +
                              " are larger than this server takes (" + std::to_string(max_dimension) +
                              " a side, 16 megapixels in all)");
    return config;
}

}  // namespace codec
