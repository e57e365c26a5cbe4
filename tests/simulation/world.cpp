#include "simulation/world.h"

#include <algorithm>
#include <cstdio>

namespace simulation {
namespace {

constexpr auto slowest_post = 300us;
constexpr auto latest_timer = 1ms;

class Timer final : public net::Timer {
  public:
    Timer(World& world, std::function<void()> due)
        : world_(world), state_(std::make_shared<State>(State{std::move(due), 0})) {
        ++world_.alive.timers;
    }
    ~Timer() override {
        cancel();
        --world_.alive.timers;
    }
    void start(Time at) override {
        const Time when = std::max(at, world_.now()) + world_.random.between(0ns, latest_timer);
        world_.at(when, [state = state_, turn = ++state_->turn] {
            if (turn == state->turn) state->due();
        });
    }
    void cancel() override { ++state_->turn; }

  private:
    struct State {
        std::function<void()> due;
        std::uint64_t turn;
    };
    World& world_;
    std::shared_ptr<State> state_;
};

}  // namespace

void World::at(Time when, std::function<void()> event) {
    events_.push_back({std::max(when, now()), ++turns_, std::move(event)});
    std::push_heap(events_.begin(), events_.end());
}

bool World::step() {
    if (events_.empty() || failed()) return false;
    std::pop_heap(events_.begin(), events_.end());
    Event event = std::move(events_.back());
    events_.pop_back();
    clock.advance(event.at - now());
    ++steps_;
    event.run();
    return !failed();
}

void World::run_until(Time end) {
    while (!failed() && !events_.empty() && events_.front().at <= end) step();
    if (!failed() && now() < end) clock.advance(end - now());
}

void World::forget_events() {
    // What they hold may plan something more while it goes.
    while (!events_.empty()) {
        const std::vector<Event> going = std::exchange(events_, {});
    }
}

void World::note(const char* what, int who, std::int64_t value) {
    Note& place = notes_[noted_++ % notes_.size()];
    place = {now(), what, who, value};
    history_ = Random(history_ + static_cast<std::uint64_t>(now().time_since_epoch().count()) +
                      static_cast<std::uint64_t>(value) * 31 + static_cast<std::uint64_t>(who))
                   .next();
    if (verbose_) std::printf("%s\n", tell(place).c_str());
}

void World::print(std::string_view line) const {
    std::printf("%14s %.*s\n", "log:", static_cast<int>(line.size()), line.data());
}

void World::fail(const std::string& rule) {
    if (!failed()) failure_ = rule;
}

std::string World::tell(const Note& note) const {
    char text[160];
    const double seconds = std::chrono::duration<double>(note.at - base::ManualClock().now()).count();
    std::snprintf(text, sizeof text, "%10.4f s  %-44s %3d  %lld", seconds, note.what, note.who,
                  static_cast<long long>(note.value));
    return text;
}

std::string World::report() const {
    std::string text = "seed " + std::to_string(seed_) + ", step " + std::to_string(steps_) + ": " +
                       failure_ + "\nReplay it with EVERYCAST_SEED=" + std::to_string(seed_) +
                       ". The last events:\n";
    const std::size_t count = std::min(noted_, notes_.size());
    for (std::size_t i = noted_ - count; i < noted_; ++i) text += tell(notes_[i % notes_.size()]) + "\n";
    return text;
}

void Loop::post(std::shared_ptr<net::Work> work) {
    last_post_ = std::max(last_post_, world_.now() + world_.random.between(0ns, slowest_post));
    ++waiting_;
    world_.at(last_post_, [this, work = std::move(work)] {
        --waiting_;
        work->run();
    });
}

void Loop::run(std::function<void()> function) {
    while (waiting_ > 0 && world_.step()) {
    }
    function();
}

std::unique_ptr<net::Timer> Loop::make_timer(std::function<void()> due) {
    return std::make_unique<Timer>(world_, std::move(due));
}

}  // namespace simulation
