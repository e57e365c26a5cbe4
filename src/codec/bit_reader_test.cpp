#include "codec/bit_reader.h"

#include <gtest/gtest.h>

#include <string_view>

#include "codec/nal.h"

namespace codec {
namespace {

base::Bytes bits_of(std::string_view text) {
    base::Bytes bytes((text.size() + 7) / 8);
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '1') bytes[i / 8] |= static_cast<std::uint8_t>(0x80 >> i % 8);
    return bytes;
}

TEST(BitReader, reads_across_bytes) {
    const base::Bytes bytes{0xa5, 0x3c, 0xff, 0x00, 0x81, 0x7e};
    BitReader reader(bytes);
    EXPECT_EQ(reader.bits(3), 5u);
    EXPECT_EQ(reader.bits(7), 0x14u);
    EXPECT_EQ(reader.bits(0), 0u);
    EXPECT_EQ(reader.bits(32), 0xf3fc0205u);
    EXPECT_EQ(reader.remaining(), 6u);
    EXPECT_FALSE(reader.failed());
    EXPECT_EQ(reader.bits(7), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_EQ(reader.bits(1), 0u);
}

// ISO 14496-10, tables 9-2 and 9-3.
TEST(BitReader, reads_exponential_golomb_codes) {
    struct Code {
        std::string_view bits;
        std::uint32_t ue;
        std::int32_t se;
    };
    for (const Code& code :
         {Code{"1", 0, 0}, Code{"010", 1, 1}, Code{"011", 2, -1}, Code{"00100", 3, 2}, Code{"00101", 4, -2},
          Code{"00110", 5, 3}, Code{"00111", 6, -3}, Code{"0001010", 9, 5},
          Code{"000000000000000000000000000000010000000000000000000000000000000", 0x7fffffff, 0x40000000},
          Code{"000000000000000000000000000000011111111111111111111111111111111", 0xfffffffe, -0x7fffffff}}) {
        const base::Bytes bytes = bits_of(code.bits);
        BitReader unsigned_reader(bytes);
        EXPECT_EQ(unsigned_reader.ue(), code.ue) << code.bits;
        EXPECT_EQ(unsigned_reader.position(), code.bits.size());
        BitReader signed_reader(bytes);
        EXPECT_EQ(signed_reader.se(), code.se) << code.bits;
    }
}

TEST(BitReader, fails_on_golomb_codes_that_are_too_long_or_cut) {
    const base::Bytes too_long =
        bits_of("0000000000000000000000000000000010000000000000000000000000000000000000000");
    BitReader long_reader(too_long);
    EXPECT_EQ(long_reader.ue(), 0u);
    EXPECT_TRUE(long_reader.failed());

    const base::Bytes zeros(4);
    BitReader zero_reader(zeros);
    zero_reader.ue();
    EXPECT_TRUE(zero_reader.failed());

    const base::Bytes cut = bits_of("00000001");
    BitReader cut_reader(cut);
    EXPECT_EQ(cut_reader.ue(), 0u);
    EXPECT_TRUE(cut_reader.failed());
}

TEST(BitReader, skips_and_aligns) {
    const base::Bytes bytes{0xff, 0x01, 0x80};
    BitReader reader(bytes);
    reader.skip(9);
    reader.align();
    EXPECT_EQ(reader.position(), 16u);
    reader.align();
    EXPECT_TRUE(reader.flag());
    reader.skip(8);
    EXPECT_TRUE(reader.failed());
}

TEST(Unescape, removes_emulation_prevention) {
    const std::pair<const char*, const char*> cases[] = {
        {"", ""},
        {"00000301", "000001"},
        {"0000030000030000", "000000000000"},
        {"000003", "0000"},
        {"00000303", "000003"},
        {"000300030003", "000300030003"},
        {"00000003ff", "000000ff"},
    };
    for (const auto& [escaped, plain] : cases) {
        const auto result = unescape(base::from_hex(escaped));
        ASSERT_TRUE(result);
        EXPECT_EQ(base::to_hex(*result), plain) << escaped;
    }
}

TEST(Unescape, takes_4096_bytes_and_no_more) {
    EXPECT_TRUE(unescape(base::Bytes(max_parameter_set)));
    EXPECT_FALSE(unescape(base::Bytes(max_parameter_set + 1)));
}

TEST(FramesPerSecond, gives_nothing_for_rates_no_camera_makes) {
    EXPECT_DOUBLE_EQ(frames_per_second(60'000, 1'001), 60'000.0 / 1'001);
    EXPECT_EQ(frames_per_second(0, 1), 0);
    EXPECT_EQ(frames_per_second(1, 0), 0);
    EXPECT_EQ(frames_per_second(1'000, 1), 1'000);
    EXPECT_EQ(frames_per_second(1'001, 1), 0);
}

}  // namespace
}  // namespace codec
