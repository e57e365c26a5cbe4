#include "codec/audio_config.h"

#include <gtest/gtest.h>

#include "codec/samples.h"

namespace codec {
namespace {

using media::Codec;

void expect_config(const base::Result<AudioConfig>& config, const samples::Audio& sample) {
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->codec_string, sample.codec_string);
    EXPECT_EQ(config->sample_rate, sample.sample_rate);
    EXPECT_EQ(config->channels, sample.channels);
}

const auto test_name = [](const auto& parameter) { return std::string(parameter.param.name); };

class AudioRecord : public testing::TestWithParam<samples::Audio> {};

TEST_P(AudioRecord, tells_rate_and_channels) {
    expect_config(read_audio_config(GetParam().codec, base::from_hex(GetParam().record)), GetParam());
}

TEST_P(AudioRecord, cut_short_never_reads_past_its_end) {
    const base::Bytes whole = base::from_hex(GetParam().record);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const base::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto config = read_audio_config(GetParam().codec, cut);
        EXPECT_FALSE(config && (size < 2 || GetParam().codec != Codec::aac)) << size;
    }
}

INSTANTIATE_TEST_SUITE_P(Real, AudioRecord, testing::ValuesIn(samples::audio), test_name);

class Mp3Header : public testing::TestWithParam<samples::Audio> {};

TEST_P(Mp3Header, tells_rate_and_channels) {
    expect_config(read_mp3_header(base::from_hex(GetParam().record)), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Real, Mp3Header, testing::ValuesIn(samples::mp3), test_name);

struct Broken {
    const char* name;
    const char* record;
    Codec codec;
    base::ErrorCode code;
};

class BrokenAudioRecord : public testing::TestWithParam<Broken> {};

TEST_P(BrokenAudioRecord, is_refused) {
    const base::Bytes record = base::from_hex(GetParam().record);
    const auto config = GetParam().codec == Codec::mp3 ? read_mp3_header(record)
                                                       : read_audio_config(GetParam().codec, record);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, GetParam().code) << config.error().message;
}

constexpr auto malformed = base::ErrorCode::malformed;
constexpr auto unsupported = base::ErrorCode::unsupported;

const Broken broken[] = {
    {"aac_empty", "", Codec::aac, malformed},
    {"aac_one_byte", "12", Codec::aac, malformed},
    {"aac_reserved_rate", "1690", Codec::aac, malformed},
    {"aac_rate_zero", "1780000008", Codec::aac, malformed},
    {"aac_rate_of_a_megahertz", "1787a12008", Codec::aac, malformed},
    {"aac_reserved_channels", "1278", Codec::aac, malformed},
    {"aac_cut_in_program_config", "1180", Codec::aac, malformed},
    {"aac_cut_in_extension", "2b10", Codec::aac, malformed},
    {"celp", "4390", Codec::aac, unsupported},
    {"null_object", "0390", Codec::aac, unsupported},
    {"opus_empty", "", Codec::opus, malformed},
    {"opus_tags", "4f707573546167730102380180bb0000000000", Codec::opus, malformed},
    {"opus_short", "4f707573486561640102380180bb00000000", Codec::opus, malformed},
    {"opus_version_16", "4f707573486561641002380180bb0000000000", Codec::opus, unsupported},
    {"opus_no_channels", "4f707573486561640100380180bb0000000000", Codec::opus, malformed},
    {"opus_3_channels_in_family_0", "4f707573486561640103380180bb0000000000", Codec::opus, malformed},
    {"opus_mapping_cut", "4f707573486561640106380180bb000000000104020004010203", Codec::opus, malformed},
    {"opus_more_coupled_than_streams", "4f707573486561640106380180bb00000000010205000401020305", Codec::opus,
     malformed},
    {"flac_empty", "", Codec::flac, malformed},
    {"flac_magic_alone", "664c6143", Codec::flac, malformed},
    {"flac_comment_first",
     "664c614304000022120012000004a30005080ac442f0000022745d105ceb212ad5d36e4f5608def3d8b7", Codec::flac,
     malformed},
    {"flac_rate_zero", "664c6143120012000004a3000508000002f0000022745d105ceb212ad5d36e4f5608def3d8b7",
     Codec::flac, malformed},
    {"vorbis", "01766f72626973", Codec::none, unsupported},
    {"ac3_has_no_record", "0b77", Codec::ac3, unsupported},
    {"mp3_empty", "", Codec::mp3, malformed},
    {"mp3_no_sync", "49443303", Codec::mp3, malformed},
    {"mp3_reserved_version", "ffeb9064", Codec::mp3, malformed},
    {"mp3_reserved_rate", "fffb9c64", Codec::mp3, malformed},
    {"mp3_forbidden_bit_rate", "fffbf064", Codec::mp3, malformed},
    {"layer_2", "fffd9064", Codec::mp3, unsupported},
    {"reserved_layer_as_in_adts", "fff15080", Codec::mp3, unsupported},
};

INSTANTIATE_TEST_SUITE_P(Hostile, BrokenAudioRecord, testing::ValuesIn(broken), test_name);

}  // namespace
}  // namespace codec
