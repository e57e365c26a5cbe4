// Scene: one encoder, the data plane, healthy destinations straight at a platform, and faulty ones that reach
// the same platform through doors of the fault proxy.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "support/engine.h"
#include "support/exact.h"
#include "support/fault_proxy.h"
#include "support/live_show.h"
#include "support/rtmp_sink.h"
#include "support/scale.h"

namespace scene {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using test_support::FaultProxy;
using test_support::Faults;
using test_support::Recorded;
using test_support::SinkRun;

inline std::string url_of(std::uint16_t port, const char* scheme = "rtmp") {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port) + "/live";
}

class Scene {
  public:
    explicit Scene(const output::rtmp::SupervisorSettings& settings = {}) : engine(settings) {}

    // Added before go_live(). The key is the name, and so is the destination's id.
    void add(const std::string& name, const std::string& url) {
        outputs_.push_back({.destination_id = name,
                            .url = url,
                            .stream_key = base::Secret(name),
                            .flush_window = flush_window});
    }
    void add_healthy(int count) {
        for (int i = 0; i < count; ++i) {
            healthy_.push_back("good-" + std::to_string(healthy_.size()));
            add(healthy_.back(), url_of(sink.port()));
        }
    }
    FaultProxy::Door add_faulty(const std::string& name, const Faults& faults, const char* scheme = "rtmp") {
        const auto door = proxy.open(sink.port(), faults);
        add(name, url_of(door.port(), scheme));
        return door;
    }

    // Publishes; pictures begin when all healthy destinations, and these others, were accepted. The encoder
    // comes straight, or to another port.
    void go_live(const test_support::ShowSettings& settings = {},
                 const std::vector<std::string>& also_wait_for = {}, std::uint16_t port = 0) {
        engine.supervisor.apply({"broadcast", "st-one", outputs_});
        live_at = Clock::now();
        show.emplace(port != 0 ? port : engine.server->rtmp_port(), "key-one", settings);
        ASSERT_TRUE(show->accepted());
        for (const auto* names : {&std::as_const(healthy_), &also_wait_for})
            for (const std::string& name : *names)
                ASSERT_TRUE(sink.wait_for(
                    name, [](const auto& runs) { return !runs.empty(); }, 20s))
                    << name;
        show->begin();
    }
    void run_for(std::chrono::milliseconds time) const { std::this_thread::sleep_for(time); }

    media::OutputStatus status(const std::string& name) const {
        return engine.supervisor.find("broadcast", name).value_or(media::OutputStatus{});
    }
    // Until it holds; the time that it took since the broadcast went live, or nothing after the deadline.
    std::optional<std::chrono::milliseconds> wait_for_status(
        const std::string& name, const std::function<bool(const media::OutputStatus&)>& holds,
        std::chrono::milliseconds deadline) const {
        const auto until = Clock::now() + deadline;
        while (!holds(status(name))) {
            if (Clock::now() > until) return std::nullopt;
            std::this_thread::sleep_for(10ms);
        }
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - live_at);
    }

    // Stops the encoder and waits until what it sent last has arrived everywhere.
    void finish() {
        show->end();
        sent = show->sent();
        ASSERT_GT(sent.size(), 10u);
        for (const std::string& name : healthy_)
            EXPECT_TRUE(sink.wait_for_last(name, sent.back(), 10s)) << name;
    }
    // After finish(): all healthy ones were connected once and got everything, from the first keyframe on.
    void expect_healthy_exact() const {
        for (const std::string& name : healthy_) {
            const auto runs = sink.runs(name);
            ASSERT_EQ(runs.size(), 1u) << name;
            EXPECT_EQ(test_support::exact_throughout(sent, runs[0]), "") << name;
            EXPECT_EQ(status(name).metrics.frames_dropped, 0u) << name;
        }
    }
    const std::vector<std::string>& healthy() const { return healthy_; }

    // Of destinations added from then on.
    std::chrono::milliseconds flush_window{100};
    test_support::RtmpSink sink;
    FaultProxy proxy;
    test_support::Engine engine;
    Clock::time_point live_at{};
    std::optional<test_support::LiveShow> show;
    std::vector<Recorded> sent;

  private:
    std::vector<output::DesiredOutput> outputs_;
    std::vector<std::string> healthy_;
};

// Retries at a pace that tests can wait for; the exact one under EVERYCAST_FULL=1.
inline output::rtmp::SupervisorSettings quick_retries() {
    output::rtmp::SupervisorSettings settings;
    if (test_support::full()) return settings;
    settings.retry.after_own_hang_up = 300ms;
    settings.retry.stalled_after = 1'000ms;
    settings.retry.hang_up_after = 4'000ms;
    return settings;
}

}  // namespace scene
