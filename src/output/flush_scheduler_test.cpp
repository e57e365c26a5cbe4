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

std::size_t urgent_share(double share) {
    return static_cast<std::size_t>(share * static_cast<double>(urgent_bytes));
}

// Its time stands still until it is told.
class ManualLoop final : public net::Loop {
  public:
    using net::Loop::post;
    void post(std::shared_ptr<net::Work> work) override { posted_.push_back(std::move(work)); }
    void run(std::function<void()> function) override { function(); }
    std::unique_ptr<net::Timer> make_timer(std::function<void()> due) override {
        return std::make_unique<OneTimer>(*this, std::move(due));
    }
    base::MonotonicTime now() const override { return now_; }

    void run_posted() {
        while (run_one()) {
        }
    }
    bool run_one() {
        if (posted_.empty()) return false;
        const auto work = std::move(posted_.front());
        posted_.pop_front();
        work->run();
        return true;
    }
    // Goes to the time of each timer that is due on the way.
    void pass(std::chrono::milliseconds time) {
        const auto end = now_ + time;
        while (timer_at_ && *timer_at_ <= end) {
            now_ = std::max(now_, *timer_at_);
            timer_at_.reset();
            ++timers_run;
            timer_due_();
            run_posted();
        }
        now_ = end;
    }
    int timers_run = 0;

  private:
    // There is but one.
    class OneTimer final : public net::Timer {
      public:
        OneTimer(ManualLoop& loop, std::function<void()> due) : loop_(loop) {
            loop_.timer_due_ = std::move(due);
        }
        void start(base::MonotonicTime at) override { loop_.timer_at_ = at; }
        void cancel() override { loop_.timer_at_.reset(); }

      private:
        ManualLoop& loop_;
    };

    base::MonotonicTime now_{std::chrono::hours(1)};
    std::deque<std::shared_ptr<net::Work>> posted_;
    std::optional<base::MonotonicTime> timer_at_;
    std::function<void()> timer_due_;
};

class FlushSchedulerInTime : public testing::Test {
  protected:
    Member& join(std::chrono::milliseconds window) {
        Member& member = members_.emplace_back();
        memberships_.push_back(scheduler_.join(stream_, member, window));
        return member;
    }
    void publish(const media::FramePtr& one) { stream_->publish(std::span(&one, 1), loop_.now()); }

    std::deque<Member> members_;
    ManualLoop loop_;
    FlushScheduler scheduler_{loop_};
    std::shared_ptr<hub::Stream> stream_ = std::make_shared<hub::Stream>("st_1", hub::FrameLogSettings{});
    std::vector<std::unique_ptr<FlushScheduler::Membership>> memberships_;
};

TEST_F(FlushSchedulerInTime, a_window_is_never_longer_than_it_should_be_nor_shorter) {
    Member& member = join(100ms);
    loop_.pass(99ms);
    EXPECT_EQ(member.count(), 0);
    loop_.pass(1ms);
    EXPECT_EQ(member.count(), 1);
    loop_.pass(10s);
    EXPECT_EQ(member.count(), 101);
}

