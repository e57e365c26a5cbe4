#include "app/demo/story.h"

#include <gtest/gtest.h>

namespace app::demo {
namespace {

using namespace std::chrono_literals;

top::Snapshot showing(const std::array<std::string, 3>& states) {
    top::SessionBlock session;
    session.ingest.connected = true;
    for (std::size_t i = 0; i < states.size(); ++i) {
        top::DestinationRow row;
        row.name = "Receiver " + std::to_string(i + 1);
        row.state = states[i];
        session.destinations.push_back(row);
    }
    return {{session}};
}

TEST(Schedule, FailsAfterFifteenSecondsForTenAndEveryMinuteAgain) {
    EXPECT_FALSE(should_be_down(14s, 0s));
    EXPECT_TRUE(should_be_down(15s, 0s));
    EXPECT_TRUE(should_be_down(24s, 0s));
    EXPECT_FALSE(should_be_down(25s, 0s));
    EXPECT_FALSE(should_be_down(74s, 0s));
    EXPECT_TRUE(should_be_down(75s, 0s));
    EXPECT_FALSE(should_be_down(85s, 0s));
}

TEST(Schedule, StartsNoFailureWhoseRecoveryCouldNotBeSeen) {
    EXPECT_FALSE(should_be_down(16s, 44s));
    EXPECT_TRUE(should_be_down(16s, 45s));
    EXPECT_FALSE(should_be_down(76s, 104s));
}

class StoryTest : public testing::Test {
  protected:
    void see(const std::array<std::string, 3>& states, bool down = false) {
        story_.observe(showing(states), down, news_);
    }
    void pictures() {
        for (std::size_t i = 0; i < 3; ++i) story_.picture(i);
    }
    Story story_;
    std::string news_;
};

TEST_F(StoryTest, IsHappyOnlyWhenAllWasSeen) {
    EXPECT_FALSE(story_.happy());
    see({"connected", "connected", "connected"});
    EXPECT_FALSE(story_.happy()) << "no pictures yet";
    pictures();
    EXPECT_TRUE(story_.happy());
    EXPECT_EQ(story_.summary(),
              "encoder seen, 3 of 3 receivers connected, 3 of 3 showed the test card (3 pictures), "
              "0 failures, 0 recoveries");
}

TEST_F(StoryTest, AFailureHasToBeFollowedByARecovery) {
    see({"connected", "connected", "connected"});
    pictures();
    story_.failed();
    see({"connected", "error", "connected"}, true);
    EXPECT_EQ(news_, "Receiver 2 is error");
    EXPECT_FALSE(story_.happy());
    see({"connected", "connecting", "connected"});
    EXPECT_FALSE(story_.happy());
    see({"connected", "connected", "connected"});
    EXPECT_TRUE(story_.happy());
}

TEST_F(StoryTest, AFailureThatTheTableNeverShowedIsNoRecovery) {
    see({"connected", "connected", "connected"});
    pictures();
    story_.failed();
    see({"connecting", "connected", "connected"});
    see({"connected", "connected", "connected"});
    EXPECT_FALSE(story_.happy());
}

TEST_F(StoryTest, AnotherReceiverThatIsDownAtTheEndSpoilsIt) {
    see({"connected", "connected", "connected"});
    pictures();
    see({"error", "connected", "connected"});
    EXPECT_FALSE(story_.happy());
}

TEST_F(StoryTest, TellsNothingTwice) {
    EXPECT_TRUE(story_.observe(showing({"connecting", "", ""}), false, news_));
    EXPECT_FALSE(story_.observe(showing({"connecting", "", ""}), false, news_));
}

}  // namespace
}  // namespace app::demo
