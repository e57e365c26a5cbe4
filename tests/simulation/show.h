// Show: one schedule: streams, encoders, owners, platforms and all that befalls them, drawn from one seed and
// run on the production code from the ingest's desk to the wire. It holds the rules that concern the whole.
// One thread.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "hub/registry.h"
#include "media/event_sink.h"
#include "output/rtmp/supervisor.h"
#include "simulation/encoder.h"
#include "simulation/platform.h"

namespace simulation {

class Show final : private media::EventSink, private Network {
  public:
    explicit Show(std::uint64_t seed, bool verbose = false);
    ~Show() override;

    // Runs it to its end. False when a rule was broken: report() tells which.
    bool run();
    std::string report() const { return world_.report(); }
    const World& world() const { return world_; }
    std::uint64_t dials() const;
    std::uint64_t frames() const;

  private:
    // One broadcast a stream: what its owner wants of it.
    struct Broadcast {
        bool on = false;
        Time since{};             // desired as it is, by healthy outputs' measure
        std::set<int> platforms;  // by number
    };
    struct Ending {
        std::string destination;
        Time since;
    };

    // --- media::EventSink
    void publish(media::Event event) override;
    // --- Network
    DialPlan plan(const net::DialTarget& target) override;
    WirePtr connected(const net::DialTarget& target, net::Loop& loop) override;
    void attempt_over(const net::DialTarget& target) override;

    void draw();
    void encoder_acts(std::size_t stream);
    void owner_acts(std::size_t stream);
    void start(std::size_t stream);
    void end(std::size_t stream);
    void change(std::size_t stream);
    void apply(std::size_t stream);
    void leaves(int platform);
    void tick_desk();
    void watch();
    void check_memory();
    void check_statuses();
    void check_joined(const media::OutputStatus& status, Platform& platform);
    void look_for_secrets(std::string_view text);
    void look_for_secrets(const media::OutputStatus& status);
    void wind_up();

    // Null when there is none of this name.
    Platform* platform_of(const std::string& host);
    const Reference* reference(std::uint32_t id) const;

    World world_;
    std::vector<std::unique_ptr<Loop>> loops_;
    base::Logger log_;
    std::deque<Reference> references_;
    std::unique_ptr<hub::Registry> registry_;
    std::vector<std::weak_ptr<hub::Stream>> streams_;
    std::shared_ptr<ingest::StreamDesk> desk_;
    std::vector<std::unique_ptr<Encoders>> encoders_;
    std::vector<std::unique_ptr<Platform>> platforms_;
    std::vector<Broadcast> broadcasts_;
    std::unique_ptr<output::rtmp::Supervisor> supervisor_;
    std::deque<Ending> endings_;
    std::int64_t held_ = 0;  // by all streams, at the last look
    std::int64_t held_before_ = 0;
    Time statuses_at_{};
    Time accounted_at_{};
    base::Duration length_{};
    bool winding_up_ = false;  // nobody acts any more
    bool over_ = false;        // nobody watches any more
};

}  // namespace simulation