TEST_F(FlushSchedulerInTime, a_window_may_be_longer_than_the_wheel) {
    Member& member = join(1'000ms);
    loop_.pass(999ms);
    EXPECT_EQ(member.count(), 0);
    loop_.pass(1ms);
    EXPECT_EQ(member.count(), 1);
    loop_.pass(1s);
    EXPECT_EQ(member.count(), 2);
}

TEST_F(FlushSchedulerInTime, what_is_urgent_begins_a_new_window) {
    Member& member = join(100ms);
    for (int i = 0; i < 10; ++i) {
        loop_.pass(90ms);
        publish(picture(true));
        loop_.run_posted();
    }
    EXPECT_EQ(member.count(), 10) << "once for each keyframe: the window never ended";
    loop_.pass(99ms);
    EXPECT_EQ(member.count(), 10);
    loop_.pass(1ms);
    EXPECT_EQ(member.count(), 11);
}

TEST_F(FlushSchedulerInTime, what_a_window_has_flushed_counts_no_more_towards_what_is_urgent) {
    Member& member = join(100ms);
    publish(picture(false, urgent_share(0.9)));
    loop_.run_posted();
    EXPECT_EQ(member.count(), 0);
    loop_.pass(100ms);
    EXPECT_EQ(member.count(), 1);
    publish(picture(false, urgent_share(0.9)));
    loop_.run_posted();
    EXPECT_EQ(member.count(), 1);
    publish(picture(false, urgent_share(0.2)));
    loop_.run_posted();
    EXPECT_EQ(member.count(), 2);
}

TEST_F(FlushSchedulerInTime, the_timer_rests_while_no_window_ends) {
    for (int i = 0; i < 3; ++i) join(200ms);
    loop_.pass(2s);
    EXPECT_LE(loop_.timers_run, 10);
    memberships_.clear();
    loop_.pass(1s);
    const int left = loop_.timers_run;
    loop_.pass(10s);
    EXPECT_EQ(loop_.timers_run, left);
    Member& late = join(200ms);
    loop_.pass(200ms);
    EXPECT_EQ(late.count(), 1) << "and wakes up for a newcomer";
}

TEST_F(FlushSchedulerInTime, many_members_are_flushed_in_parts_so_that_others_have_their_turn) {
    for (int i = 0; i < 200; ++i) join(0ms);
    const auto flushed = [this] {
        return std::count_if(members_.begin(), members_.end(), [](Member& m) { return m.count() > 0; });
    };
    publish(picture(true));
    ASSERT_TRUE(loop_.run_one());
    EXPECT_GT(flushed(), 0);
    EXPECT_LT(flushed(), 100);
    // What comes in the middle of a round reaches those, too, who had their turn before it.
    publish(picture(false));
    loop_.run_posted();
    for (Member& member : members_) EXPECT_EQ(member.count(), 2);
}

TEST_F(FlushSchedulerInTime, members_may_leave_between_the_parts_of_a_round) {
    for (int i = 0; i < 200; ++i) join(0ms);
    publish(picture(true));
    ASSERT_TRUE(loop_.run_one());
    memberships_.erase(memberships_.begin(), memberships_.begin() + 150);
    loop_.run_posted();
    for (std::size_t i = 150; i < 200; ++i) EXPECT_EQ(members_[i].count(), 1) << i;
    EXPECT_EQ(members_[149].count(), 0);
    publish(picture(true));
    loop_.run_posted();
    EXPECT_EQ(members_[199].count(), 2);
    EXPECT_EQ(members_[0].count(), 1);
}

TEST_F(FlushSchedulerInTime, many_members_of_a_window_are_spread_over_it) {
    constexpr int count = 320;
    for (int i = 0; i < count; ++i) join(100ms);
    const auto flushes = [this] {
        int sum = 0;
        for (Member& member : members_) sum += member.count();
        return sum;
    };
    publish(picture(true));
    loop_.run_posted();
    ASSERT_EQ(flushes(), count) << "a keyframe waits for nobody";

    std::vector<base::MonotonicTime> last(count, loop_.now());
    std::vector<int> seen(count, 1);
    for (int step = 0; step < 100; ++step) {
        publish(picture(false));
        const int before = flushes();
        loop_.pass(10ms);
        EXPECT_LE(flushes() - before, count / 5) << "in step " << step;
        for (std::size_t i = 0; i < count; ++i) {
            if (members_[i].count() == seen[i]) {
                EXPECT_LE(loop_.now() - last[i], 110ms) << i;
                continue;
            }
            seen[i] = members_[i].count();
            last[i] = loop_.now();
        }
    }
}

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
    publish(picture(false));
    on_core([] {});
    EXPECT_EQ(member.count(), 0);
    publish(picture(true));
    EXPECT_TRUE(member.reaches(1));
    publish(picture(false, urgent_bytes));
    EXPECT_TRUE(member.reaches(2));
    stream_->end();
    EXPECT_TRUE(member.reaches(3));
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
