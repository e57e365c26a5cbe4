#include "format/fmp4/init_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "format/fmp4/samples.h"

namespace format::fmp4 {
namespace {

std::vector<TrackDescription> all_tracks() {
    std::vector<TrackDescription> tracks;
    for (const samples::Stream& stream : samples::streams())
        tracks.push_back(samples::describe(stream, static_cast<std::uint32_t>(3 * tracks.size() + 1)));
    return tracks;
}

TEST(InitReader, reads_what_was_written) {
    const auto written = all_tracks();
    const base::Bytes init = write_init(written).value();
    const auto read = read_init(init);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), written.size());
    for (std::size_t i = 0; i < written.size(); ++i) {
        SCOPED_TRACE(samples::streams()[i].name);
        const TrackDescription& is = (*read)[i];
        EXPECT_EQ(is.id, written[i].id);
        EXPECT_EQ(is.codec, written[i].codec);
        EXPECT_EQ(is.timescale, written[i].timescale);
        EXPECT_EQ(is.width, written[i].width);
        EXPECT_EQ(is.height, written[i].height);
        EXPECT_EQ(is.channels, written[i].channels);
        EXPECT_EQ(is.sample_rate, written[i].sample_rate);
        // HEVC's is marked.
        if (is.codec != media::Codec::hevc) {
            EXPECT_EQ(base::to_hex(is.config.view()), base::to_hex(written[i].config.view()));
        }
        EXPECT_EQ(is.config.view().size(), written[i].config.view().size());
    }
    // Written again it is the same, but for the edits, which are not read.
    auto again = *read;
    for (std::size_t i = 0; i < again.size(); ++i) again[i].edit_start = written[i].edit_start;
    EXPECT_EQ(write_init(again).value(), init);
}

TEST(InitReader, a_track_whose_configuration_cannot_be_read_has_none) {
    for (const auto& [stream, box] :
         {std::pair("h264", "avcC"), std::pair("hevc", "hvcC"), std::pair("av1", "av1C"),
          std::pair("aac", "esds"), std::pair("opus", "dOps")}) {
        base::Bytes init = write_init(std::vector{samples::describe(samples::stream(stream), 1)}).value();
        const std::size_t at = base::as_text(init).rfind(box);
        ASSERT_NE(at, std::string::npos) << box;
        init[at] = 'x';
        const auto read = read_init(init);
        ASSERT_TRUE(read) << stream;
        EXPECT_TRUE(read->front().config.view().empty()) << stream;
        EXPECT_EQ(read->front().codec, samples::stream(stream).codec);
    }
}

TEST(InitReader, refuses_what_is_cut_off) {
    const base::Bytes init = write_init(all_tracks()).value();
    for (std::size_t size = 0; size < init.size(); ++size)
        ASSERT_FALSE(read_init(base::ByteView(init).first(size))) << size;
}

TEST(InitReader, survives_bit_flips) {
    const base::Bytes init = write_init(all_tracks()).value();
    std::mt19937 random(11);
    for (int round = 0; round < 20'000; ++round) {
        base::Bytes bytes = init;
        for (int i = 0; i < 3; ++i)
            bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
        const auto read = read_init(bytes);
        if (!read) continue;
        ASSERT_LE(read->size(), max_tracks);
        for (const TrackDescription& track : *read) ASSERT_LE(track.config.view().size(), max_config_size);
    }
}

}  // namespace
}  // namespace format::fmp4
