#include "codec/video_config.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/samples.h"

namespace codec {
namespace {

using media::Codec;

class VideoRecord : public testing::TestWithParam<samples::Video> {};

TEST_P(VideoRecord, tells_what_ffprobe_tells) {
    const samples::Video& sample = GetParam();
    const auto config = read_video_config(sample.codec, base::from_hex(sample.record));
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->profile, sample.profile);
    EXPECT_EQ(config->codec_string, sample.codec_string);
    EXPECT_EQ(config->width, sample.width);
    EXPECT_EQ(config->height, sample.height);
    EXPECT_NEAR(config->fps, sample.fps, 0.001);
    EXPECT_EQ(config->b_frames_possible, sample.b_frames_possible);
}

TEST_P(VideoRecord, cut_short_never_reads_past_its_end) {
    const base::Bytes whole = base::from_hex(GetParam().record);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        // On the heap and of this very size, so that AddressSanitizer sees the first byte too many.
        const base::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto config = read_video_config(GetParam().codec, cut);
        EXPECT_FALSE(config && size < 4) << size;
    }
}

INSTANTIATE_TEST_SUITE_P(Real, VideoRecord, testing::ValuesIn(samples::video),
                         [](const auto& sample) { return std::string(sample.param.name); });

struct Broken {
    const char* name;
    const char* record;
    Codec codec;
    base::ErrorCode code;
};

class BrokenVideoRecord : public testing::TestWithParam<Broken> {};

TEST_P(BrokenVideoRecord, is_refused) {
    const auto config = read_video_config(GetParam().codec, base::from_hex(GetParam().record));
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, GetParam().code) << config.error().message;
}

constexpr auto malformed = base::ErrorCode::malformed;
constexpr auto limit = base::ErrorCode::limit_exceeded;
constexpr auto unsupported = base::ErrorCode::unsupported;

const Broken broken[] = {
    {"avc_empty", "", Codec::h264, malformed},
    {"avc_version_0", "0042c00dffe100186742c00dd90141fb01", Codec::h264, malformed},
    {"avc_annex_b", "000000016742c00dd90141fb0110000003", Codec::h264, malformed},
    {"avc_no_sps", "0142c00dffe001000568cb83cb20", Codec::h264, malformed},
    {"avc_sps_is_a_pps", "0142c00dffe1000668cb83cb200001", Codec::h264, malformed},
    {"avc_sps_longer_than_record", "0142c00dffe1ffff6742c00dd9", Codec::h264, malformed},
    {"avc_sps_of_ones_golomb_overflow", "0142c00dffe100106742c00d00000000000000000000000000", Codec::h264,
     malformed},
    {"hevc_empty", "", Codec::hevc, malformed},
    {"hevc_version_2", "0201600000009000000000003cf000fcfdf8f800000f00", Codec::hevc, malformed},
    {"hevc_arrays_missing", "0101600000009000000000003cf000fcfdf8f800000f03", Codec::hevc, malformed},
    {"hevc_200_arrays", "0101600000009000000000003cf000fcfdf8f800000fc8", Codec::hevc, limit},
    {"hevc_sps_truncated", "0101600000009000000000003cf000fcfdf8f800000f01210001000542010101600", Codec::hevc,
     malformed},
    {"av1_empty", "", Codec::av1, malformed},
    {"av1_marker_missing", "01010c000a0b0000000cc4ff6700be0010", Codec::av1, malformed},
    {"av1_obu_longer_than_record", "81010c000a7f00", Codec::av1, malformed},
    {"av1_forbidden_bit", "81010c008a0b0000000cc4ff6700be0010", Codec::av1, malformed},
    {"av1_sequence_header_truncated", "81010c000a020000", Codec::av1, malformed},
    {"av1_endless_leb128", "81010c000affffffffffffffffffffffff", Codec::av1, malformed},
    {"vp9_empty", "", Codec::vp9, malformed},
    {"vp9_short", "000a8202020200", Codec::vp9, malformed},
    {"vp9_profile_4", "040a820202020000", Codec::vp9, malformed},
    {"vp9_depth_9", "000a920202020000", Codec::vp9, malformed},
    {"vvc", "0101", Codec::vvc, unsupported},
    {"aac", "1210", Codec::aac, unsupported},
    {"none", "", Codec::none, unsupported},
};

