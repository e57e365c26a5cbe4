#include "output/rtmp/supervisor.h"

#include <gtest/gtest.h>

namespace output::rtmp {
namespace {

// Counts what is posted, and runs nothing until asked: what a supervisor puts on a core, without its threads.
class CountingLoop final : public net::Loop {
  public:
    void post(std::shared_ptr<net::Work> work) override { posted_.push_back(std::move(work)); }
    void run(std::function<void()> function) override { function(); }
    std::unique_ptr<net::Timer> make_timer(std::function<void()>) override {
        return std::make_unique<NoTimer>();
    }
    base::MonotonicTime now() const override { return base::MonotonicTime{}; }

    // How many posts came since it was asked last; they are run.
    std::size_t take() {
        const auto work = std::exchange(posted_, {});
        for (const auto& one : work) one->run();
        return work.size();
    }

  private:
    class NoTimer final : public net::Timer {
      public:
        void start(base::MonotonicTime) override {}
        void cancel() override {}
    };
    std::vector<std::shared_ptr<net::Work>> posted_;
};

class NoConnector final : public net::Connector {
  public:
    Handle dial(const net::DialTarget&, std::function<void(net::Connected)>) override { return nullptr; }
};

class NoEvents final : public media::EventSink {
  public:
    void publish(media::Event) override {}
};

class SupervisorTest : public testing::Test {
  protected:
    SupervisorTest() {
        take();  // the start of each core's rhythm
    }
    ~SupervisorTest() override {
        supervisor_.stop();
        take();
    }

    std::vector<SupervisorCore> cores() {
        std::vector<SupervisorCore> cores;
        for (CountingLoop& loop : loops_) cores.push_back({loop, std::make_unique<NoConnector>(), 1});
        return cores;
    }
    void apply(const std::string& broadcast, int outputs, std::chrono::milliseconds window) {
        DesiredBroadcast desired{broadcast, "stream of " + broadcast, {}};
        for (int i = 0; i < outputs; ++i)
            desired.outputs.push_back({.destination_id = std::to_string(i),
                                       .url = "rtmp://203.0.113.1/app",
                                       .flush_window = window});
        supervisor_.apply(std::move(desired));
    }
    // How many outputs were put on each core since it was asked last.
    std::vector<std::size_t> take() {
        std::vector<std::size_t> counts;
        for (CountingLoop& loop : loops_) counts.push_back(loop.take());
        return counts;
    }

    std::array<CountingLoop, 2> loops_;
    base::SystemClock clock_;
    hub::Registry registry_{hub::FrameLogSettings{}};
    NoEvents events_;
    Supervisor supervisor_{
        {.retry = {}, .farewell = {}}, cores(), {}, registry_, events_, clock_, base::Logger{}};
};

using Counts = std::vector<std::size_t>;
constexpr std::chrono::milliseconds some_window{100};

TEST_F(SupervisorTest, outputs_of_one_show_stand_together_on_one_core) {
    apply("one", 100, some_window);
    EXPECT_EQ(take(), (Counts{100, 0}));
}

TEST_F(SupervisorTest, next_show_goes_to_the_core_that_has_least) {
    apply("one", 10, some_window);
    apply("two", 3, some_window);
    apply("three", 3, some_window);
    EXPECT_EQ(take(), (Counts{10, 6}));
}

TEST_F(SupervisorTest, show_with_very_many_outputs_is_spread_over_the_cores) {
    apply("one", 1'000, some_window);
    const Counts counts = take();
    EXPECT_EQ(counts[0] + counts[1], 1'000u);
    EXPECT_GE(std::min(counts[0], counts[1]), 400u);
}

TEST_F(SupervisorTest, outputs_without_a_window_are_spread_at_once) {
    apply("one", 100, std::chrono::milliseconds(0));
    EXPECT_EQ(take(), (Counts{50, 50}));
}

TEST_F(SupervisorTest, core_of_a_show_that_ended_has_room_again) {
    apply("one", 10, some_window);
    apply("two", 5, some_window);
    supervisor_.end("one");
    take();  // the news that they are to stop
    take();  // and that they have
    apply("three", 4, some_window);
    EXPECT_EQ(take(), (Counts{4, 0}));
}

}  // namespace
}  // namespace output::rtmp
