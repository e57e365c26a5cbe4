#include "base/memory_gauge.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(MemoryGauge, gives_up_one_thing_after_the_other) {
    struct Row {
        std::uint64_t used;
        bool viewers;
        std::uint64_t cache;
        bool slow;
    };
    for (const Row& row :
         {Row{0, false, 0, false}, Row{85'000, false, 0, false}, Row{85'001, true, 0, false},
          Row{90'000, true, 0, false}, Row{90'001, true, 1, false}, Row{95'000, true, 5'000, false},
          Row{95'001, true, 5'001, true}, Row{200'000, true, 110'000, true}}) {
        MemoryGauge gauge(100'000);
        gauge.set_used(row.used);
        EXPECT_EQ(gauge.refuses_viewers(), row.viewers) << row.used;
        EXPECT_EQ(gauge.cache_excess(), row.cache) << row.used;
        EXPECT_EQ(gauge.ends_slow_readers(), row.slow) << row.used;
    }
}

TEST(MemoryGauge, without_a_bound_gives_up_nothing) {
    MemoryGauge gauge(0);
    gauge.set_used(std::uint64_t{1} << 60);
    EXPECT_FALSE(gauge.refuses_viewers() || gauge.ends_slow_readers());
    EXPECT_EQ(gauge.cache_excess(), 0u);
}

}  // namespace
}  // namespace base
