#include "output/cmaf/track_config.h"

#include <gtest/gtest.h>

#include "output/cmaf/track.h"

namespace output::cmaf {
namespace {

TEST(TrackConfig, knows_how_many_samples_a_frame_of_aac_has) {
    const auto length = [](std::string_view config) { return aac_frame_length(base::from_hex(config)); };
    EXPECT_EQ(length("1190"), 1'024u);          // LC, 48 kHz, stereo
    EXPECT_EQ(length("1194"), 960u);            // with frameLengthFlag
    EXPECT_EQ(length("119056e500"), 1'024u);    // SBR is said to be absent
    EXPECT_EQ(length("131056e59800"), 2'048u);  // backward compatible SBR: 24 kHz, doubled
    EXPECT_EQ(length("2b118800"), 2'048u);      // SBR, explicit
    EXPECT_EQ(length("b99000"), 512u);          // LD
}

TEST(TrackConfig, knows_how_long_an_opus_packet_is) {
    const auto length = [](std::string_view packet) { return opus_packet_length(base::from_hex(packet)); };
    EXPECT_EQ(length(""), 0u);
    EXPECT_EQ(length("00"), 480u);    // SILK, 10 ms
    EXPECT_EQ(length("18"), 2'880u);  // SILK, 60 ms
    EXPECT_EQ(length("68"), 960u);    // hybrid, 20 ms
    EXPECT_EQ(length("80"), 120u);    // CELT, 2.5 ms
    EXPECT_EQ(length("fc"), 960u);    // CELT, 20 ms
    EXPECT_EQ(length("fd"), 1'920u);  // two of them
    EXPECT_EQ(length("ff03"), 2'880u);
    EXPECT_EQ(length("ff"), 0u);
}

TEST(TrackConfig, time_is_scaled_exactly_both_ways) {
    using namespace std::chrono_literals;
    for (const std::uint32_t scale : {90'000u, 48'000u, 44'100u, 8'000u})
        for (const media::Timestamp time :
             {media::Timestamp(0), media::Timestamp(10h), media::Timestamp(87'600h)}) {
            EXPECT_EQ(to_ticks(time, scale), time / 1s * scale);
            EXPECT_EQ(from_ticks(to_ticks(time, scale), scale), time);
        }
    EXPECT_EQ(to_ticks(33ms, 90'000), 2'970);
    EXPECT_EQ(to_ticks(-33ms, 90'000), -2'970);
    EXPECT_EQ(from_ticks(1'024, 48'000), 21'333us);
    EXPECT_EQ(from_ticks(2'048, 48'000), 42'667us);
}

}  // namespace
}  // namespace output::cmaf
