// Two hundred destinations, half of them faulty in every way at once: the other half get every frame, hardly
// later than without the faults; connects are no storm, and memory stays bounded.
#include <gmock/gmock.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "integration/scene.h"

namespace scene {
namespace {

using Admission = Faults::Admission;
using test_support::bound;
using test_support::by_default_or_full;
using test_support::Delays;
using test_support::full;
using test_support::Hang;
using test_support::sanitized;

constexpr int kbps = 400;
constexpr int half = sanitized ? 20 : 100;

std::size_t resident_bytes() {
    long pages_in_all = 0;
    long pages = 0;
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    const int read = std::fscanf(file, "%ld %ld", &pages_in_all, &pages);
    std::fclose(file);
    return read == 2 ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))
                     : 0;
}

struct Kind {
    const char* name;
    Faults faults;
};

// Each goes wrong in its own way, some from the beginning, some in the middle of the show.
std::vector<Kind> all_kinds() {
    std::vector<Kind> kinds;
    const auto add = [&kinds](const char* name, const std::function<void(Faults&)>& make) {
        make(kinds.emplace_back(Kind{name, {}}).faults);
    };
    add("closed port", [](Faults& f) { f.admission = Admission::closed_port; });
    add("full backlog", [](Faults& f) { f.admission = Admission::full_backlog; });
    add("closes at accept", [](Faults& f) { f.admission = Admission::closed_at_accept; });
    add("resets at accept", [](Faults& f) { f.admission = Admission::reset_at_accept; });
    add("hangs before S0", [](Faults& f) { f.hang = Hang::s0; });
    add("hangs before S2", [](Faults& f) { f.hang = Hang::s2; });
    add("hangs at connect", [](Faults& f) { f.hang = Hang::connect; });
    add("hangs at createStream", [](Faults& f) { f.hang = Hang::create_stream; });
    add("hangs at publish", [](Faults& f) { f.hang = Hang::publish; });
    add("stops reading", [](Faults& f) { f.up.hold_at = 150'000; });
    add("reads at half the rate", [](Faults& f) { f.up.bytes_per_second = kbps * 1000 / 8 / 2; });
    add("trickles", [](Faults& f) { f.up.bytes_per_second = 4'000; });
    add("resets after bytes", [](Faults& f) { f.up.reset_at = 100'000; });
    add("resets after a time", [](Faults& f) { f.reset_after_time = 2s; });
    add("ends its side", [](Faults& f) { f.down.end_at = 4'000; });
    add("ends our side", [](Faults& f) { f.up.end_at = 80'000; });
    add("flips bits", [](Faults& f) { f.up.flip_probability = 1e-4; });
    add("flips the answers' bits", [](Faults& f) { f.down.flip_probability = 0.01; });
    add("is far away", [](Faults& f) {
        f.up.delay = f.down.delay = 300ms;
        f.up.jitter = f.down.jitter = 200ms;
    });
    add("swallows", [](Faults& f) { f.up.swallow = true; });
    add("slices", [](Faults& f) { f.up.slice = 16; });
    return kinds;
}

struct Outcome {
    Delays delays;
    std::size_t most_connects_in_a_second = 0;
    std::size_t connects = 0;
    std::size_t grown = 0;  // resident memory
};

Outcome run(bool with_faults) {
    Outcome outcome;
    Scene scene;
    scene.flush_window = 0ms;
    scene.add_healthy(half);
    std::vector<FaultProxy::Door> doors;
    const auto kinds = all_kinds();
    for (int i = 0; i < half; ++i) {
        const Kind& kind = kinds[static_cast<std::size_t>(i) % kinds.size()];
        const std::string name = std::string(kind.name) + " " + std::to_string(i);
        doors.push_back(scene.add_faulty(name, with_faults ? kind.faults : Faults{}));
    }
    scene.go_live({.kbps = kbps});
    if (::testing::Test::HasFatalFailure()) return outcome;
    scene.run_for(2s);
    const std::size_t before = resident_bytes();
    std::size_t most = before;
    const auto until = Clock::now() + by_default_or_full(8s, 60s);
    while (Clock::now() < until) {
        scene.run_for(250ms);
        most = std::max(most, resident_bytes());
    }
    scene.finish();
    scene.expect_healthy_exact();

    std::vector<SinkRun> healthy;
    for (const std::string& name : scene.healthy())
        for (SinkRun& run : scene.sink.runs(name)) healthy.push_back(std::move(run));
    outcome.delays = test_support::delays(scene.sent, healthy);
    outcome.grown = most - before;

    // The first connects are all at once, as the broadcast begins; what counts is what comes after.
    std::vector<Clock::time_point> connects;
    for (const auto& door : doors) {
        const auto accepted = door.counters().accepted;
        for (std::size_t i = 1; i < accepted.size(); ++i) connects.push_back(accepted[i]);
        for (std::size_t i = 1; i < accepted.size(); ++i)
            EXPECT_GE(accepted[i] - accepted[i - 1], 700ms) << "a destination that storms";
    }
    std::sort(connects.begin(), connects.end());
    outcome.connects = connects.size();
    for (std::size_t first = 0, i = 0; i < connects.size(); ++i) {
        while (connects[i] - connects[first] > 1s) ++first;
        outcome.most_connects_in_a_second = std::max(outcome.most_connects_in_a_second, i - first + 1);
    }
    return outcome;
}

TEST(ManyDestinations, half_of_them_faulty_cost_the_other_half_nothing) {
    const Outcome without = run(false);
    const Outcome with = run(true);
    const auto print = [](const char* name, const Outcome& outcome) {
        std::cout << name << ": delay p50 " << outcome.delays.p50.count() << " us, p99 "
                  << outcome.delays.p99.count() << " us, at most " << outcome.delays.max.count()
                  << " us, over " << outcome.delays.count << " frames; " << outcome.connects
                  << " connects again, at most " << outcome.most_connects_in_a_second
                  << " in a second; memory grew by " << outcome.grown / 1024 << " KiB\n";
    };
    print("without faults", without);
    print("with faults", with);
    ASSERT_GT(with.delays.count, 1'000u);
    if (!sanitized) {
        const auto added = with.delays.p99 - without.delays.p99;
        // Everything is on this machine, the platforms and the faults too: a loaded one breaks 5 ms by
        // itself.
        EXPECT_LE(added, by_default_or_full(std::chrono::microseconds(50ms), std::chrono::microseconds(5ms)));
        EXPECT_LE(with.grown, std::size_t{half} * 1024 * 1024);
    }
    // No more than one a second for each that fails at once.
    EXPECT_LE(with.most_connects_in_a_second, static_cast<std::size_t>(half));
    EXPECT_EQ(without.connects, 0u);
}

}  // namespace
}  // namespace scene
