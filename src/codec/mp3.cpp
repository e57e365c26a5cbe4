#include <array>

#include "base/byte_reader.h"
#include "codec/audio_config.h"

namespace codec {
namespace {

// ISO 11172-3, 2.4.2.3; ISO 13818-3 halves the rates, MPEG 2.5 quarters them.
constexpr std::uint32_t sync = 0x7ff;
constexpr std::array<int, 3> mpeg1_rates{44'100, 48'000, 32'000};
enum Version : std::uint32_t { mpeg2_5 = 0, reserved = 1, mpeg2 = 2, mpeg1 = 3 };
constexpr std::uint32_t layer_3 = 1;
constexpr std::uint32_t single_channel = 3;
constexpr std::uint32_t forbidden_bit_rate = 15;

}  // namespace

base::Result<AudioConfig> read_mp3_header(base::ByteView frame) {
    base::ByteReader reader(frame);
    const std::uint32_t header = reader.u32();
    const std::uint32_t version = header >> 19 & 3;
    const std::uint32_t rate = header >> 10 & 3;
    if (reader.failed() || header >> 21 != sync || version == reserved || rate == mpeg1_rates.size() ||
        (header >> 12 & 0x0f) == forbidden_bit_rate)
        return base::fail(base::ErrorCode::malformed, "not an MPEG audio frame");
    if ((header >> 17 & 3) != layer_3)
        return base::fail(base::ErrorCode::unsupported, "MPEG audio of layer 1 or 2 is not MP3");
    const int divisor = version == mpeg1 ? 1 : version == mpeg2 ? 2 : 4;
    return AudioConfig{.codec_string = "mp3",
                       .sample_rate = mpeg1_rates[rate] / divisor,
                       .channels = (header >> 6 & 3) == single_channel ? 1 : 2};
}

}  // namespace codec
