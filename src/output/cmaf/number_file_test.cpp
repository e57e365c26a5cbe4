#include "output/cmaf/number_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace output::cmaf {
namespace {

class NumberFileTest : public testing::Test {
  protected:
    NumberFileTest() {
        std::string path = testing::TempDir() + "numbers-XXXXXX";
        folder_ = ::mkdtemp(path.data());
    }
    ~NumberFileTest() override { std::filesystem::remove_all(folder_); }

    std::uint64_t read() const { return NumberFile(file(), base::Logger()).kept(); }
    std::filesystem::path file() const { return folder_ / "numbers"; }
    void put(const std::string& text) const { std::ofstream(file()) << text; }

    std::filesystem::path folder_;
};

TEST_F(NumberFileTest, is_ahead_of_all_that_was_given_and_seldom_written) {
    NumberFile numbers(file(), base::Logger());
    EXPECT_EQ(numbers.kept(), 0u);
    numbers.keep(10'000);
    EXPECT_EQ(read(), 10'000 + numbers_ahead);
    numbers.keep(10'000 + numbers_ahead - numbers_left);
    EXPECT_EQ(read(), 10'000 + numbers_ahead);
    numbers.keep(10'001 + numbers_ahead - numbers_left);
    EXPECT_EQ(read(), 10'001 + 2 * numbers_ahead - numbers_left);
    // A stream that opens long after the others begins with the clock.
    numbers.keep(90'000);
    EXPECT_EQ(read(), 90'000 + numbers_ahead);
    numbers.finish(90'007);
    EXPECT_EQ(read(), 90'007u);
}

TEST_F(NumberFileTest, what_is_no_number_is_none) {
    for (const char* text : {"", "\n", "12", "12x\n", "-12\n", " 12\n", "12\n\n", "99999999999999999999\n",
                             "4503599627370497\n", "00000000000000000000000000000000000000012\n"}) {
        put(text);
        EXPECT_EQ(read(), 0u) << text;
    }
    put("4503599627370496\n");
    EXPECT_EQ(read(), max_kept_number);
}

TEST_F(NumberFileTest, a_disk_that_fails_is_told_once_and_stops_nobody) {
    int lines = 0;
    const base::Logger log([&](std::string_view) { ++lines; });
    NumberFile numbers(folder_ / "nowhere" / "numbers", log);
    numbers.keep(5'000);
    numbers.keep(6'000);
    EXPECT_EQ(lines, 1);
    EXPECT_EQ(numbers.kept(), 0u);
}

}  // namespace
}  // namespace output::cmaf
