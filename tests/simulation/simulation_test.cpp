// Destinations, their supervisor, the hub and the ingest's desk on a simulated clock and network, over random
// schedules of faults. EVERYCAST_SEED replays one schedule and tells what happens in it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "simulation/show.h"

namespace simulation {
namespace {

std::uint64_t schedules() {
    const char* full = std::getenv("EVERYCAST_FULL");
    const std::uint64_t count = full && std::string_view(full) == "1" ? 100'000 : 10'000;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return count / 20;
#else
    return count;
#endif
}

TEST(Simulation, holds_its_rules_over_random_schedules) {
    if (const char* seed = std::getenv("EVERYCAST_SEED")) {
        Show show(std::strtoull(seed, nullptr, 10), true);
        ASSERT_TRUE(show.run()) << show.report();
        return;
    }
    const std::uint64_t count = schedules();
    std::atomic<std::uint64_t> next{0};
    std::atomic<std::uint64_t> steps{0};
    std::atomic<std::uint64_t> dials{0};
    std::atomic<std::uint64_t> frames{0};
    std::mutex mutex;
    std::string failures;
    const auto work = [&] {
        while (true) {
            const std::uint64_t seed = next++;
            if (seed >= count) return;
            Show show(seed);
            const bool held = show.run();
            steps += show.world().steps();
            dials += show.dials();
            frames += show.frames();
            if (held) continue;
            const std::lock_guard lock(mutex);
            failures += show.report() + "\n";
            next = count;
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
        threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    std::printf("%llu schedules, %llu steps, %llu connects, %llu frames\n",
                static_cast<unsigned long long>(count), static_cast<unsigned long long>(steps.load()),
                static_cast<unsigned long long>(dials.load()),
                static_cast<unsigned long long>(frames.load()));
    EXPECT_TRUE(failures.empty()) << failures;
}

// The last frames behind a full socket; a platform that speaks while it is left; the queue of a connection
// that is gone.
TEST(Simulation, holds_its_rules_where_they_were_once_broken) {
    for (const std::uint64_t seed : {45'888u, 983u, 19'521u}) {
        Show show(seed);
        EXPECT_TRUE(show.run()) << show.report();
    }
}

TEST(Simulation, a_seed_replays_exactly) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Show first(seed);
        Show second(seed);
        (void)first.run();
        (void)second.run();
        ASSERT_EQ(first.world().steps(), second.world().steps()) << seed;
        ASSERT_EQ(first.world().history(), second.world().history()) << seed;
    }
}

}  // namespace
}  // namespace simulation
