#include "service/vod_index_file.h"

#include <gtest/gtest.h>

#include <functional>

namespace service {
namespace {

using namespace std::chrono_literals;

SavedIndex index_of(std::size_t count) {
    SavedIndex index{1'200, {}};
    std::uint64_t offset = 1'200;
    for (std::size_t i = 0; i < count; ++i) {
        index.segments.push_back({offset, 1'000 + i, 4s + std::chrono::microseconds(i), i % 2 == 1, i != 2});
        offset += 1'000 + i;
    }
    return index;
}

TEST(VodIndexFile, ReadsWhatItWrote) {
    for (const std::size_t count : {0, 1, 5, 1'000}) {
        const SavedIndex index = index_of(count);
        const auto read = read_index(*write_index(index));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->init_size, index.init_size);
        ASSERT_EQ(read->segments.size(), count);
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(read->segments[i].offset, index.segments[i].offset);
            EXPECT_EQ(read->segments[i].size, index.segments[i].size);
            EXPECT_EQ(read->segments[i].duration, index.segments[i].duration);
            EXPECT_EQ(read->segments[i].after_gap, index.segments[i].after_gap);
            EXPECT_EQ(read->segments[i].independent, index.segments[i].independent);
        }
    }
}

TEST(VodIndexFile, TakesNothingThatIsDamaged) {
    const base::Bytes whole = *write_index(index_of(3));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read_index(base::ByteView(whole).first(size))) << size;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        base::Bytes damaged = whole;
        damaged[at] ^= 1;
        EXPECT_FALSE(read_index(damaged)) << at;
    }
    base::Bytes longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(read_index(longer));
}

TEST(VodIndexFile, TakesNoSegmentsThatOverlapOrAreEmpty) {
    const std::vector<std::function<void(SavedIndex&)>> spoilers{
        [](SavedIndex& index) { index.segments[1].offset = index.segments[0].offset; },
        [](SavedIndex& index) { index.segments[0].offset = 0; },
        [](SavedIndex& index) { index.segments[1].size = 0; },
        [](SavedIndex& index) { index.segments[1].size = ~std::uint64_t{0}; },
        [](SavedIndex& index) { index.segments[2].duration = 0us; },
        [](SavedIndex& index) { index.segments[2].duration = -1us; },
    };
    for (const auto& spoil : spoilers) {
        SavedIndex index = index_of(3);
        spoil(index);
        EXPECT_FALSE(read_index(*write_index(index)));
    }
}

TEST(VodIndexFile, HoldsABoundedNumber) {
    EXPECT_TRUE(read_index(*write_index(index_of(max_index_segments))));
    EXPECT_FALSE(write_index(index_of(max_index_segments + 1)));
}

}  // namespace
}  // namespace service
