// Destination: one place that one broadcast is pushed to. It owns the connection, the reader's position in
// the stream and the state machine. It lives on one core; only status() may be called from elsewhere.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include "base/log.h"
#include "media/event_sink.h"
#include "net/connector.h"
#include "net/loop.h"
#include "output/counter_rate.h"
#include "output/flush_scheduler.h"
#include "output/outputs.h"
#include "output/rtmp/destination_state.h"
#include "output/rtmp/push_protocol.h"
#include "output/send_queue.h"

namespace output::rtmp {

// What the destinations of one core share.
struct CoreContext {
    CoreContext(net::Loop& own_loop, std::unique_ptr<net::Connector> own_connector, std::uint32_t seed,
                media::EventSink& sink, const base::Clock& time, base::Logger logger)
        : loop(own_loop),
          scheduler(own_loop),
          connector(std::move(own_connector)),
          events(sink),
          clock(time),
          log(std::move(logger)),
          random(seed) {}

    net::Loop& loop;
    FlushScheduler scheduler;
    std::unique_ptr<net::Connector> connector;
    media::EventSink& events;
    const base::Clock& clock;
    base::Logger log;
    // Scratch space of whichever destination runs.
    base::Bytes read_buffer;
    base::GatherList gather;
    // What one of them read last, for the others that stand at the same place.
    hub::BatchPtr recent;
    RecentWire recent_wire;
    std::minstd_rand random;  // for the jitter of retries
};

class Destination final : public SendQueue::Source, public std::enable_shared_from_this<Destination> {
  public:
    Destination(std::shared_ptr<CoreContext> context, const std::string& broadcast_id,
                const std::string& stream_id, DesiredOutput desired, const RetryPolicy& policy);
    ~Destination() override;

    const std::string& stream_id() const { return stream_id_; }
    const DesiredOutput& desired() const { return desired_; }

    void stream_available(std::shared_ptr<hub::Stream> stream);
    void stream_gone(const std::shared_ptr<hub::Stream>& stream);
    void retry();
    // Ends the stream at the platform in good order. `done` is called when the connection is gone.
    void stop(std::function<void()> done);
    // Drops everything now.
    void abandon();
    // To be called again at the time that it gives, or up to 100 ms later.
    base::MonotonicTime tick();
    void flush() override;
    void prefetch() const override;

    media::OutputStatus status() const;

  private:
    using Action = DestinationState::Action;

    void act(Action action);
    void dial();
    void dialed(net::Connected result);
    void wait_readable();
    void on_readable();
    void drain_protocol();
    void accept();
    void peer_closed(const net::IoResult& how);
    void fail(media::OutputProblem problem, const std::string& message);
    void fill(base::GatherList& gather) override;
    void fill_own(base::GatherList& gather);
    void finish();
    void drop();
    void forget_ended_stream();
    void measure();
    void publish_status();

    // What every flush touches stands together: with hundreds of destinations on a core none of it is in the
    // cache when its turn comes.
    std::shared_ptr<CoreContext> context_;
    net::LinkPtr link_;
    std::unique_ptr<PushProtocol> protocol_;
    std::unique_ptr<hub::Subscription> subscription_;
    SendQueue queue_;
    // Set while the stream's end is on its way to the platform.
    std::optional<base::MonotonicTime> finishing_until_;
    bool farewell_said_ = false;
    // The protocol was given something since it was asked what it has to say.
    bool protocol_may_speak_ = false;
    std::uint64_t frames_sent_ = 0;
    std::uint64_t video_frames_sent_ = 0;
    std::shared_ptr<hub::Stream> stream_;

    const std::string stream_id_;
    const DesiredOutput desired_;
    base::Logger log_;
    std::optional<net::PushUrl> url_;
    // Where the platform asked us to come next, for one attempt.
    std::optional<net::PushUrl> redirected_;
    // Where the present attempt goes.
    net::PushUrl target_;
    DestinationState state_;

    std::unique_ptr<FlushScheduler::Membership> membership_;
    net::Connector::Handle dialing_;
    std::uint64_t acked_before_media_ = 0;
    std::function<void()> on_stopped_;

    CounterRate video_rate_;
    CounterRate byte_rate_;
    double rtt_ms_ = 0;
    std::uint64_t kernel_bytes_ = 0;
    std::uint64_t overflows_seen_ = 0;
    std::uint64_t dropped_before_ = 0;  // by earlier connections
    base::MonotonicTime measure_at_{};

    mutable std::mutex status_mutex_;
    media::OutputStatus status_;
};

}  // namespace output::rtmp
