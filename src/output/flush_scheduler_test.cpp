#include "output/flush_scheduler.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>

#include "net/io_pool.h"

namespace output {
namespace {

using namespace std::chrono_literals;

media::FramePtr picture(bool key, std::size_t size = 100) {
    media::Frame made;
    made.kind = media::Kind::video;
    made.codec = media::Codec::h264;
    made.keyframe = key;
    made.tag = base::SharedBytes(base::Bytes(size, 1));
    return std::make_shared<const media::Frame>(std::move(made));
}

class Member final : public Flushable {
  public:
    void flush() override {
        {
            const std::lock_guard lock(mutex_);
            ++count_;
        }
        changed_.notify_all();
        if (then) then();
    }
    bool reaches(int count, std::chrono::milliseconds deadline = 5s) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, deadline, [&] { return count_ >= count; });
    }
    int count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }
    std::function<void()> then;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

class FlushSchedulerTest : public testing::Test {
  protected:
    ~FlushSchedulerTest() override {
        on_core([this] { memberships_.clear(); });
        core_.stop();
    }
    void on_core(std::function<void()> work) {
        std::promise<void> done;
        boost::asio::post(core_.io(), [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }
    void join(Member& member, std::chrono::milliseconds window) {
        on_core([&] { memberships_.push_back(scheduler_.join(stream_, member, window)); });
    }
    void publish(const media::FramePtr& one) {
        stream_->publish(std::span(&one, 1), std::chrono::steady_clock::now());
    }

    Member& new_member() { return members_.emplace_back(); }

    std::deque<Member> members_;  // they outlive their memberships
    net::Core core_{0, "test"};
    FlushScheduler scheduler_{core_};
    std::shared_ptr<hub::Stream> stream_ = std::make_shared<hub::Stream>("st_1", hub::FrameLogSettings{});
    std::vector<std::unique_ptr<FlushScheduler::Membership>> memberships_;
};

TEST_F(FlushSchedulerTest, a_member_without_a_window_is_flushed_for_every_batch) {
    Member& member = new_member();
    join(member, 0ms);
    for (int i = 1; i <= 5; ++i) {
        publish(picture(false));
        ASSERT_TRUE(member.reaches(i));
    }
    EXPECT_EQ(member.count(), 5) << "and never for nothing";
}

TEST_F(FlushSchedulerTest, a_window_flushes_again_and_again_and_not_sooner_than_it_should) {
    Member& member = new_member();
    join(member, 50ms);
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(member.reaches(5));
    // Five flushes span four windows whole.
    EXPECT_GE(std::chrono::steady_clock::now() - began, 190ms);
}

TEST_F(FlushSchedulerTest, what_is_urgent_does_not_wait_for_the_window) {
    Member& member = new_member();
    join(member, 60'000ms);
    ASSERT_TRUE(member.reaches(1)) << "its window's first tick; the next is a minute away";
    publish(picture(false));
    on_core([] {});
    EXPECT_EQ(member.count(), 1);
    publish(picture(true));
    EXPECT_TRUE(member.reaches(2));
    publish(picture(false, hub::urgent_bytes));
    EXPECT_TRUE(member.reaches(3));
    stream_->end();
    EXPECT_TRUE(member.reaches(4));
}

TEST_F(FlushSchedulerTest, a_member_may_leave_in_the_middle_of_its_own_flush_and_take_another_along) {
    Member& first = new_member();
    Member& second = new_member();
    Member& third = new_member();
    for (Member* member : {&first, &second, &third}) join(*member, 0ms);
    first.then = [this] {
        memberships_[1].reset();
        memberships_[0].reset();
    };
    publish(picture(true));
    ASSERT_TRUE(third.reaches(1));
    publish(picture(true));
    ASSERT_TRUE(third.reaches(2));
    EXPECT_EQ(first.count(), 1);
    EXPECT_EQ(second.count(), 0);
}

TEST_F(FlushSchedulerTest, all_members_of_a_window_have_their_turn) {
    for (int i = 0; i < 20; ++i) join(new_member(), 100ms);
    for (Member& member : members_) EXPECT_TRUE(member.reaches(3));
}

}  // namespace
}  // namespace output
