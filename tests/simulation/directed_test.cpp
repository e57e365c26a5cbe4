// What random schedules cannot bring about, because it takes two threads at one moment: told by hand.
#include <gtest/gtest.h>

#include "hub/registry.h"
#include "output/rtmp/supervisor.h"
#include "simulation/encoder.h"
#include "simulation/platform.h"

namespace simulation {
namespace {

class Nobody final : public media::EventSink {
    void publish(media::Event) override {}
};

class OnePlatform final : public Network {
  public:
    explicit OnePlatform(World& world)
        : platform_(world, {.key = std::string(canary)}, [](std::uint32_t) { return nullptr; }) {
        platform_.destination_made();
    }
    DialPlan plan(const net::DialTarget& target) override { return platform_.plan(target); }
    WirePtr connected(const net::DialTarget& target, net::Loop& loop) override {
        return platform_.connected(target, loop);
    }
    void attempt_over(const net::DialTarget& target) override { platform_.attempt_over(target); }
    Platform& platform() { return platform_; }

  private:
    Platform platform_;
};

// An encoder opens the stream anew on one thread while another is about to tell of the old one's end.
TEST(Directed, a_destination_joins_a_stream_whose_predecessors_end_is_told_late) {
    World world(1, false);
    hub::Registry registry{{}};
    std::shared_ptr<hub::Stream> successor;
    registry.observe([&](const std::shared_ptr<hub::Stream>& stream) {
        if (stream->ended() && !successor) successor = registry.open(stream->id());
    });
    Loop loop(world);
    OnePlatform network(world);
    Nobody nobody;
    std::vector<output::rtmp::SupervisorCore> cores;
    cores.push_back({loop, std::make_unique<Connector>(world, loop, network), 1});
    output::rtmp::Supervisor supervisor({.retry = {}, .farewell = std::chrono::milliseconds(0)},
                                        std::move(cores), {}, registry, nobody, world.clock, {});
    output::DesiredOutput output;
    output.destination_id = "de_0";
    output.url = network.platform().url();
    output.stream_key = base::Secret(network.platform().key());
    supervisor.apply({"br_0", "st_0", {output}});

    const auto first = registry.open("st_0");
    world.run_until(world.now() + 2s);
    ASSERT_TRUE(network.platform().accepting());
    registry.close(first);
    ASSERT_TRUE(successor);
    world.run_until(world.now() + 4s);
    network.platform().check();
    EXPECT_FALSE(world.failed()) << world.report();
    EXPECT_EQ(network.platform().dials(), 2u);
    EXPECT_TRUE(network.platform().accepting());

    supervisor.stop();
    world.run_until(world.now() + 1s);
    world.forget_events();
}

}  // namespace
}  // namespace simulation
