#include "store/watchdog.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace store {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class WatchdogTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0); }
    void TearDown() override {
        for (const int end : ends_)
            if (end >= 0) ::close(end);
    }
    // Whether a reader of it is told of the end within this time.
    bool ends_within(std::chrono::milliseconds time) const {
        pollfd waiting{ends_[0], POLLIN, 0};
        return ::poll(&waiting, 1, static_cast<int>(time.count())) == 1;
    }

    std::array<int, 2> ends_{-1, -1};
    std::shared_ptr<Watchdog> watchdog_ = std::make_shared<Watchdog>();
};

TEST_F(WatchdogTest, ShutsASocketDownAtItsDeadlineAndNotBefore) {
    WatchedSocket watched(watchdog_, ends_[0]);
    const auto begin = Clock::now();
    watched.shut_down_at(begin + 80ms);
    EXPECT_TRUE(ends_within(10s));
    EXPECT_GE(Clock::now() - begin, 79ms);
}

TEST_F(WatchdogTest, LeavesAloneWhatCameInTime) {
    WatchedSocket watched(watchdog_, ends_[0]);
    watched.shut_down_at(Clock::now() + 30ms);
    watched.leave_alone();
    EXPECT_FALSE(ends_within(80ms));
    watched.shut_down_at(Clock::now() + 10s);
    watched.shut_down_at(Clock::now() + 30ms);  // the later word counts, also when it is sooner
    EXPECT_TRUE(ends_within(5s));
}

TEST_F(WatchdogTest, NeverTouchesADescriptorThatWasGivenAnewToSomebodyElse) {
    auto watched = std::make_unique<WatchedSocket>(watchdog_, ends_[0]);
    watched->shut_down_at(Clock::now() + 60ms);
    // As libpq does at an error: the number is free, and the next to open something gets it.
    std::array<int, 2> others{-1, -1};
    ::close(ends_[0]);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, others.data()), 0);
    ASSERT_EQ(others[0], ends_[0]) << "the number was not given anew: this test shows nothing";
    pollfd waiting{others[0], POLLIN, 0};
    EXPECT_EQ(::poll(&waiting, 1, 150), 0);
    ::close(others[1]);
}

}  // namespace
}  // namespace store
