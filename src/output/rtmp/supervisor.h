// Supervisor: makes what is pushed follow what is desired. It keeps one Destination for each output of each
// broadcast, spread over the media cores, and tells them of streams that come and go. Any thread; app/ owns
// it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/registry.h"
#include "net/dialer.h"
#include "net/io_pool.h"
#include "output/outputs.h"
#include "output/rtmp/destination.h"

namespace output::rtmp {

struct SupervisorSettings {
    RetryPolicy retry;
    // How long stop() waits for platforms to take a proper end of stream.
    std::chrono::milliseconds farewell{2'500};
};

class Supervisor final : public Outputs {
  public:
    // All references outlive the supervisor, which observes `registry` for good: construct it before streams
    // open, and stop() it before the pool.
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
    net::Dialer& dialer_;
};

}  // namespace output::rtmp
