// DataPath: the whole way of a frame in one process, for counting what it costs: an encoder, the engine on
// one core, and destinations' servers that read what they are sent. Everything goes in lockstep over real
// sockets and by a clock that stands still, so that the same work is done in every run. Made and called by
// one thread, which plays the encoder and the servers; the work that is measured is done by the core's
// thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "bench/instructions/sinks.h"
#include "support/engine.h"
#include "support/rtmp_client.h"

namespace bench {

// Moves only when told to, and is read by several threads.
class SteppedClock final : public base::Clock {
  public:
    base::MonotonicTime now() const override { return base::MonotonicTime(elapsed()); }
    base::WallTime wall() const override {
        return base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(elapsed()));
    }
    void advance(std::chrono::nanoseconds by) { nanoseconds_ += by.count(); }

  private:
    std::chrono::nanoseconds elapsed() const { return std::chrono::nanoseconds(nanoseconds_); }

    std::atomic<std::int64_t> nanoseconds_{std::chrono::nanoseconds(std::chrono::hours(1)).count()};
};

class DataPath {
  public:
    // Comes back when all destinations are being sent the stream.
    explicit DataPath(std::size_t destinations);
    ~DataPath();

    // The encoder sends as many frames in one go, at most 8; waits until every destination's server has them.
    void send(std::size_t frames);
    // Sends one frame and lets a second pass, after which destinations look at their connection and tell
    // how they are; waits until all have.
    void send_and_look();

    // Runs on the core's thread, where the work is done.
    void on_core(const std::function<void()>& function);
    // What the encoder has sent so far in audio and video messages.
    std::uint64_t payload_bytes() const { return payload_bytes_; }

  private:
    void warm_up();
    std::size_t compose(std::size_t frames, std::vector<test_support::Media>& messages);

    SteppedClock clock_;
    test_support::EventLog events_;
    test_support::PrefixGate gate_;
    base::LimitHits hits_;
    // Old frames go because of their bytes, not of their age: the clock stands still.
    hub::Registry registry_{{.max_bytes = 512 * 1024}};
    net::IoPool pool_{1};
    net::Dialer dialer_;
    std::shared_ptr<ingest::StreamDesk> desk_;
    output::rtmp::Supervisor supervisor_;
    std::unique_ptr<ingest::rtmp::Server> server_;

    Sinks sinks_;
    std::optional<test_support::RtmpClient> encoder_;
    // Says how many bytes a destination's server is to get.
    protocol::rtmp::MediaWriter measure_;
    std::vector<base::Bytes> bodies_;
    std::uint64_t frame_ = 0;
    std::uint64_t payload_bytes_ = 0;
};

}  // namespace bench
