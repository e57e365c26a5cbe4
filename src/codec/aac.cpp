#include <array>

#include "codec/bit_reader.h"
#include "codec/records.h"

namespace codec {
namespace {

// Section numbers are those of ISO 14496-3.
namespace object_type {
constexpr std::uint32_t main = 1;
constexpr std::uint32_t long_term_prediction = 4;
constexpr std::uint32_t sbr = 5;
constexpr std::uint32_t scalable = 6;
constexpr std::uint32_t twin_vq = 7;
constexpr std::uint32_t error_resilient_low_complexity = 17;
constexpr std::uint32_t error_resilient_low_delay = 23;
constexpr std::uint32_t bsac = 22;
constexpr std::uint32_t parametric_stereo = 29;
constexpr std::uint32_t enhanced_low_delay = 39;
constexpr std::uint32_t usac = 42;
constexpr std::uint32_t escape = 31;
}  // namespace object_type

constexpr std::array<int, 13> sample_rates{96'000, 88'200, 64'000, 48'000, 44'100, 32'000, 24'000,
                                           22'050, 16'000, 12'000, 11'025, 8'000,  7'350};
constexpr std::uint32_t sample_rate_escape = 15;
constexpr int max_sample_rate = 192'000;
// Table 1.19; 0 is "in the program config element" or reserved.
constexpr std::array<int, 16> channels_of_configuration{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};
constexpr std::uint32_t sbr_sync = 0x2b7;
constexpr std::uint32_t parametric_stereo_sync = 0x548;

std::uint32_t read_object_type(BitReader& reader) {
    const std::uint32_t type = reader.bits(5);
    return type == object_type::escape ? 32 + reader.bits(6) : type;
}

// 0 for a reserved index.
int read_sample_rate(BitReader& reader) {
    const std::uint32_t index = reader.bits(4);
    if (index == sample_rate_escape) return static_cast<int>(reader.bits(24));
    return index < sample_rates.size() ? sample_rates[index] : 0;
}

bool is_general_audio(std::uint32_t type) {
    return (type >= object_type::main && type <= object_type::long_term_prediction) ||
           type == object_type::scalable || type == object_type::twin_vq ||
           (type >= object_type::error_resilient_low_complexity &&
            type <= object_type::error_resilient_low_delay && type != 18);
}

bool is_aac(std::uint32_t type) {
    return (is_general_audio(type) && type != object_type::twin_vq) ||
           type == object_type::enhanced_low_delay || type == object_type::usac;
}

// 4.5.1.2: how many channels a program config element names.
int count_program_channels(BitReader& reader) {
    reader.skip(4 + 2 + 4);
    const std::uint32_t front = reader.bits(4);
    const std::uint32_t side = reader.bits(4);
    const std::uint32_t back = reader.bits(4);
    const std::uint32_t low_frequency = reader.bits(2);
    const std::uint32_t data = reader.bits(3);
    const std::uint32_t coupling = reader.bits(4);
    if (reader.flag()) reader.skip(4);
    if (reader.flag()) reader.skip(4);
    if (reader.flag()) reader.skip(3);
    std::uint32_t channels = low_frequency;
    for (std::uint32_t i = 0; i < front + side + back; ++i) {
        channels += reader.flag() ? 2 : 1;
        reader.skip(4);
    }
    reader.skip(std::size_t{4} * low_frequency + std::size_t{4} * data + std::size_t{5} * coupling);
    reader.align();
    reader.skip(std::size_t{8} * reader.bits(8));
    return static_cast<int>(channels);
}

// 4.4.1, up to its end; gives the channels where the configuration number does not.
int read_general_audio(BitReader& reader, std::uint32_t type, std::uint32_t channel_configuration) {
    reader.skip(1);
    if (reader.flag()) reader.skip(14);
    const bool extension = reader.flag();
    int channels = 0;
    if (channel_configuration == 0) channels = count_program_channels(reader);
    if (type == object_type::scalable || type == 20) reader.skip(3);
    if (extension) {
        if (type == object_type::bsac) reader.skip(5 + 11);
        if (type == 17 || type == 19 || type == 20 || type == 23) reader.skip(3);
        reader.skip(1);
    }
    return channels;
}

}  // namespace

base::Result<AudioConfig> read_aac_record(base::ByteView record) {
    BitReader reader(record);
    std::uint32_t type = read_object_type(reader);
    int sample_rate = read_sample_rate(reader);
    const std::uint32_t channel_configuration = reader.bits(4);
    if (reader.failed()) return base::fail(base::ErrorCode::malformed, "a truncated AudioSpecificConfig");

    bool sbr = false;
    bool parametric_stereo = false;
    if (type == object_type::sbr || type == object_type::parametric_stereo) {
        sbr = true;
        parametric_stereo = type == object_type::parametric_stereo;
        sample_rate = read_sample_rate(reader);
        type = read_object_type(reader);
        if (type == object_type::bsac) reader.skip(4);
    }
    if (reader.failed()) return base::fail(base::ErrorCode::malformed, "a truncated AudioSpecificConfig");
    if (!is_aac(type))
        return base::fail(base::ErrorCode::unsupported,
                          "MPEG-4 audio of object type " + std::to_string(type) + " is not AAC");

    int channels = channels_of_configuration[channel_configuration];
    if (is_general_audio(type)) {
        const int named = read_general_audio(reader, type, channel_configuration);
        if (reader.failed() && channel_configuration == 0)
            return base::fail(base::ErrorCode::malformed, "a truncated program config element");
        if (channel_configuration == 0) channels = named;
        // Backward compatible signalling (1.6.5.2): old decoders stop before it.
        if (!sbr && !reader.failed() && reader.remaining() >= 16 && reader.bits(11) == sbr_sync &&
            read_object_type(reader) == object_type::sbr && reader.flag()) {
            const int extended = read_sample_rate(reader);
            sbr = !reader.failed();
            if (sbr) sample_rate = extended;
            if (reader.remaining() >= 12 && reader.bits(11) == parametric_stereo_sync)
                parametric_stereo = reader.flag();
        }
    }
    if (sample_rate <= 0 || sample_rate > max_sample_rate)
        return base::fail(base::ErrorCode::malformed, "an impossible audio sample rate");
    if (channels == 0 && type != object_type::usac)
        return base::fail(base::ErrorCode::malformed, "audio without channels");

    AudioConfig config;
    const std::uint32_t shown = parametric_stereo ? object_type::parametric_stereo
                                : sbr             ? object_type::sbr
                                                  : type;
    config.codec_string = "mp4a.40." + std::to_string(shown);
    config.sample_rate = sample_rate;
    config.channels = parametric_stereo && channels == 1 ? 2 : channels;
    return config;
}

}  // namespace codec
