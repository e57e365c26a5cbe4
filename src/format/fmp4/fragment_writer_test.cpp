#include <gtest/gtest.h>

#include "format/fmp4/fragment.h"
#include "format/fmp4/index.h"
#include "format/fmp4/test_boxes.h"

namespace format::fmp4 {
namespace {

using test::find;
using test::hex;
using test::plain;

base::Bytes head_of(std::uint32_t sequence, const std::vector<fmp4::Run>& runs) {
    auto head = write_fragment_head(sequence, runs);
    EXPECT_TRUE(head) << head.error().message;
    return head.value_or(base::Bytes{});
}

// The moof alone: the mdat's payload is not there yet.
base::ByteView moof_of(const base::Bytes& head) {
    return base::ByteView(head).first(head.size() - 8);
}

TEST(Fragment, says_once_what_all_samples_share) {
    const base::Bytes head = head_of(
        7, {{.track = 2, .decode_time = 0x1'0000'0000, .samples = {{1024, 0, 6, true}, {1024, 0, 6, true}}}});
    EXPECT_EQ(hex(head), plain("00000064 6d6f6f66"
                               "00000010 6d666864 00000000 00000007"
                               "0000004c 74726166"
                               "0000001c 74666864 00020038 00000002 00000400 00000006 02000000"
                               "00000014 74666474 01000000 0000000100000000"
                               "00000014 7472756e 01000001 00000002 0000006c"
                               "00000014 6d646174"));
}

TEST(Fragment, says_of_a_group_of_pictures_that_its_first_is_a_keyframe) {
    const base::Bytes head = head_of(
        1, {{.track = 1,
             .decode_time = 3600,
             .samples = {{3600, 7200, 1000, true}, {3600, 14400, 200, false}, {3600, -3600, 100, false}}}});
    EXPECT_EQ(hex(find(moof_of(head), "moof/traf/tfhd")), plain("00020028 00000001 00000e10 01010000"));
    EXPECT_EQ(hex(find(moof_of(head), "moof/traf/tfdt")), plain("01000000 0000000000000e10"));
    EXPECT_EQ(hex(find(moof_of(head), "moof/traf/trun")),
              plain("01000a05 00000003 00000084 02000000"
                    "000003e8 00001c20  000000c8 00003840  00000064 fffff1f0"));
    EXPECT_EQ(head.size(), 0x84u);
    EXPECT_EQ(hex(base::ByteView(head).last(8)), plain("0000051c 6d646174"));
}

TEST(Fragment, says_of_each_sample_what_they_do_not_share) {
    const base::Bytes head = head_of(
        1, {{.track = 1, .samples = {{3000, 0, 10, false}, {3003, 0, 20, true}, {3000, 0, 10, false}}}});
    EXPECT_EQ(hex(find(moof_of(head), "moof/traf/tfhd")), plain("00020000 00000001"));
    EXPECT_EQ(hex(find(moof_of(head), "moof/traf/trun")).substr(0, 16), plain("01000701 00000003"));
    EXPECT_EQ(hex(find(moof_of(head), "moof/traf/trun")).substr(24),
              plain("00000bb8 0000000a 01010000  00000bbb 00000014 02000000  00000bb8 0000000a 01010000"));
}

TEST(Fragment, says_of_a_single_sample_all_in_its_header) {
    const base::Bytes head = head_of(1, {{.track = 1, .samples = {{3000, 0, 10, false}}}});
    EXPECT_EQ(hex(find(moof_of(head), "moof/traf/tfhd")),
              plain("00020038 00000001 00000bb8 0000000a 01010000"));
    EXPECT_EQ(hex(find(moof_of(head), "moof/traf/trun")).substr(0, 16), plain("01000001 00000001"));
}

TEST(Fragment, puts_one_run_behind_the_other) {
    const base::Bytes head = head_of(1, {{.track = 1, .samples = {{1, 0, 100, true}, {1, 0, 11, false}}},
                                         {.track = 2, .samples = {{1, 0, 7, true}}},
                                         {.track = 1, .decode_time = 2, .samples = {{1, 0, 5, false}}}});
    const auto offset_of = [&](const std::string& traf) {
        return hex(find(moof_of(head), "moof/" + traf + "/trun").subspan(8, 4));
    };
    const auto number = [](std::size_t value) {
        base::Bytes bytes;
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes.push_back(static_cast<std::uint8_t>(value >> shift));
        return hex(bytes);
    };
    EXPECT_EQ(offset_of("traf"), number(head.size()));
    EXPECT_EQ(offset_of("traf.1"), number(head.size() + 111));
    EXPECT_EQ(offset_of("traf.2"), number(head.size() + 118));
    EXPECT_EQ(hex(base::ByteView(head).last(8).first(4)), number(8 + 123));
}

TEST(Fragment, stays_within_its_bounds) {
    using base::ErrorCode;
    const auto code_of = [](const std::vector<fmp4::Run>& runs) {
        const auto head = write_fragment_head(1, runs);
        return head ? ErrorCode::internal : head.error().code;
    };
    const Sample sample{.duration = 1, .size = 1, .keyframe = true};
    EXPECT_EQ(code_of({}), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of({{.track = 1}}), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of({{.track = 1, .decode_time = max_decode_time, .samples = {sample}}}),
              ErrorCode::internal);
    EXPECT_EQ(code_of({{.track = 1, .decode_time = max_decode_time + 1, .samples = {sample}}}),
              ErrorCode::invalid_argument);

    const fmp4::Run run{.track = 1, .samples = {sample}};
    EXPECT_EQ(code_of(std::vector<fmp4::Run>(max_fragment_runs, run)), ErrorCode::internal);
    EXPECT_EQ(code_of(std::vector<fmp4::Run>(max_fragment_runs + 1, run)), ErrorCode::limit_exceeded);
    const auto many = [&](std::size_t count) {
        return fmp4::Run{.track = 1, .samples = std::vector<Sample>(count, sample)};
    };
    EXPECT_EQ(code_of({many(max_fragment_samples)}), ErrorCode::internal);
    EXPECT_EQ(code_of({many(max_fragment_samples), run}), ErrorCode::limit_exceeded);

    const std::size_t head = head_of(1, {{.track = 1, .samples = {sample}}}).size();
    const auto sized = [](std::uint64_t size) {
        return fmp4::Run{.track = 1, .samples = {{.duration = 1, .size = static_cast<std::uint32_t>(size)}}};
    };
    EXPECT_EQ(code_of({sized(max_fragment_size - head)}), ErrorCode::internal);
    EXPECT_EQ(code_of({sized(max_fragment_size - head + 1)}), ErrorCode::limit_exceeded);
    EXPECT_EQ(code_of({sized(0xffff'ffff)}), ErrorCode::limit_exceeded);
}

TEST(Index, lists_the_keyframes_of_each_track) {
    const std::vector<IndexEntry> entries{
        {1, 0, 700, 1}, {2, 0, 700, 2}, {1, 0x1'0000'0001, 0x2'0000'0000, 3}};
    const auto index = write_index(entries);
    ASSERT_TRUE(index);
    EXPECT_EQ(hex(*index), plain("00000081 6d667261"
                                 "0000003e 74667261 01000000 00000001 00000000 00000002"
                                 "0000000000000000 00000000000002bc 01 01 01"
                                 "0000000100000001 0000000200000000 03 01 01"
                                 "0000002b 74667261 01000000 00000002 00000000 00000001"
                                 "0000000000000000 00000000000002bc 02 01 01"
                                 "00000010 6d66726f 00000000 00000081"));
}

TEST(Index, may_be_empty) {
    const auto index = write_index({});
    ASSERT_TRUE(index);
    EXPECT_EQ(hex(*index), plain("00000018 6d667261 00000010 6d66726f 00000000 00000018"));
}

TEST(Index, stays_within_its_bounds) {
    std::vector<IndexEntry> entries(max_index_entries, {.track = 1});
    const auto largest = write_index(entries);
    ASSERT_TRUE(largest);
    EXPECT_EQ(hex(base::ByteView(*largest).last(4)), hex(base::ByteView(*largest).first(4)));
    entries.push_back({.track = 1});
    const auto refused = write_index(entries);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace format::fmp4
