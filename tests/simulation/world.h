// World: the simulated machine: a clock that only events move, the events in their order, the loops that
// production code believes to be threads, and the account of what happened. Everything random comes from its
// seed. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"

namespace simulation {

using namespace std::chrono_literals;
using Time = base::MonotonicTime;

// SplitMix64: the same numbers everywhere, for ever.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    // From first to last, both included.
    std::int64_t between(std::int64_t first, std::int64_t last) {
        return first + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(last - first + 1));
    }
    base::Duration between(base::Duration first, base::Duration last) {
        return base::Duration(between(first.count(), last.count()));
    }
    bool percent(int chance) { return between(1, 100) <= chance; }

  private:
    std::uint64_t state_;
};

class World {
  public:
    World(std::uint64_t seed, bool verbose) : random(seed), seed_(seed), verbose_(verbose) {}

    Random random;
    base::ManualClock clock;

    Time now() const { return clock.now(); }
    void at(Time when, std::function<void()> event);
    void after(base::Duration delay, std::function<void()> event) { at(now() + delay, std::move(event)); }
    // Runs the next event. False when there is none, or when a rule was broken.
    bool step();
    void run_until(Time end);

    // One line of what happened; `who` and `value` are numbers so that noting costs next to nothing. `what`
    // is a literal.
    void note(const char* what, int who, std::int64_t value = 0);
    // For a replay that is watched.
    void print(std::string_view line) const;
    // A rule is broken: the first one counts, and the schedule ends.
    void fail(const std::string& rule);
    void require(bool holds, const char* rule, int who, std::int64_t value = 0) {
        if (!holds) fail(std::string(rule) + " (" + std::to_string(who) + ", " + std::to_string(value) + ")");
    }
    bool failed() const { return !failure_.empty(); }
    // What was broken, when, and the last events before it.
    std::string report() const;

    std::uint64_t steps() const { return steps_; }
    // Of everything that was noted: two runs of one seed have the same.
    std::uint64_t history() const { return history_; }
    // Nothing that was planned happens any more.
    void forget_events();

    // What is alive of the things that must all be gone at the end.
    struct Alive {
        int timers = 0;
        int links = 0;
        int payloads = 0;
        std::int64_t payload_bytes = 0;
        // Of them, what is kept along with what is sent: codec configurations, metadata, further tracks.
        std::int64_t companion_bytes = 0;
    } alive;

  private:
    struct Event {
        Time at;
        std::uint64_t turn;
        std::function<void()> run;
        bool operator<(const Event& other) const {
            return at != other.at ? at > other.at : turn > other.turn;
        }
    };
    struct Note {
        Time at;
        const char* what = nullptr;
        int who = 0;
        std::int64_t value = 0;
    };
    std::string tell(const Note& note) const;

    std::uint64_t seed_;
    bool verbose_;
    std::vector<Event> events_;  // a heap, the next one first
    std::uint64_t turns_ = 0;
    std::uint64_t steps_ = 0;
    std::array<Note, 50> notes_;
    std::size_t noted_ = 0;
    std::uint64_t history_ = 0;
    std::string failure_;
};

// A loop on the world's clock. Posts run in order, each a little later, as on a thread of its own.
class Loop final : public net::Loop {
  public:
    explicit Loop(World& world) : world_(world) {}

    using net::Loop::post;
    void post(std::shared_ptr<net::Work> work) override;
    // From outside of all events only.
    void run(std::function<void()> function) override;
    std::unique_ptr<net::Timer> make_timer(std::function<void()> due) override;
    Time now() const override { return world_.now(); }

  private:
    World& world_;
    Time last_post_{};
    std::size_t waiting_ = 0;
};

}  // namespace simulation
