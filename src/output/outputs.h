// The control side of output, for services: the desired state goes in, the actual state is read back.
// Implemented by output/supervisor, safe from any thread; it returns at once and the actual state follows.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "media/output_status.h"

namespace output {

// Where and how to push one destination. URL and key are kept apart and sent as given.
struct DesiredOutput {
    std::string destination_id = {};
    std::string name = {};      // for logs
    std::string platform = {};  // for logs and metrics
    // rtmp://, rtmps:// (push), or http://, https:// (bridge: FLV in one chunked POST).
    std::string url = {};
    base::Secret stream_key = {};
    // How long bytes may wait to be sent together.
    std::chrono::milliseconds flush_window{100};
    // Tries in a row before it waits for a person; 0: for ever.
    std::uint32_t max_retries = 0;
    bool operator==(const DesiredOutput&) const = default;
};

struct DesiredBroadcast {
    std::string broadcast_id;
    std::string stream_id;
    std::vector<DesiredOutput> outputs;
};

// One step of a connection test, in order: dns, tcp, tls, handshake, connect, publish.
struct TestStep {
    std::string name;
    bool ok = false;
    std::int64_t took_ms = 0;
    std::string message;  // what failed and what to do; empty when ok
};

struct TestReport {
    bool ok = false;
    std::vector<TestStep> steps;
    media::OutputProblem problem = media::OutputProblem::none;
};

class Outputs {
  public:
    virtual ~Outputs() = default;
    // Makes the broadcast's outputs be exactly these: new ones join at a keyframe, missing ones leave with a
    // proper end of stream, changed ones reconnect, the others notice nothing. Starts the broadcast if it is
    // new.
    virtual void apply(DesiredBroadcast desired) = 0;
    // Ends a broadcast and all its outputs. Each gives a last OutputEnded event.
    virtual void end(const std::string& broadcast_id) = 0;
    // Tries a waiting or failed output now, its retry count reset.
    virtual void retry(const std::string& broadcast_id, const std::string& destination_id) = 0;

    virtual std::vector<media::OutputStatus> snapshot() const = 0;
    virtual std::vector<media::OutputStatus> snapshot(const std::string& broadcast_id) const = 0;
    virtual std::optional<media::OutputStatus> find(const std::string& broadcast_id,
                                                    const std::string& destination_id) const = 0;

    // Connects as a destination would up to the point of publishing, publishes nothing and leaves. Blocks the
    // calling thread (never a media thread) for at most 15 s.
    virtual TestReport test(const DesiredOutput& target) = 0;
};

}  // namespace output
