// Guessing stream keys by the clock: how long the gate takes to say no must not tell how near a guess is.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>

#include "service/ingest_gate.h"
#include "service/testing/world.h"

namespace service {
namespace {

using testing::World;

// Two-sided, 1 %, for as many samples as are taken here.
constexpr double critical_t = 2.576;
constexpr int attempts = 6;
constexpr std::size_t keys_of_a_kind = 200;

std::size_t guesses() {
    const char* const full = std::getenv("EVERYCAST_FULL");
    return full && std::string_view(full) == "1" ? 50'000 : 6'000;
}

struct Moments {
    double mean = 0;
    double variance = 0;
    double count = 0;
};

// Of what lies below `cut`: a sample that the scheduler interrupted says nothing about keys.
Moments moments(const std::vector<double>& samples, double cut) {
    Moments result;
    for (const double sample : samples)
        if (sample <= cut) result.mean += (sample - result.mean) / ++result.count;
    for (const double sample : samples)
        if (sample <= cut) result.variance += (sample - result.mean) * (sample - result.mean);
    result.variance /= result.count - 1;
    return result;
}

double welch_t(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> all(a);
    all.insert(all.end(), b.begin(), b.end());
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(all.size() * 95 / 100);
    std::nth_element(all.begin(), at, all.end());
    const Moments one = moments(a, *at);
    const Moments other = moments(b, *at);
    return (one.mean - other.mean) / std::sqrt(one.variance / one.count + other.variance / other.count);
}

struct Guessing : ::testing::Test {
    World world;
    Actor owner = world.person();
    Station station = world.station(owner);
    Livestream show = world.livestream(owner);
    WorkerPool pool{1, 1};
    IngestGate gate{*world.store, world.board, pool, *world.clock, never_waits()};
    std::mt19937_64 random{20'260'101};

    void SetUp() override {
#ifdef __SANITIZE_THREAD__
        // What the sanitizer does at each access takes longer than the code it looks at, and depends on what
        // it saw before.
        GTEST_SKIP() << "times of instrumented code say nothing";
#endif
    }

    static GateSettings never_waits() {
        GateSettings settings;
        settings.failures_per_minute = 1'000'000'000;
        return settings;
    }

    std::string far_from_all() {
        std::string key(32, '0');
        for (char& c : key) c = "0123456789abcdef"[random() % 16];
        return key;
    }
    // The first `right` characters are those of a real key.
    std::string near_to(const std::string& real, std::size_t right) {
        std::string key = real.substr(0, right) + far_from_all().substr(right);
        if (key == real) key.back() = key.back() == '0' ? '1' : '0';
        return key;
    }

    double time_of(const std::string& text) {
        const base::Secret key(text);
        const auto began = std::chrono::steady_clock::now();
        const auto refused = gate.check(key, "203.0.113.7");
        const auto took = std::chrono::steady_clock::now() - began;
        EXPECT_FALSE(refused);
        EXPECT_EQ(refused.error().code, base::ErrorCode::refused);
        return std::chrono::duration<double, std::micro>(took).count();
    }

    // Both kinds take turns, in an order that is drawn, so that whatever else the machine does meets both
    // alike.
    template <class Near, class Far>
    double compare(Near near, Far far_away) {
        std::vector<double> far_times;
        std::vector<double> near_times;
        for (std::size_t i = 0; i < guesses() / 2; ++i) {
            const std::string far = far_away();
            const std::string close = near();
            const bool far_first = random() % 2 == 0;
            if (far_first) far_times.push_back(time_of(far));
            near_times.push_back(time_of(close));
            if (!far_first) far_times.push_back(time_of(far));
        }
        return welch_t(near_times, far_times);
    }

    // `near` and `far_away` make a function that guesses, anew for each attempt.
    template <class Near, class Far>
    void expect_no_oracle(Near near, Far far_away) {
        double t = 0;
        for (int i = 0; i < attempts; ++i) {
            t = compare(near(), far_away());
            if (std::abs(t) < critical_t) return;
        }
        FAIL() << "the time tells the two apart: t = " << t;
    }
};

TEST_F(Guessing, a_key_that_is_nearly_right_takes_no_other_time) {
    const std::string real = station.stream_key->reveal();
    expect_no_oracle([&] { return [&] { return near_to(real, 8 + random() % 24); }; },
                     [&] { return [&] { return far_from_all(); }; });
}

// Each key has a place in the index and each place a way there: one key that was replaced beside one that
// never was would only compare two places. So there are many of both, asked for again and again, since a
// cache may favour what was asked just now, whatever it is.
TEST_F(Guessing, a_key_that_was_replaced_takes_no_other_time) {
    const auto one_of = [&](std::vector<std::string> keys) {
        return [this, keys = std::move(keys)] { return keys[random() % keys.size()]; };
    };
    expect_no_oracle(
        [&] {
            std::vector<std::string> before;
            for (std::size_t i = 0; i < keys_of_a_kind; ++i) {
                before.push_back(world.livestreams.find(owner, show.id)->stream_key->reveal());
                EXPECT_TRUE(world.livestreams.rotate_key(owner, show.id));
            }
            return one_of(std::move(before));
        },
        [&] {
            std::vector<std::string> never;
            std::generate_n(std::back_inserter(never), keys_of_a_kind, [&] { return far_from_all(); });
            return one_of(std::move(never));
        });
}

TEST_F(Guessing, the_measure_sees_a_difference) {
    std::normal_distribution<double> noise(50.0, 5.0);
    std::vector<double> one;
    std::vector<double> other;
    std::vector<double> same;
    for (std::size_t i = 0; i < 3'000; ++i) {
        one.push_back(noise(random));
        other.push_back(noise(random) + 1.0);
        same.push_back(noise(random));
    }
    EXPECT_GT(std::abs(welch_t(one, other)), critical_t);
    EXPECT_LT(std::abs(welch_t(one, same)), 4.0);
}

}  // namespace
}  // namespace service