INSTANTIATE_TEST_SUITE_P(Hostile, BrokenVideoRecord, testing::ValuesIn(broken),
                         [](const auto& record) { return std::string(record.param.name); });

// A sequence header of AV1 is the shortest place to declare a picture of any size.
base::Bytes av1_of_size(std::uint32_t width, std::uint32_t height) {
    std::string bits = "00001";  // profile 0, not still, reduced header
    bits += "00000";             // level
    bits += "11111111";          // 16 bits each
    for (const std::uint32_t side : {width, height})
        for (int bit = 15; bit >= 0; --bit) bits += (side - 1) >> bit & 1 ? '1' : '0';
    while (bits.size() % 8 != 0) bits += '0';
    base::Bytes record{0x81, 0x00, 0x0c, 0x00, 0x0a, static_cast<std::uint8_t>(bits.size() / 8)};
    for (std::size_t i = 0; i < bits.size(); i += 8)
        record.push_back(static_cast<std::uint8_t>(std::stoi(bits.substr(i, 8), nullptr, 2)));
    return record;
}

TEST(VideoConfig, holds_pictures_to_8192_a_side_and_16_megapixels) {
    struct Size {
        std::uint32_t width, height;
        bool taken;
    };
    for (const Size& size : {Size{8192, 2048, true}, Size{2048, 8192, true}, Size{4096, 4096, true},
                             Size{8193, 16, false}, Size{16, 8193, false}, Size{8192, 2049, false},
                             Size{4097, 4096, false}, Size{65536, 65536, false}, Size{1, 1, true}}) {
        const auto config = read_video_config(Codec::av1, av1_of_size(size.width, size.height));
        EXPECT_EQ(config.has_value(), size.taken) << size.width << "x" << size.height;
        if (!size.taken) {
            EXPECT_EQ(config.error().code, limit);
        }
    }
}

// Bits as they are written into a sequence parameter set.
class Bits {
  public:
    Bits& put(std::uint64_t value, int count) {
        for (int bit = count - 1; bit >= 0; --bit) bits_ += value >> bit & 1 ? '1' : '0';
        return *this;
    }
    // Exp-Golomb (ISO 14496-10, 9.1).
    Bits& ue(std::uint64_t value) {
        int length = 0;
        while ((value + 1) >> (length + 1) != 0) ++length;
        return put(0, length).put(value + 1, length + 1);
    }
    // A NAL unit behind this header: the bits, a stop bit, and escapes.
    base::Bytes nal(const base::Bytes& header) const {
        std::string bits = bits_ + '1';
        while (bits.size() % 8 != 0) bits += '0';
        base::Bytes bytes = header;
        for (std::size_t i = 0; i < bits.size(); i += 8) {
            const auto byte = static_cast<std::uint8_t>(std::stoi(bits.substr(i, 8), nullptr, 2));
            const std::size_t size = bytes.size();
            if (byte <= 3 && size > header.size() + 1 && bytes[size - 1] == 0 && bytes[size - 2] == 0)
                bytes.push_back(3);
            bytes.push_back(byte);
        }
        return bytes;
    }

  private:
    std::string bits_;
};

