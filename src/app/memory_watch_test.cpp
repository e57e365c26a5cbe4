#include "app/memory_watch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace app {
namespace {

struct MemoryWatchTest : testing::Test {
    base::ManualClock clock;
    base::MemoryGauge gauge{1'000};
    std::uint64_t used = 0;
    std::vector<std::uint64_t> shed;
    std::vector<std::string> lines;
    MemoryWatch watch{gauge,
                      {[this] { return used; }, [this](std::uint64_t bytes) { shed.push_back(bytes); }},
                      clock,
                      base::Logger([this](std::string_view line) { lines.emplace_back(line); })};

    void look(std::uint64_t at) {
        used = at;
        watch.look();
        clock.advance(memory_interval);
    }
};

TEST_F(MemoryWatchTest, makes_the_cache_give_back_what_is_too_much) {
    look(900);
    EXPECT_TRUE(gauge.refuses_viewers());
    EXPECT_TRUE(shed.empty());
    look(960);
    look(901);
    EXPECT_EQ(shed, (std::vector<std::uint64_t>{60, 1}));
    look(300);
    EXPECT_FALSE(gauge.refuses_viewers());
    EXPECT_EQ(shed.size(), 2u);
}

TEST_F(MemoryWatchTest, tells_of_it_once) {
    for (int i = 0; i < 20; ++i) look(i % 2 == 0 ? 900 : 100);
    EXPECT_EQ(lines.size(), 1u);
    clock.advance(std::chrono::seconds(10));
    look(100);
    EXPECT_EQ(lines.size(), 2u);
}

TEST(MemoryWatch, without_a_bound_only_measures) {
    base::ManualClock clock;
    base::MemoryGauge gauge(0);
    MemoryWatch watch(gauge, {[] { return std::uint64_t{77}; }, [](std::uint64_t) { FAIL(); }}, clock,
                      base::Logger());
    watch.look();
    EXPECT_EQ(gauge.used(), 77u);
}

}  // namespace
}  // namespace app
