#include "format/fmp4/fragment_scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "format/fmp4/samples.h"
#include "format/fmp4/test_boxes.h"

namespace format::fmp4 {
namespace {

using samples::detail::bytes_of;

struct Scan {
    std::vector<RecordedFragment> fragments;
    std::vector<RecordedTrack> tracks;
    std::uint64_t init_size = 0;
    std::uint64_t end = 0;
    bool has_index = false;
    std::string problem;
    base::ErrorCode code{};
    std::uint64_t bytes_read = 0;
};

// A file of which `bytes` is the beginning; zeros follow.
Scan scan(base::ByteView bytes, std::uint64_t file_size) {
    Scan result;
    FragmentScanner scanner(file_size);
    while (const auto range = scanner.next()) {
        EXPECT_LE(range->offset, file_size);
        EXPECT_LE(range->size, file_size - range->offset);
        EXPECT_LE(range->size, std::max(max_moov_size, max_moof_size));
        base::Bytes part(range->size);
        if (range->offset < bytes.size()) {
            const base::ByteView from = bytes.subspan(static_cast<std::size_t>(range->offset));
            std::copy_n(from.begin(), std::min(from.size(), part.size()), part.begin());
        }
        result.bytes_read += part.size();
        if (auto fragment = scanner.take(part)) result.fragments.push_back(std::move(*fragment));
    }
    result.tracks = scanner.tracks();
    result.init_size = scanner.init_size();
    result.end = scanner.end();
    result.has_index = scanner.has_index();
    if (scanner.problem()) {
        result.problem = scanner.problem()->message;
        result.code = scanner.problem()->code;
    }
    return result;
}

Scan scan(base::ByteView bytes) {
    return scan(bytes, bytes.size());
}

TEST(FragmentScanner, finds_what_was_recorded) {
    const samples::File& file = samples::file();
    const Scan found = scan(file.bytes);
    EXPECT_EQ(found.problem, "");
    EXPECT_EQ(found.init_size, file.init_size);
    EXPECT_EQ(found.end, file.bytes.size());
    EXPECT_FALSE(found.has_index);
    ASSERT_EQ(found.tracks.size(), 2u);
    EXPECT_EQ(found.tracks[0].id, 1u);
    EXPECT_EQ(found.tracks[0].timescale, 90'000u);
    EXPECT_EQ(found.tracks[0].codec, media::Codec::h264);
    EXPECT_EQ(found.tracks[1].id, 2u);
    EXPECT_EQ(found.tracks[1].timescale, 48'000u);
    EXPECT_EQ(found.tracks[1].codec, media::Codec::aac);

    ASSERT_EQ(found.fragments.size(), 2u);
    const RecordedFragment& second = found.fragments[1];
    EXPECT_EQ(second.sequence, 2u);
    EXPECT_EQ(second.offset, file.ends[0]);
    EXPECT_EQ(second.offset + second.size, file.bytes.size());
    ASSERT_EQ(second.runs.size(), 2u);
    EXPECT_EQ(second.runs[0].track, 1u);
    EXPECT_EQ(second.runs[0].decode_time, 14'400u);
    EXPECT_EQ(second.runs[0].duration, 3'600u);
    EXPECT_EQ(second.runs[0].composition_offset, 7'200);
    EXPECT_TRUE(second.runs[0].starts_with_keyframe);
    EXPECT_EQ(second.runs[0].samples, 1u);
    EXPECT_EQ(second.runs[1].track, 2u);
    EXPECT_EQ(second.runs[1].decode_time, 2'048u);
    EXPECT_EQ(second.runs[1].duration, 2'048u);
    EXPECT_EQ(second.runs[1].samples, 2u);
}

TEST(FragmentScanner, knows_every_codec_that_is_written) {
    std::vector<TrackDescription> tracks;
    for (const samples::Stream& stream : samples::streams())
        tracks.push_back(samples::describe(stream, static_cast<std::uint32_t>(tracks.size() + 1)));
    const Scan found = scan(write_init(tracks).value());
    ASSERT_EQ(found.tracks.size(), tracks.size());
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        EXPECT_EQ(found.tracks[i].id, tracks[i].id);
        EXPECT_EQ(found.tracks[i].codec, tracks[i].codec);
        EXPECT_EQ(found.tracks[i].timescale, tracks[i].timescale);
    }
}

TEST(FragmentScanner, cut_at_any_byte_ends_behind_the_last_whole_fragment) {
    const samples::File& file = samples::file();
    for (std::size_t size = 0; size <= file.bytes.size(); ++size) {
        const Scan found = scan(base::ByteView(file.bytes).first(size));
        const auto whole = static_cast<std::size_t>(
            std::count_if(file.ends.begin(), file.ends.end(), [&](std::size_t end) { return end <= size; }));
        ASSERT_EQ(found.fragments.size(), whole) << size;
        ASSERT_EQ(found.tracks.size(), size < file.init_size ? 0u : 2u) << size;
        ASSERT_EQ(found.end, size < file.init_size ? 0u : file.begin_of(whole)) << size;
    }
}

TEST(FragmentScanner, sees_whether_an_index_was_written) {
    base::Bytes bytes = samples::file().bytes;
    base::append(bytes, write_index(std::vector<IndexEntry>{{.track = 1, .moof_offset = 9}}).value());
    const Scan finished = scan(bytes);
    EXPECT_TRUE(finished.has_index);
    EXPECT_EQ(finished.problem, "");
    EXPECT_EQ(finished.end, samples::file().bytes.size());
    EXPECT_FALSE(scan(base::ByteView(bytes).first(bytes.size() - 1)).has_index);

    // What was written behind it, it does not know of.
    base::Bytes more = bytes;
    base::append(more, bytes_of("00000008 66726565"));
    EXPECT_FALSE(scan(more).has_index);
    const base::Bytes& file = samples::file().bytes;
    bytes.insert(bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(samples::file().init_size),
                 file.end());
    EXPECT_FALSE(scan(bytes).has_index);
    EXPECT_EQ(scan(bytes).fragments.size(), 4u);
    EXPECT_EQ(scan(bytes).end, bytes.size());
}

TEST(FragmentScanner, reads_nothing_of_the_payload) {
    base::Bytes bytes = samples::file().up_to(0);
    const base::Bytes init = bytes;
    const fmp4::Run run{.track = 1, .samples = {{.duration = 1, .size = 0x7000'0000, .keyframe = true}}};
    base::append(bytes, write_fragment_head(1, std::vector{run}).value());
    const std::uint64_t whole = bytes.size() + std::uint64_t{0x7000'0000};
    const Scan found = scan(bytes, whole);
    ASSERT_EQ(found.fragments.size(), 1u);
    EXPECT_EQ(found.fragments[0].size, whole - init.size());
    EXPECT_EQ(found.end, whole);
    EXPECT_LT(found.bytes_read, 2'000u);
    EXPECT_EQ(scan(bytes, whole - 1).fragments.size(), 0u);
}

// Fragments of others: boxes between them, 64-bit sizes, old versions, defaults from the moov, several runs.
TEST(FragmentScanner, reads_what_others_write) {
    base::Bytes bytes;
    base::ByteWriter writer(bytes);
    writer.bytes(bytes_of("0000000c 66747970 69736f6d"));
    const base::Bytes tkhd =
        bytes_of("00000020 746b6864 01000007 0000000000000000 0000000000000000 00000005");
    const base::Bytes mdhd =
        bytes_of("00000020 6d646864 01000000 0000000000000000 0000000000000000 00003a98");
    const base::Bytes trex =
        bytes_of("00000020 74726578 00000000 00000005 00000001 000001f4 00000003 00010000");
    writer.u32(8 + 8 + tkhd.size() + 8 + mdhd.size() + 8 + trex.size()).text("moov");
    writer.u32(8 + tkhd.size() + 8 + mdhd.size()).text("trak").bytes(tkhd);
    writer.u32(8 + mdhd.size()).text("mdia").bytes(mdhd);
    writer.u32(8 + trex.size()).text("mvex").bytes(trex);
    const std::size_t init_size = bytes.size();

    writer.bytes(
        bytes_of("00000010 73747970 6d736468 00000000  00000001 66726565 0000000000000014 00000000"));
    const std::size_t moof = bytes.size();
    writer.bytes(
        bytes_of("00000070 6d6f6f66"
                 "00000010 6d666864 00000000 00000009"
                 "00000058 74726166"
                 "00000010 74666864 00020000 00000005"
                 "00000010 74666474 00000000 80000000"
                 // Version 0: an offset is never negative.
                 "0000001c 7472756e 00000805 00000001 00000080 02000000 80000000"
                 // Goes on where the one before it ended.
                 "00000014 7472756e 00000200 00000001 00000002"
                 "00000001 6d646174 0000000000000015 0102030405"));
    const Scan found = scan(bytes);
    EXPECT_EQ(found.problem, "");
    ASSERT_EQ(found.tracks.size(), 1u);
    EXPECT_EQ(found.tracks[0].id, 5u);
    EXPECT_EQ(found.tracks[0].timescale, 15'000u);
    EXPECT_EQ(found.tracks[0].codec, media::Codec::none);
    EXPECT_EQ(found.init_size, init_size);
    ASSERT_EQ(found.fragments.size(), 1u);
    EXPECT_EQ(found.fragments[0].offset, moof);
    EXPECT_EQ(found.end, bytes.size());
    ASSERT_EQ(found.fragments[0].runs.size(), 1u);
    const RecordedRun& run = found.fragments[0].runs[0];
    EXPECT_EQ(run.decode_time, 0x8000'0000u);
    EXPECT_EQ(run.duration, 1'000u);
    EXPECT_EQ(run.composition_offset, 0x8000'0000);
    EXPECT_TRUE(run.starts_with_keyframe);
    EXPECT_EQ(run.samples, 2u);
}

class BrokenFile : public testing::TestWithParam<samples::Broken> {};

TEST_P(BrokenFile, keeps_the_fragments_before_the_fault) {
    const samples::Broken& sample = GetParam();
    const Scan found = scan(sample.bytes);
    EXPECT_THAT(found.problem, testing::HasSubstr(std::string(sample.says)));
    EXPECT_EQ(found.problem.empty(), sample.says.empty()) << found.problem;
    EXPECT_EQ(found.fragments.size(), sample.fragments);
    EXPECT_EQ(found.end, found.tracks.empty() ? 0 : samples::file().begin_of(sample.fragments));

    // What is kept is a file without a fault.
    const Scan again = scan(base::ByteView(sample.bytes).first(static_cast<std::size_t>(found.end)));
    EXPECT_EQ(again.problem, "");
    EXPECT_EQ(again.end, found.end);
    EXPECT_EQ(again.fragments.size(), found.fragments.size());
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenFile, testing::ValuesIn(samples::broken()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(FragmentScanner, reads_boxes_up_to_their_bounds) {
    const auto with_moov_of = [](std::uint32_t size) {
        base::Bytes bytes = bytes_of("0000000c 66747970 69736f6d");
        base::ByteWriter(bytes).u32(size).text("moov");
        return scan(bytes, std::uint64_t{1} << 40);
    };
    EXPECT_EQ(with_moov_of(max_moov_size).code, base::ErrorCode::malformed);  // zeros are no moov
    EXPECT_EQ(with_moov_of(max_moov_size + 1).code, base::ErrorCode::limit_exceeded);
    EXPECT_LT(with_moov_of(max_moov_size + 1).bytes_read, 100u);

    const auto with_moof_of = [](std::uint32_t size) {
        base::Bytes bytes = samples::file().up_to(1);
        base::ByteWriter(bytes).u32(size).text("moof");
        return scan(bytes, std::uint64_t{1} << 40);
    };
    EXPECT_EQ(with_moof_of(max_moof_size).code, base::ErrorCode::malformed);
    EXPECT_EQ(with_moof_of(max_moof_size + 1).code, base::ErrorCode::limit_exceeded);
    EXPECT_EQ(with_moof_of(max_moof_size + 1).end, samples::file().ends[0]);

    // So many boxes between any two fragments, not in all.
    base::Bytes boxes = samples::detail::with_boxes(max_skipped_boxes);
    EXPECT_EQ(scan(boxes).fragments.size(), 2u);
    const std::size_t init_size = samples::file().init_size;
    const base::Bytes again(boxes.begin() + static_cast<std::ptrdiff_t>(init_size), boxes.end());
    base::append(boxes, again);
    EXPECT_EQ(scan(boxes).fragments.size(), 4u);
}

TEST(FragmentScanner, reads_as_many_tracks_and_samples_as_are_written) {
    std::vector<TrackDescription> tracks;
    for (std::uint32_t id = 1; id <= max_tracks; ++id)
        tracks.push_back(samples::describe(samples::stream("aac"), id));
    base::Bytes bytes = write_init(tracks).value();
    fmp4::Run run{.track = 1};
    // No two alike, so that each says all of itself.
    for (std::uint32_t i = 0; i < max_fragment_samples; ++i)
        run.samples.push_back(
            {.duration = i, .composition_offset = 1, .size = i % 2, .keyframe = i % 3 == 0});
    std::vector<fmp4::Run> runs{run};
    base::append(bytes, write_fragment_head(1, runs).value());
    bytes.resize(bytes.size() + max_fragment_samples / 2);
    const Scan found = scan(bytes);
    EXPECT_EQ(found.problem, "");
    EXPECT_EQ(found.tracks.size(), max_tracks);
    ASSERT_EQ(found.fragments.size(), 1u);
    EXPECT_EQ(found.fragments[0].runs[0].samples, max_fragment_samples);
}

TEST(FragmentScanner, is_not_led_on_by_a_file_that_became_shorter) {
    FragmentScanner scanner(1'000'000);
    ASSERT_TRUE(scanner.next());
    EXPECT_FALSE(scanner.take(base::ByteView(samples::file().bytes).first(3)));
    EXPECT_FALSE(scanner.next());
    ASSERT_TRUE(scanner.problem());
    EXPECT_THAT(scanner.problem()->message, testing::HasSubstr("ends before"));
    EXPECT_FALSE(scanner.take(samples::file().bytes));
}

// Whatever is written is found again.
TEST(FragmentScanner, finds_what_was_written) {
    std::mt19937_64 random(20261120);
    const auto number = [&](std::uint64_t low, std::uint64_t high) {
        return std::uniform_int_distribution<std::uint64_t>(low, high)(random);
    };
    for (int round = 0; round < 200; ++round) {
        std::vector<TrackDescription> tracks;
        for (std::uint32_t i = 0, count = static_cast<std::uint32_t>(number(1, 4)); i < count; ++i)
            tracks.push_back(samples::describe(samples::streams()[number(0, 4)], i * 3 + 1));
        base::Bytes bytes = write_init(tracks).value();
        std::vector<std::vector<fmp4::Run>> written;
        std::vector<std::size_t> ends{bytes.size()};
        for (std::uint64_t i = 0, count = number(0, 6); i < count; ++i) {
            std::vector<fmp4::Run> runs(number(1, 5));
            std::size_t payload = 0;
            const bool constant = number(0, 1) == 1;
            for (fmp4::Run& run : runs) {
                run.track = tracks[number(0, tracks.size() - 1)].id;
                run.decode_time = number(0, max_decode_time);
                run.samples.resize(number(1, 20));
                for (Sample& sample : run.samples) {
                    sample.duration = constant ? 1024 : static_cast<std::uint32_t>(number(0, 0xffff'ffff));
                    sample.size = constant ? 9 : static_cast<std::uint32_t>(number(0, 40));
                    sample.keyframe = number(0, 2) == 0;
                    sample.composition_offset =
                        constant ? 0 : static_cast<std::int32_t>(number(0, 0xffff'ffff));
                    payload += sample.size;
                }
            }
            base::append(bytes, write_fragment_head(static_cast<std::uint32_t>(i), runs).value());
            for (std::size_t j = 0; j < payload; ++j) bytes.push_back(static_cast<std::uint8_t>(random()));
            ends.push_back(bytes.size());
            written.push_back(std::move(runs));
        }

        const Scan found = scan(bytes);
        ASSERT_EQ(found.problem, "");
        ASSERT_EQ(found.end, bytes.size());
        ASSERT_EQ(found.fragments.size(), written.size());
        for (std::size_t i = 0; i < written.size(); ++i) {
            const RecordedFragment& fragment = found.fragments[i];
            ASSERT_EQ(fragment.sequence, i);
            ASSERT_EQ(fragment.offset, ends[i]);
            ASSERT_EQ(fragment.offset + fragment.size, ends[i + 1]);
            ASSERT_EQ(fragment.runs.size(), written[i].size());
            for (std::size_t j = 0; j < written[i].size(); ++j) {
                const fmp4::Run& run = written[i][j];
                std::uint64_t duration = 0;
                for (const Sample& sample : run.samples) duration += sample.duration;
                EXPECT_EQ(fragment.runs[j].track, run.track);
                EXPECT_EQ(fragment.runs[j].decode_time, run.decode_time);
                EXPECT_EQ(fragment.runs[j].duration, duration);
                EXPECT_EQ(fragment.runs[j].samples, run.samples.size());
                EXPECT_EQ(fragment.runs[j].starts_with_keyframe, run.samples.front().keyframe);
                EXPECT_EQ(fragment.runs[j].composition_offset, run.samples.front().composition_offset);
            }
        }

        const std::size_t cut = number(ends.front(), bytes.size());
        const auto whole =
            static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin()) - 1;
        EXPECT_EQ(scan(base::ByteView(bytes).first(cut)).end, ends[whole]);
    }
}

// Bits turned over at random: what is found lies in the file, and what is kept is found again.
TEST(FragmentScanner, survives_bit_flips) {
    std::mt19937 random(7);
    const std::size_t heads = samples::file().init_size + 300;
    for (int round = 0; round < 20'000; ++round) {
        base::Bytes bytes = samples::file().bytes;
        for (int flips = 0; flips < 3; ++flips)
            bytes[random() % (round % 2 == 0 ? heads : bytes.size())] ^=
                static_cast<std::uint8_t>(1u << random() % 8);
        const Scan found = scan(bytes);
        ASSERT_LE(found.end, bytes.size());
        const Scan again = scan(base::ByteView(bytes).first(static_cast<std::size_t>(found.end)));
        ASSERT_EQ(again.end, found.end);
        ASSERT_EQ(again.fragments.size(), found.fragments.size());
    }
}

}  // namespace
}  // namespace format::fmp4
