#include "service/event_router.h"

#include <gtest/gtest.h>

#include <future>

namespace service {
namespace {

using namespace std::chrono_literals;

media::Event fact(int n) {
    return media::StreamEnded{std::to_string(n)};
}
media::Event report() {
    return media::OutputChanged{};
}

EventRouter::Settings quick() {
    EventRouter::Settings settings;
    settings.retry_first = 1ms;
    settings.retry_max = 2ms;
    settings.tick_interval = 1ms;
    return settings;
}

TEST(EventRouter, keeps_the_order_through_failures) {
    EventRouter router({}, quick());
    std::vector<std::string> seen;
    int tries = 0;
    for (int i = 0; i < 100; ++i) router.publish(fact(i));
    router.start(
        [&](const media::Event& event) -> base::Result<> {
            // The database is away for two of three tries.
            if (++tries % 3 != 0) return base::fail(base::ErrorCode::unavailable, "locked");
            seen.push_back(std::get<media::StreamEnded>(event).stream_id);
            return {};
        },
        [] {});
    ASSERT_TRUE(router.drain(10s));
    ASSERT_EQ(seen.size(), 100u);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], std::to_string(i));
    EXPECT_EQ(router.lost(), 0u);
}

TEST(EventRouter, does_not_repeat_what_can_never_be_written) {
    EventRouter router({}, quick());
    int tries = 0;
    router.start(
        [&](const media::Event&) -> base::Result<> {
            ++tries;
            return base::fail(base::ErrorCode::internal, "broken");
        },
        [] {});
    router.publish(fact(1));
    router.publish(fact(2));
    ASSERT_TRUE(router.drain(10s));
    EXPECT_EQ(tries, 2);
}

TEST(EventRouter, publishing_never_waits_and_the_queue_is_bounded) {
    auto settings = quick();
    settings.capacity = 100;
    EventRouter router({}, settings);
    std::promise<void> release;
    auto held = release.get_future().share();
    std::atomic<int> applied = 0;
    router.start(
        [&](const media::Event&) -> base::Result<> {
            held.wait();
            ++applied;
            return {};
        },
        [] {});
    router.publish(fact(0));
    while (router.queued() != 0) std::this_thread::yield();
    // State reports leave room for what happens once.
    for (int i = 0; i < 80; ++i) router.publish(report());
    EXPECT_EQ(router.queued(), 75u);
    EXPECT_EQ(router.lost(), 5u);
    for (int i = 0; i < 30; ++i) router.publish(fact(i));
    EXPECT_EQ(router.queued(), 100u);
    EXPECT_EQ(router.lost(), 10u);
    release.set_value();
    ASSERT_TRUE(router.drain(10s));
    EXPECT_EQ(applied, 101);
}

TEST(EventRouter, holds_ten_thousand_by_default) {
    EXPECT_GE(EventRouter::default_capacity / 4 * 3, 10'000u);
}

TEST(EventRouter, ticks_between_events) {
    EventRouter router({}, quick());
    std::promise<void> ticked;
    bool told = false;
    router.start([](const media::Event&) -> base::Result<> { return {}; },
                 [&] {
                     if (!std::exchange(told, true)) ticked.set_value();
                 });
    EXPECT_EQ(ticked.get_future().wait_for(10s), std::future_status::ready);
}

TEST(EventRouter, stops_although_the_database_stays_away) {
    EventRouter router({}, quick());
    router.start(
        [](const media::Event&) -> base::Result<> {
            return base::fail(base::ErrorCode::unavailable, "locked");
        },
        [] {});
    router.publish(fact(1));
    router.publish(fact(2));
    const auto before = std::chrono::steady_clock::now();
    router.stop(20ms);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

}  // namespace
}  // namespace service
