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
    Codec codec;
    const char* record;
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
    {"aac_empty", Codec::aac, "", malformed},
    {"aac_one_byte", Codec::aac, "12", malformed},
    {"aac_reserved_rate", Codec::aac, "1690", malformed},
    {"aac_rate_zero", Codec::aac, "1780000008", malformed},
    {"aac_rate_of_a_megahertz", Codec::aac, "1787a12008", malformed},
    {"aac_reserved_channels", Codec::aac, "1278", malformed},
    {"aac_cut_in_program_config", Codec::aac, "1180", malformed},
    {"aac_cut_in_extension", Codec::aac, "2b10", malformed},
    {"celp", Codec::aac, "4390", unsupported},
    {"null_object", Codec::aac, "0390", unsupported},
    {"opus_empty", Codec::opus, "", malformed},
    {"opus_tags", Codec::opus, "4f707573546167730102380180bb0000000000", malformed},
    {"opus_short", Codec::opus, "4f707573486561640102380180bb00000000", malformed},
    {"opus_version_16", Codec::opus, "4f707573486561641002380180bb0000000000", unsupported},
    {"opus_no_channels", Codec::opus, "4f707573486561640100380180bb0000000000", malformed},
    {"opus_3_channels_in_family_0", Codec::opus, "4f707573486561640103380180bb0000000000", malformed},
    {"opus_mapping_cut", Codec::opus, "4f707573486561640106380180bb000000000104020004010203", malformed},
    {"opus_more_coupled_than_streams", Codec::opus, "4f707573486561640106380180bb00000000010205000401020305",
     malformed},
    {"flac_empty", Codec::flac, "", malformed},
    {"flac_magic_alone", Codec::flac, "664c6143", malformed},
    {"flac_comment_first", Codec::flac,
     "664c614304000022120012000004a30005080ac442f0000022745d105ceb212ad5d36e4f5608def3d8b7", malformed},
    {"flac_rate_zero", Codec::flac,
     "664c6143120012000004a3000508000002f0000022745d105ceb212ad5d36e4f5608def3d8b7", malformed},
    {"vorbis", Codec::none, "01766f72626973", unsupported},
    {"ac3_has_no_record", Codec::ac3, "0b77", unsupported},
    {"mp3_empty", Codec::mp3, "", malformed},
    {"mp3_no_sync", Codec::mp3, "49443303", malformed},
    {"mp3_reserved_version", Codec::mp3, "ffeb9064", malformed},
    {"mp3_reserved_rate", Codec::mp3, "fffb9c64", malformed},
    {"mp3_forbidden_bit_rate", Codec::mp3, "fffbf064", malformed},
    {"layer_2", Codec::mp3, "fffd9064", unsupported},
    {"reserved_layer_as_in_adts", Codec::mp3, "fff15080", unsupported},
};

INSTANTIATE_TEST_SUITE_P(Hostile, BrokenAudioRecord, testing::ValuesIn(broken), test_name);

}  // namespace
}  // namespace codec