// `width` and `height` are coded, `cut` is cropped away at the right and the bottom. Even numbers.
base::Bytes avc_of_size(std::uint32_t width, std::uint32_t height, std::uint32_t cut_x, std::uint32_t cut_y) {
    Bits sps;
    sps.put(66, 8).put(0xc0, 8).put(40, 8).ue(0).ue(0).ue(2).ue(1).put(0, 1);
    sps.ue(width / 16 - 1).ue(height / 16 - 1).put(1, 1).put(1, 1);
    sps.put(1, 1).ue(0).ue(cut_x / 2).ue(0).ue(cut_y / 2).put(0, 1);
    const base::Bytes nal = sps.nal({0x67});
    base::Bytes record = base::from_hex("0142c028ffe100");
    record.push_back(static_cast<std::uint8_t>(nal.size()));
    base::append(record, nal);
    base::append(record, base::from_hex("01000168"));
    return record;
}

base::Bytes hevc_of_size(std::uint32_t width, std::uint32_t height, std::uint32_t cut_x,
                         std::uint32_t cut_y) {
    Bits sps;
    sps.put(0, 4).put(0, 3).put(1, 1).put(1, 8).put(0x60000000, 32).put(0, 48).put(93, 8);
    sps.ue(0).ue(1).ue(width).ue(height);
    sps.put(1, 1).ue(0).ue(cut_x / 2).ue(0).ue(cut_y / 2);
    const base::Bytes nal = sps.nal({0x42, 0x01});
    base::Bytes record = base::from_hex("0101600000009000000000005df000fcfdf8f800000f0121000100");
    record.push_back(static_cast<std::uint8_t>(nal.size()));
    base::append(record, nal);
    return record;
}

TEST(VideoConfig, holds_what_is_coded_to_its_bounds_and_not_only_what_is_left_of_it) {
    struct Size {
        std::uint32_t width, height, cut_x, cut_y;
        bool taken;
    };
    for (const Size& size :
         {Size{8192, 2048, 0, 0, true}, Size{4096, 4096, 0, 0, true}, Size{1920, 1088, 0, 8, true},
          Size{4096, 4112, 2, 14, true}, Size{8208, 16, 0, 0, false}, Size{16, 8208, 0, 0, false},
          Size{8192, 8192, 0, 0, false}, Size{8192, 8192, 8176, 8176, false},
          Size{65'520, 65'520, 65'000, 65'000, false}, Size{8208, 16, 16, 0, false}})
        for (const bool hevc : {false, true}) {
            const auto record =
                (hevc ? hevc_of_size : avc_of_size)(size.width, size.height, size.cut_x, size.cut_y);
            const auto config = read_video_config(hevc ? Codec::hevc : Codec::h264, record);
            EXPECT_EQ(config.has_value(), size.taken)
                << (hevc ? "hevc " : "avc ") << size.width << "x" << size.height << " less " << size.cut_x
                << (config ? "" : ": " + config.error().message);
            if (size.taken && config) {
                EXPECT_EQ(config->width, static_cast<int>(size.width - size.cut_x));
                EXPECT_EQ(config->height, static_cast<int>(size.height - size.cut_y));
            } else if (!size.taken && !config) {
                EXPECT_EQ(config.error().code, limit);
            }
        }
}

TEST(VideoConfig, keeps_the_profile_where_hevc_parameter_sets_come_in_the_stream) {
    const auto config =
        read_video_config(Codec::hevc, base::from_hex("0101600000009000000000003cf000fcfdf8f800000f00"));
    ASSERT_TRUE(config);
    EXPECT_EQ(config->profile, "Main 2.0");
    EXPECT_EQ(config->width, 0);
}

TEST(VideoConfig, refuses_a_parameter_set_of_more_than_4_kib) {
    base::Bytes record = base::from_hex("0142c00dffe110016742c00d");
    record.resize(8 + 0x1001);
    const auto config = read_video_config(Codec::h264, record);
    ASSERT_FALSE(config);
    // The NAL header is not counted: 4096 bytes behind it are still read.
    EXPECT_NE(config.error().code, limit);
    record[7] = 0x02;
    record.push_back(0);
    EXPECT_EQ(read_video_config(Codec::h264, record).error().code, limit);
}

}  // namespace
}  // namespace codec
