// Audio configuration records and MP3 headers. The first byte chooses the codec; the rest is the record.
#include "codec/audio_config.h"

#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto codec = static_cast<media::Codec>(data[0] % (static_cast<int>(media::Codec::eac3) + 1));
    const base::Bytes record(data + 1, data + size);
    const auto config =
        codec == media::Codec::mp3 ? codec::read_mp3_header(record) : codec::read_audio_config(codec, record);
    if (!config) return 0;
    fuzz::require(config->sample_rate > 0 && config->channels >= 0 && config->channels <= 255);
    return 0;
}
