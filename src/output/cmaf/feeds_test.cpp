#include "output/cmaf/feeds.h"

#include "output/cmaf/feed.h"
#include "output/cmaf/test_publisher.h"

namespace output::cmaf {
namespace {

using namespace test;

class Listener final : public Sink {
  public:
    void on_event(const Event& event) override {
        EXPECT_FALSE(left);
        events.push_back(event);
    }
    void on_stream_end() override { ++ends; }
    void on_left() override { left = true; }

    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const Event& event : events)
            if (const T* it = std::get_if<T>(&event)) found.push_back(*it);
        return found;
    }

    std::vector<Event> events;
    int ends = 0;
    bool left = false;
};

class FeedsTest : public testing::Test {
  protected:
    base::ManualClock clock_;
    TestLoop loop_{clock_};
    hub::Registry registry_{{.groups = 2}};
    std::unique_ptr<Feeds> feeds_ =
        std::make_unique<Feeds>(FeedSettings{}, std::vector<std::reference_wrapper<net::Loop>>{loop_},
                                registry_, clock_, base::Logger());
};

TEST_F(FeedsTest, who_comes_first_has_the_last_seconds_at_once) {
    Publisher encoder(registry_, "a", clock_, loop_);
    encoder.run(7s);
    const auto listener = std::make_shared<Listener>();
    const auto membership = feeds_->join("a", listener);
    loop_.run_posted();
    ASSERT_FALSE(listener->events.empty());
    EXPECT_TRUE(std::holds_alternative<InitChanged>(listener->events.front()));
    const auto parts = listener->all<PartReady>();
    ASSERT_FALSE(parts.empty());
    EXPECT_TRUE(parts.front().part->independent);
    EXPECT_EQ(listener->all<SegmentEnded>().size(), 1u);
    // The picture that is four seconds old arrived four seconds ago.
    const auto age = clock_.wall() - parts.front().part->program_date_time;
    EXPECT_NEAR(static_cast<double>(age / 1ms), 3'000, 50);
}

TEST_F(FeedsTest, who_joins_later_begins_with_the_next_segment_and_costs_no_other_packager) {
    Publisher encoder(registry_, "a", clock_, loop_);
    const auto first = std::make_shared<Listener>();
    const auto one = feeds_->join("a", first);
    encoder.run(3s);
    const auto second = std::make_shared<Listener>();
    const auto two = feeds_->join("a", second);
    loop_.run_posted();
    EXPECT_TRUE(second->events.empty());
    encoder.run(4s);
    const auto early = first->all<PartReady>();
    const auto late = second->all<PartReady>();
    ASSERT_FALSE(late.empty());
    ASSERT_TRUE(std::holds_alternative<InitChanged>(second->events.front()));
    EXPECT_EQ(std::get<InitChanged>(second->events.front()).init, first->all<InitChanged>().front().init);
    EXPECT_EQ(late.front().part->index, 0u);
    EXPECT_EQ(late.front().part->msn, early.front().part->msn + 2);
    // The very same parts.
    EXPECT_EQ(late.back().part, early.back().part);
    EXPECT_EQ(feeds_->facts().feeds, 1u);
}

TEST_F(FeedsTest, stops_with_the_last_who_leaves) {
    Publisher encoder(registry_, "a", clock_, loop_);
    const auto first = std::make_shared<Listener>();
    const auto second = std::make_shared<Listener>();
    auto one = feeds_->join("a", first);
    auto two = feeds_->join("a", second);
    encoder.run(3s);
    one.reset();
    loop_.run_posted();
    EXPECT_TRUE(first->left);
    encoder.run(3s);
    EXPECT_FALSE(second->left);
    EXPECT_GE(second->all<SegmentEnded>().size(), 2u);
    two.reset();
    loop_.run_posted();
    EXPECT_TRUE(second->left);
    EXPECT_EQ(second->ends, 0);
    EXPECT_EQ(feeds_->facts().feeds, 0u);
    encoder.run(3s);
}

TEST_F(FeedsTest, follows_a_stream_that_opens_later_ends_and_opens_again) {
    const auto listener = std::make_shared<Listener>();
    const auto membership = feeds_->join("a", listener);
    loop_.run_posted();
    Publisher encoder(registry_, "a", clock_, loop_);
    encoder.run(5s);
    encoder.end();
    loop_.run_posted();
    EXPECT_EQ(listener->ends, 1);
    const auto before = listener->all<SegmentEnded>();
    ASSERT_EQ(before.size(), 3u);
    EXPECT_EQ(before.back().why, SegmentEnd::stream_end);

    listener->events.clear();
    encoder.open();
    encoder.run(3s);
    ASSERT_FALSE(listener->events.empty());
    EXPECT_TRUE(std::holds_alternative<InitChanged>(listener->events.front()));
    EXPECT_GT(listener->all<PartReady>().front().part->msn, before.back().msn);
    EXPECT_FALSE(listener->left);
    feeds_->stop();
    EXPECT_TRUE(listener->left);
}

TEST_F(FeedsTest, an_attendant_hears_all_and_keeps_nothing_going) {
    std::shared_ptr<Listener> follower;
    feeds_->attend([&](const std::string& id) {
        EXPECT_EQ(id, "a");
        follower = std::make_shared<Listener>();
        return follower;
    });
    Publisher encoder(registry_, "a", clock_, loop_);
    encoder.run(3s);
    auto membership = feeds_->join("a", nullptr);
    loop_.run_posted();
    ASSERT_NE(follower, nullptr);
    EXPECT_FALSE(follower->events.empty());
    membership.reset();
    loop_.run_posted();
    EXPECT_TRUE(follower->left);
}

TEST_F(FeedsTest, one_that_is_behind_has_a_gap_and_goes_on) {
    Publisher encoder(registry_, "a", clock_, loop_);
    const auto listener = std::make_shared<Listener>();
    const auto membership = feeds_->join("a", listener);
    encoder.run(4s);
    TestLoop elsewhere(clock_);
    {
        // Its loop stands still.
        Publisher* const same = &encoder;
        const auto stream = same->stream;
        for (int i = 0; i < 300; ++i) {
            media::Frame frame = *coded_frame(Kind::video, Codec::h264, i % 60 == 0, 0us, 100);
            frame.dts = 4s + 33'333us * i;
            const media::FramePtr one = std::make_shared<const media::Frame>(std::move(frame));
            stream->publish(std::span(&one, 1), clock_.now());
            clock_.advance(33'333us);
        }
    }
    loop_.run_posted();
    EXPECT_GT(feeds_->facts().frames_dropped, 200u);
    const auto gaps = listener->all<Discontinuity>();
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps.front().why, Discontinuity::Why::gap);
}

TEST_F(FeedsTest, after_the_end_nothing_is_joined) {
    feeds_->stop();
    EXPECT_EQ(feeds_->join("a", std::make_shared<Listener>()), nullptr);
}

TEST_F(FeedsTest, numbers_are_above_those_of_an_earlier_run) {
    const std::uint64_t earlier = first_msn(clock_.wall(), 0) + 7'000;
    feeds_->number_above(earlier);
    Publisher encoder(registry_, "a", clock_, loop_);
    const auto listener = std::make_shared<Listener>();
    const auto membership = feeds_->join("a", listener);
    encoder.run(5s);
    ASSERT_FALSE(listener->all<PartReady>().empty());
    EXPECT_EQ(listener->all<PartReady>().front().part->msn, earlier + 1);
    EXPECT_EQ(feeds_->last_msn(), listener->all<PartReady>().back().part->msn);
}

TEST_F(FeedsTest, dates_follow_a_clock_that_is_set_behind_a_discontinuity) {
    for (const base::Duration by : {base::Duration(1h), base::Duration(-1h), base::Duration(1s)}) {
        Publisher encoder(registry_, "a", clock_, loop_);
        const auto listener = std::make_shared<Listener>();
        auto membership = feeds_->join("a", listener);
        encoder.run(5s);
        clock_.set_wall(clock_.wall() + std::chrono::duration_cast<base::WallTime::duration>(by));
        encoder.run(5s);
        const auto breaks = listener->all<Discontinuity>();
        ASSERT_EQ(breaks.size(), 1u);
        EXPECT_EQ(breaks.front().why, Discontinuity::Why::clock_set);
        const auto segments = listener->all<SegmentEnded>();
        ASSERT_GE(segments.size(), 4u);
        for (std::size_t i = 1; i < 4; ++i) {
            // The clock was set in the third; its dates go with its media to its end.
            const base::Duration step =
                segments[i].program_date_time - segments[i - 1].program_date_time - segments[i - 1].duration;
            EXPECT_EQ(step, i == 3 ? by : base::Duration(0)) << i;
            EXPECT_EQ(segments[i].msn, segments[i - 1].msn + 1);
            EXPECT_EQ(segments[i].start, segments[i - 1].start + segments[i - 1].duration);
        }
        const auto age = clock_.wall() - segments[3].program_date_time;
        EXPECT_NEAR(static_cast<double>(age / 1ms), 4'000, 100);
        encoder.end();
        membership.reset();
        loop_.run_posted();
    }
}

TEST_F(FeedsTest, small_steps_of_the_clock_are_none_until_they_add_up) {
    Publisher encoder(registry_, "a", clock_, loop_);
    const auto listener = std::make_shared<Listener>();
    const auto membership = feeds_->join("a", listener);
    for (int i = 0; i < 3; ++i) {
        encoder.run(3s);
        EXPECT_TRUE(listener->all<Discontinuity>().empty()) << i;
        clock_.set_wall(clock_.wall() + 400ms);
    }
    encoder.run(3s);
    EXPECT_EQ(listener->all<Discontinuity>().size(), 1u);
}

TEST(FirstMsn, is_the_clock_and_never_goes_back) {
    const base::WallTime begin = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
    EXPECT_EQ(first_msn(begin + 100'500ms, 0), 100u);
    EXPECT_EQ(first_msn(begin + 100'500ms, 100), 101u);
    // A machine whose clock was never set.
    EXPECT_EQ(first_msn(begin - 24h * 365 * 50, 7), 8u);
    EXPECT_EQ(first_msn(begin - 1h, 0), 1u);
}

}  // namespace
}  // namespace output::cmaf
