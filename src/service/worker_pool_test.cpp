#include "service/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace service {
namespace {

using namespace std::chrono_literals;

TEST(WorkerPool, runs_what_it_is_given) {
    std::atomic<int> done = 0;
    std::promise<void> all;
    WorkerPool pool(2, 100);
    for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(pool.post([&] {
            if (++done == 50) all.set_value();
        }));
    EXPECT_EQ(all.get_future().wait_for(10s), std::future_status::ready);
}

TEST(WorkerPool, refuses_more_than_fits) {
    std::promise<void> release;
    auto held = release.get_future().share();
    std::promise<void> begun;
    WorkerPool pool(1, 2);
    EXPECT_TRUE(pool.post([&, held] {
        begun.set_value();
        held.wait();
    }));
    begun.get_future().wait();
    EXPECT_TRUE(pool.post([] {}));
    EXPECT_TRUE(pool.post_after(1h, [] {}));
    EXPECT_FALSE(pool.post([] {}));
    EXPECT_FALSE(pool.post_after(1ms, [] {}));
    release.set_value();
}

TEST(WorkerPool, waits_before_delayed_work_and_drops_it_at_the_end) {
    std::atomic<bool> never = false;
    const auto before = std::chrono::steady_clock::now();
    {
        WorkerPool pool(2, 10);
        std::promise<void> ran;
        EXPECT_TRUE(pool.post_after(30ms, [&] { ran.set_value(); }));
        EXPECT_TRUE(pool.post_after(1h, [&] { never = true; }));
        ran.get_future().wait();
        EXPECT_GE(std::chrono::steady_clock::now() - before, 30ms);
    }
    EXPECT_FALSE(never);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

}  // namespace
}  // namespace service
