// What stands around a recording's fragments: read back, by ffprobe as well, and broken.
#include "format/fmp4/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/byte_reader.h"
#include "format/fmp4/fragment_scanner.h"
#include "format/fmp4/recording_samples.h"
#include "format/fmp4/test_boxes.h"
#include "support/decoding.h"

namespace format::fmp4 {
namespace {

using namespace std::chrono_literals;

TEST(RecordingLead, is_the_head_with_room_and_the_time) {
    const RecordingLead& lead = samples::lead();
    EXPECT_EQ(test::list(lead.bytes), "ftyp moov prft");
    EXPECT_EQ(test::list(test::find(lead.bytes, "moov/mvex")), "free trex trex");
    // 4'004'166'896 s from 1900, and 0.789 of one.
    EXPECT_EQ(test::hex(test::find(lead.bytes, "prft")),
              test::plain("01000000 00000001 eeaabcf0 c9fbe76c 0000000000000000"));
    EXPECT_FALSE(write_recording_lead({}, samples::lead_began));
    EXPECT_FALSE(write_recording_lead(base::Bytes(100), samples::lead_began));
}

TEST(RecordingLead, is_read_as_it_was_written_for_every_head) {
    for (const samples::Stream& stream : samples::streams()) {
        const base::Bytes init = write_init(std::vector{samples::describe(stream, 7)}).value();
        const auto lead = write_recording_lead(init, samples::lead_began);
        ASSERT_TRUE(lead) << stream.name;
        const RecordedLead read = read_recording_lead(lead->bytes, lead->init_size);
        EXPECT_EQ(read.duration_at, lead->duration_at) << stream.name;
        EXPECT_EQ(read.began, samples::lead_began);
        EXPECT_FALSE(read.duration);
        FragmentScanner scanner(lead->bytes.size());
        while (const auto range = scanner.next())
            (void)scanner.take(base::ByteView(lead->bytes).subspan(range->offset, range->size));
        EXPECT_FALSE(scanner.problem());
        EXPECT_EQ(scanner.init_size(), lead->init_size);
    }
}

class LeadCase : public testing::TestWithParam<samples::LeadCase> {};

TEST_P(LeadCase, is_read_as_far_as_it_is_whole) {
    const samples::LeadCase& sample = GetParam();
    const RecordedLead read = read_recording_lead(sample.bytes, samples::lead().init_size);
    EXPECT_EQ(read.began.has_value(), sample.began);
    EXPECT_EQ(read.duration.has_value(), sample.duration);
    EXPECT_EQ(read.duration_at, samples::lead().duration_at);
}

INSTANTIATE_TEST_SUITE_P(Leads, LeadCase, testing::ValuesIn(samples::lead_cases()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(RecordingLead, cut_at_any_byte_of_its_head_is_read_to_there) {
    const base::Bytes lead = samples::finished_lead(3s);
    for (std::size_t size = 0; size < samples::lead().init_size; ++size) {
        const RecordedLead read = read_recording_lead(base::ByteView(lead).first(size), size);
        ASSERT_FALSE(read.began);
    }
    EXPECT_FALSE(read_recording_lead(base::ByteView(lead).first(9), 10).duration);
}

TEST(SetBack, moves_every_run_but_not_below_zero) {
    const std::vector<RecordedTrack> tracks{{1, 90'000, media::Codec::h264}, {2, 48'000, media::Codec::aac}};
    const fmp4::Run video{
        .track = 1, .decode_time = (std::uint64_t{1} << 40) + 7, .samples = {{.duration = 3'000, .size = 4}}};
    const fmp4::Run audio{.track = 2, .decode_time = 500, .samples = {{.duration = 1'024, .size = 2}}};
    const base::Bytes head = write_fragment_head(9, std::vector{video, audio}).value();
    base::Bytes moved = head;
    const std::vector<std::uint64_t> back{std::uint64_t{1} << 40, 501};
    const auto runs = set_back(moved, tracks, back);
    ASSERT_TRUE(runs);
    EXPECT_EQ((*runs)[0].decode_time, 7u);
    EXPECT_EQ((*runs)[1].decode_time, 0u);
    EXPECT_EQ(moved.size(), head.size());
    // Nothing else of it changed: written with those times it is the same.
    fmp4::Run early = video;
    early.decode_time = 7;
    fmp4::Run zero = audio;
    zero.decode_time = 0;
    EXPECT_EQ(moved, write_fragment_head(9, std::vector{early, zero}).value());
}

TEST(SetBack, refuses_what_is_no_head) {
    const std::vector<RecordedTrack> tracks{{1, 90'000, media::Codec::h264}};
    const std::vector<std::uint64_t> back{0};
    const fmp4::Run run{.track = 1, .samples = {{.duration = 1, .size = 1}}};
    const base::Bytes head = write_fragment_head(1, std::vector{run}).value();
    for (std::size_t size = 0; size + 8 < head.size(); ++size) {
        base::Bytes cut(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(set_back(cut, tracks, back)) << size;
    }
    const fmp4::Run other{.track = 2, .samples = {{.duration = 1, .size = 1}}};
    base::Bytes foreign = write_fragment_head(1, std::vector{other}).value();
    EXPECT_FALSE(set_back(foreign, tracks, back));
    std::mt19937 random(4);
    for (int round = 0; round < 20'000; ++round) {
        base::Bytes bytes = head;
        for (int i = 0; i < 3; ++i)
            bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
        (void)set_back(bytes, tracks, back);
        ASSERT_EQ(bytes.size(), head.size());
    }
}

// 40 s of the same pictures, a GOP of four each 160 ms, two fragments of each.
class RecordedFile : public test_support::Decoding {
  protected:
    static constexpr std::size_t gops = 250;

    void write(bool finished) {
        const samples::Stream& stream = samples::stream("h264");
        const auto lead = write_recording_lead(write_init(std::vector{samples::describe(stream, 1)}).value(),
                                               samples::lead_began);
        base::Bytes bytes = lead->bytes;
        for (std::size_t i = 0; i < 2 * gops; ++i) {
            base::Bytes payload;
            fmp4::Run run = samples::take(stream, 1, 2 * (i % 2), 2, payload);
            run.decode_time = 2 * i * stream.sample_duration;
            base::append(bytes,
                         write_fragment_head(static_cast<std::uint32_t>(i + 1), std::vector{run}).value());
            base::append(bytes, payload);
        }
        if (finished) {
            const base::Bytes said = write_duration(40'000ms);
            std::copy(said.begin(), said.end(),
                      bytes.begin() + static_cast<std::ptrdiff_t>(lead->duration_at));
        }
        std::ofstream(path("file.mp4"), std::ios::binary) << base::as_text(bytes);
    }
};

TEST_F(RecordedFile, says_how_long_it_is_and_is_whole_behind_the_place_that_was_sought) {
    write(true);
    EXPECT_EQ(
        test_support::run("ffprobe -v warning -show_entries format=duration -of csv=p=0 " + path("file.mp4")),
        "40.000000\n");
    EXPECT_EQ(frames_of(path("file.mp4")), "h264|1000\n");
    const std::string time = test_support::run(
        "ffprobe -v quiet -read_intervals 30%+#1 -select_streams v -show_entries packet=pts_time -of "
        "csv=p=0 " +
        path("file.mp4") + " | head -1");
    EXPECT_NEAR(std::atof(time.c_str()), 30.0, 0.25);
    const std::string packets = test_support::run("ffmpeg -nostdin -v error -ss 20 -i " + path("file.mp4") +
                                                  " -c copy -f framecrc - | grep -c '^0,'");
    EXPECT_NEAR(std::atoi(packets.c_str()), 500, 4);
}

TEST_F(RecordedFile, plays_before_it_is_finished) {
    write(false);
    EXPECT_EQ(frames_of(path("file.mp4")), "h264|1000\n");
}

}  // namespace
}  // namespace format::fmp4
