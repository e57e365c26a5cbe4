// Supervisor: makes what is pushed follow what is desired. It keeps one Destination for each output of each
// broadcast, spread over the media cores, and tells them of streams that come and go. Any thread; app/ owns
// it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/registry.h"
#include "net/connector.h"
#include "output/outputs.h"
#include "output/rtmp/destination.h"

namespace output::rtmp {

struct SupervisorSettings {
    RetryPolicy retry;
    // How long stop() waits for platforms to take a proper end of stream.
    std::chrono::milliseconds farewell{2'500};
};

// One of the loops that destinations are spread over, with its way out.
struct SupervisorCore {
    net::Loop& loop;
    std::unique_ptr<net::Connector> connector;
    std::uint32_t random_seed = 0;
};

class Supervisor final : public Outputs {
  public:
    // Tries a connection, for test().
    using Probe = std::function<TestReport(const DesiredOutput&)>;

    // All references outlive the supervisor, which observes `registry` for good: construct it before streams
    // open, and stop() it before the loops.
    Supervisor(const SupervisorSettings& settings, std::vector<SupervisorCore> cores, Probe probe,
               hub::Registry& registry, media::EventSink& events, const base::Clock& clock, base::Logger log);
    // On the cores of `pool`, by way of `dialer`.
    Supervisor(const SupervisorSettings& settings, net::IoPool& pool, net::Dialer& dialer,
               hub::Registry& registry, media::EventSink& events, const base::Clock& clock, base::Logger log);
    ~Supervisor() override;

    void apply(DesiredBroadcast desired) override;
    void end(const std::string& broadcast_id) override;
    void retry(const std::string& broadcast_id, const std::string& destination_id) override;
    std::vector<media::OutputStatus> snapshot() const override;
    std::vector<media::OutputStatus> snapshot(const std::string& broadcast_id) const override;
    std::optional<media::OutputStatus> find(const std::string& broadcast_id,
                                            const std::string& destination_id) const override;
    TestReport test(const DesiredOutput& target) override;

    // Ends every output in good order and waits for it, no longer than the farewell.
    void stop();

  private:
    class Shared;
    std::shared_ptr<Shared> shared_;
    Probe probe_;
};

}  // namespace output::rtmp
