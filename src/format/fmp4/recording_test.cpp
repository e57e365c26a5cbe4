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

TEST(RecordingLead, is_room_between_head_and_fragments) {
    const RecordingLead& lead = samples::lead();
    EXPECT_THAT(test::list(lead.bytes), testing::MatchesRegex("ftyp moov (free )?free prft"));
    EXPECT_EQ(test::list(test::find(lead.bytes, "moov/mvex")), "free trex trex");
    EXPECT_EQ(lead.room.seek_index_at % 8, 0u) << "its seal could be torn";
    EXPECT_EQ(lead.room.seek_index_size, seek_index_room);
    EXPECT_EQ(test::hex(base::ByteView(lead.bytes).subspan(lead.room.seek_index_at, 8)),
              test::plain("00010000 66726565"));
    // 4'004'166'896 s from 1900, and 0.789 of one.
    EXPECT_EQ(test::hex(test::find(lead.bytes, "prft")),
              test::plain("01000000 00000001 eeaabcf0 c9fbe76c 0000000000000000"));
    EXPECT_FALSE(write_recording_lead({}, samples::lead_began));
    EXPECT_FALSE(write_recording_lead(base::Bytes(100), samples::lead_began));
}

// The room begins at a multiple of eight, whatever the length of the head.
TEST(RecordingLead, is_aligned_for_every_head) {
    for (const samples::Stream& stream : samples::streams()) {
        const base::Bytes init = write_init(std::vector{samples::describe(stream, 7)}).value();
        const auto lead = write_recording_lead(init, samples::lead_began);
        ASSERT_TRUE(lead) << stream.name;
        EXPECT_EQ(lead->room.seek_index_at % 8, 0u) << stream.name;
        const RecordedLead read = read_recording_lead(lead->bytes, lead->init_size);
        EXPECT_EQ(read.room.seek_index_at, lead->room.seek_index_at) << stream.name;
        EXPECT_EQ(read.room.seek_index_size, lead->room.seek_index_size);
        EXPECT_EQ(read.room.duration_at, lead->room.duration_at);
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

TEST_P(LeadCase, names_no_room_that_is_none) {
    const samples::LeadCase& sample = GetParam();
    const RecordedLead read = read_recording_lead(sample.bytes, samples::lead().init_size);
    EXPECT_EQ(read.room.seek_index_size != 0, sample.room) << read.room.seek_index_size;
    EXPECT_EQ(read.began.has_value(), sample.began);
    EXPECT_EQ(read.duration.has_value(), sample.duration);
    EXPECT_EQ(read.room.duration_at, samples::lead().room.duration_at);
    if (!sample.room) return;
    EXPECT_EQ(read.room.seek_index_at, samples::lead().room.seek_index_at);
    EXPECT_EQ(read.room.seek_index_size, seek_index_room);
}

INSTANTIATE_TEST_SUITE_P(Leads, LeadCase, testing::ValuesIn(samples::lead_cases()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(RecordingLead, cut_at_any_byte_of_its_head_is_read_to_there) {
    const base::Bytes lead = samples::filled_lead(3);
    for (std::size_t size = 0; size < samples::lead().init_size; ++size) {
        const RecordedLead read = read_recording_lead(base::ByteView(lead).first(size), size);
        ASSERT_EQ(read.room.seek_index_size, 0u);
        ASSERT_FALSE(read.began);
    }
    EXPECT_FALSE(read_recording_lead(base::ByteView(lead).first(9), 10).duration);
}

TEST(SeekIndex, has_each_point_or_every_so_many_and_ends_where_the_media_does) {
    const std::uint32_t most = (seek_index_room - 48) / 12;
    for (const std::size_t points :
         {std::size_t{1}, std::size_t{most}, std::size_t{most} + 1, std::size_t{60'000}}) {
        const base::Bytes lead = samples::filled_lead(points);
        base::ByteReader sidx(test::find(lead, "sidx"));
        EXPECT_EQ(sidx.u32(), 0x0100'0000u);
        EXPECT_EQ(sidx.u32(), 1u);
        EXPECT_EQ(sidx.u32(), 90'000u);
        EXPECT_EQ(sidx.u64(), 0u);
        const std::uint64_t first = sidx.u64();
        EXPECT_EQ(sidx.u16(), 0u);
        const std::size_t count = sidx.u16();
        EXPECT_LE(count, most);
        EXPECT_GE(count, std::min<std::size_t>(points, most / 2));
        std::uint64_t bytes = samples::lead().room.seek_index_at + 40 + 12 * count + first;
        EXPECT_EQ(bytes, lead.size());
        std::uint64_t ticks = 0;
        for (std::size_t i = 0; i < count; ++i) {
            bytes += sidx.u32();
            ticks += sidx.u32();
            EXPECT_EQ(sidx.u32(), 0x9000'0000u);
        }
        EXPECT_TRUE(sidx.at_end() && !sidx.failed());
        EXPECT_EQ(bytes, lead.size() + points * 1'000);
        EXPECT_EQ(ticks, points * 90'000);
    }
}

TEST(SeekIndex, is_refused_at_its_bounds) {
    const RecordingRoom room = samples::lead().room;
    const auto with = [&](std::uint64_t bytes, std::uint64_t time, RecordingRoom in) {
        const std::vector<SeekPoint> points{{0, 100'000}};
        return write_seek_index(
            {.track = 1, .timescale = 1, .points = points, .end = {time, 100'000 + bytes}}, in);
    };
    EXPECT_TRUE(with(0x7fff'ffff, 0xffff'ffff, room));
    EXPECT_EQ(with(0x8000'0000, 1, room).error().code, base::ErrorCode::limit_exceeded);
    EXPECT_EQ(with(1, 0x1'0000'0000, room).error().code, base::ErrorCode::limit_exceeded);
    RecordingRoom small = room;
    small.seek_index_size = 60;
    EXPECT_TRUE(with(1, 1, small));
    small.seek_index_size = 59;
    EXPECT_EQ(with(1, 1, small).error().code, base::ErrorCode::invalid_argument);
    EXPECT_FALSE(write_seek_index({}, room));
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

// 40 s of the same pictures, a GOP of four each 160 ms, a fragment of each.
class SeekingFile : public test_support::Decoding {
  protected:
    static constexpr std::size_t gops = 250;

    void write(bool filled, bool index) {
        const samples::Stream& stream = samples::stream("h264");
        const auto lead = write_recording_lead(write_init(std::vector{samples::describe(stream, 1)}).value(),
                                               samples::lead_began);
        base::Bytes bytes = lead->bytes;
        std::vector<SeekPoint> points;
        for (std::size_t i = 0; i < gops; ++i) {
            base::Bytes payload;
            fmp4::Run run = samples::take(stream, 1, 0, 4, payload);
            run.decode_time = i * 4 * stream.sample_duration;
            points.push_back({run.decode_time + 7'200, bytes.size()});
            base::append(bytes,
                         write_fragment_head(static_cast<std::uint32_t>(i + 1), std::vector{run}).value());
            base::append(bytes, payload);
        }
        if (filled) {
            const auto put = [&](std::uint64_t at, const base::Bytes& what) {
                std::copy(what.begin(), what.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
            };
            put(lead->room.duration_at, write_duration(40'000ms));
            if (index)
                put(lead->room.seek_index_at, write_seek_index({.track = 1,
                                                                .timescale = 90'000,
                                                                .points = points,
                                                                .end = {gops * 4 * 3'600, bytes.size()}},
                                                               lead->room)
                                                  .value());
        }
        std::ofstream(path("file.mp4"), std::ios::binary) << base::as_text(bytes);
    }
    // Bytes of the file that are read for one picture in its middle, and that picture's time.
    std::pair<std::uint64_t, double> seek() const {
        const std::string said =
            test_support::run("ffmpeg -nostdin -hide_banner -v verbose -ss 30 -i " + path("file.mp4") +
                              " -frames:v 1 -f null - 2>&1 | sed -n 's/.*Statistics: \\([0-9]*\\) bytes "
                              "read.*/\\1/p' | head -1");
        const std::string time = test_support::run(
            "ffprobe -v quiet -read_intervals 30%+#1 -select_streams v "
            "-show_entries packet=pts_time -of csv=p=0 " +
            path("file.mp4") + " | head -1");
        return {said.empty() ? 0 : std::stoull(said), std::atof(time.c_str())};
    }
};

TEST_F(SeekingFile, says_how_long_it_is_and_is_sought_by_its_index) {
    write(true, true);
    EXPECT_EQ(
        test_support::run("ffprobe -v warning -show_entries format=duration -of csv=p=0 " + path("file.mp4")),
        "40.000000\n");
    EXPECT_EQ(frames_of(path("file.mp4")), "h264|1000\n");
    const auto with = seek();
    EXPECT_NEAR(with.second, 30.0, 0.25);
    const std::uint64_t size = std::filesystem::file_size(path("file.mp4"));
    EXPECT_GT(with.first, 0u);
    EXPECT_LT(with.first, size) << "it was read through";
    write(true, false);
    EXPECT_LT(with.first, seek().first) << "the index was not used";
    EXPECT_EQ(frames_of(path("file.mp4")), "h264|1000\n");
}

TEST_F(SeekingFile, plays_before_it_is_finished) {
    write(false, false);
    EXPECT_EQ(frames_of(path("file.mp4")), "h264|1000\n");
}

}  // namespace
}  // namespace format::fmp4
