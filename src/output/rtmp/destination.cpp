#include "output/rtmp/destination.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/prefetch.h"
#include "output/rtmp/dial_problem.h"

namespace output::rtmp {

using media::OutputProblem;

namespace {

constexpr std::size_t read_size = 16 * 1024;
// Media that one gathered write takes up at most; while it waits for the socket, this is all that it holds
// back.
constexpr std::size_t batch_bytes = 256 * 1024;
constexpr auto measure_every = std::chrono::milliseconds(500);
// One that is well is asked less often: with hundreds of them, asking is a good part of the work.
constexpr auto measure_well_every = std::chrono::seconds(1);
constexpr auto look_in_every = std::chrono::milliseconds(250);
// How long a platform may take to read our farewell.
constexpr auto farewell = std::chrono::seconds(2);
// Of it, what is left for the farewell itself once no more media is sent.
constexpr auto last_words = std::chrono::seconds(1);

}  // namespace

Destination::Destination(std::shared_ptr<CoreContext> context, const std::string& broadcast_id,
                         const std::string& stream_id, DesiredOutput desired, const RetryPolicy& policy)
    : context_(std::move(context)),
      stream_id_(stream_id),
      desired_(std::move(desired)),
      log_(context_->log.with({{"broadcast", broadcast_id},
                               {"destination", desired_.destination_id},
                               {"platform", desired_.platform}})),
      state_(policy, context_->clock, [context = context_.get()] {
          return std::uniform_real_distribution<double>(0, 1)(context->random);
      }) {
    status_.broadcast_id = broadcast_id;
    status_.stream_id = stream_id;
    status_.destination_id = desired_.destination_id;
    state_.describe(status_);
    if (auto url = net::parse_push_url(desired_.url)) url_ = std::move(*url);
}

Destination::~Destination() = default;

media::OutputStatus Destination::status() const {
    const std::lock_guard lock(status_mutex_);
    return status_;
}

void Destination::stream_available(std::shared_ptr<hub::Stream> stream) {
    stream_ = std::move(stream);
    if (!url_)
        act(state_.failed(OutputProblem::misconfigured,
                          "its server URL cannot be used: correct it in the settings"));
    else
        act(state_.stream_available());
    publish_status();
}

// The news may come after that of the stream's successor.
void Destination::stream_gone(const std::shared_ptr<hub::Stream>& stream) {
    const bool replaced = stream_ && stream_ != stream;
    if (replaced && (!subscription_ || subscription_->stream() != stream)) return;
    act(state_.stream_gone());
    if (replaced) act(state_.stream_available());
    publish_status();
    if (!link_) forget_ended_stream();
}

// A destination that waits, perhaps for days, must not hold the last seconds of a show that is over.
void Destination::forget_ended_stream() {
    if (stream_ && stream_->ended()) stream_.reset();
}

void Destination::retry() {
    act(state_.retry());
    publish_status();
}

void Destination::stop(std::function<void()> done) {
    on_stopped_ = std::move(done);
    act(state_.stop());
    publish_status();
    if (!link_) drop();
}

void Destination::abandon() {
    on_stopped_ = nullptr;
    drop();
    stream_.reset();
}

void Destination::act(Action action) {
    switch (action) {
        case Action::none:
            return;
        case Action::dial:
            return dial();
        case Action::hang_up:
            return drop();
        case Action::finish:
            return finish();
    }
}

void Destination::dial() {
    drop();
    target_ = redirected_ ? *std::exchange(redirected_, std::nullopt) : *url_;
    log_.debug("connecting", {{"host", target_.host}, {"port", target_.port}});
    dialing_ = context_->connector->dial({target_.host, target_.port, target_.secure()},
                                         [this](net::Connected result) { dialed(std::move(result)); });
}

void Destination::dialed(net::Connected result) {
    dialing_.reset();
    if (result.failure) return fail(to_problem(result.failure->problem), result.failure->message);
    link_ = std::move(result.link);
    state_.connected();
    protocol_ = make_protocol(target_, desired_.stream_key, stream_->headers(), context_->clock.now());
    protocol_may_speak_ = true;
    wait_readable();
    flush();
    publish_status();
}

void Destination::wait_readable() {
    link_->wait_readable([self = weak_from_this()] {
        if (const auto destination = self.lock()) destination->on_readable();
    });
}

void Destination::on_readable() {
    const auto self = shared_from_this();
    context_->read_buffer.resize(read_size);
    while (link_) {
        const net::IoResult got = link_->read_some(context_->read_buffer);
        if (got.status == net::IoStatus::would_block) break;
        if (got.status != net::IoStatus::ok) {
            peer_closed(got);
            break;
        }
        if (!protocol_) continue;  // after our farewell: read on, so that it is delivered
        const auto bytes = base::ByteView(context_->read_buffer).first(got.bytes);
        const auto consumed = protocol_->consume(bytes, context_->clock.now());
        protocol_may_speak_ = true;
        drain_protocol();
        if (consumed || !link_) continue;
        if (finishing_until_)
            drop();
        else if (protocol_)
            fail(OutputProblem::protocol_error,
                 "the server does not speak the protocol: " + consumed.error().message);
    }
    if (!link_) return publish_status();
    flush();
    if (link_) wait_readable();
}

void Destination::drain_protocol() {
    while (protocol_) {
        const auto event = protocol_->next_event();
        if (!event) return;
        // We are leaving: what the platform has to say changes nothing any more.
        if (finishing_until_) continue;
        if (std::holds_alternative<Accepted>(*event)) {
            accept();
        } else if (const auto* refused = std::get_if<Refused>(&*event)) {
            log_.warn("destination refused the stream", {{"reason", refused->text}});
            act(state_.refused(refused->text));
            publish_status();
        } else if (const auto* again = std::get_if<ComeAgain>(&*event)) {
            log_.info("destination asked to be connected to again");
            auto url = net::parse_push_url(again->url);
            const bool usable = url && url->is_rtmp() && url->secure() >= url_->secure();
            redirected_ = usable ? std::optional(std::move(*url)) : std::nullopt;
            act(state_.reconnect_requested());
            publish_status();
        }
    }
}

void Destination::accept() {
    const base::MonotonicTime now = context_->clock.now();
    state_.accepted();
    // What the kernel still holds of handshake and commands must not count as acknowledged media later.
    const auto counters = link_->counters();
    acked_before_media_ = counters ? counters->bytes_acked + counters->bytes_unacked : 0;
    if (subscription_) dropped_before_ += subscription_->dropped();
    overflows_seen_ = 0;
    subscription_ = stream_->subscribe({}, now);
    membership_ = context_->scheduler.join(stream_, *this, desired_.flush_window);
    measure_at_ = now + std::chrono::milliseconds(100);
    // From the first look on: what waited for the platform goes out at once, and is no measure.
    video_rate_.reset();
    byte_rate_.reset();
    log_.info("destination accepted the stream");
    publish_status();
}

void Destination::peer_closed(const net::IoResult& how) {
    if (finishing_until_) return drop();
    const bool orderly = how.status == net::IoStatus::closed;
    const std::string reason = orderly ? "the platform closed it" : how.error;
    if (protocol_ && state_.phase() == DestinationState::Phase::negotiating) {
        if (orderly && protocol_->key_sent()) {
            act(state_.refused(
                "the platform closed the connection when it was given the stream key: the key is probably "
                "wrong. Copy it again from the platform"));
        } else {
            act(state_.failed(OutputProblem::connection_lost,
                              "the connection was lost before the stream was accepted (" +
                                  protocol_->doing() + "): " + reason));
        }
    } else {
        log_.warn("destination lost", {{"reason", reason}});
        act(state_.lost(orderly ? DestinationState::LostHow::orderly : DestinationState::LostHow::broken,
                        reason));
    }
    publish_status();
}

void Destination::fail(OutputProblem problem, const std::string& message) {
    log_.warn("destination failed", {{"problem", to_string(problem)}, {"reason", message}});
    act(state_.failed(problem, message));
    publish_status();
}

void Destination::fill_own(base::GatherList& gather) {
    if (!std::exchange(protocol_may_speak_, false)) return;
    base::Bytes own = protocol_->take_output();
    if (own.empty()) return;
    auto kept = std::make_shared<const base::Bytes>(std::move(own));
    gather.add_view(*kept);
    gather.keep(std::move(kept));
}

// What comes next: what the protocol has to say, media, and at the end, when the stream holds no more or the
// platform is too slow for what it holds, the farewell.
void Destination::fill(base::GatherList& gather) {
    if (!protocol_) return;
    const base::MonotonicTime now = context_->clock.now();
    fill_own(gather);
    if (!subscription_ || farewell_said_) return;
    const bool no_more_media = finishing_until_ && now >= *finishing_until_ - last_words;
    const hub::BatchPtr batch =
        no_more_media ? nullptr : subscription_->read(now, batch_bytes, context_->recent);
    if (!batch) {
        if (!finishing_until_) return;
        farewell_said_ = true;
        protocol_->finish();
        protocol_may_speak_ = true;
        return fill_own(gather);
    }
    const Written written = protocol_->write(gather, batch, context_->recent_wire);
    frames_sent_ += written.frames;
    video_frames_sent_ += written.pictures;
    if (gather.empty()) return fill(gather);  // nothing but tracks that platforms do not take
}

void Destination::prefetch() const {
    base::prefetch<2>(link_.get());
    base::prefetch<2>(protocol_.get());
    base::prefetch<2>(subscription_.get());
}

void Destination::flush() {
    if (!link_ || queue_.blocked()) return;
    const net::IoResult result = queue_.flush(*link_, context_->gather, *this);
    if (result.status == net::IoStatus::would_block) return;
    if (result.status != net::IoStatus::ok) return peer_closed(result);
    if (finishing_until_ && protocol_) {
        protocol_.reset();
        link_->shutdown_write();
    }
    if (stream_ && stream_->ended() && subscription_ && subscription_->ended() && !finishing_until_)
        stream_gone(subscription_->stream());
}

void Destination::finish() {
    if (!link_ || !protocol_) return drop();
    if (finishing_until_) return;
    membership_.reset();
    finishing_until_ = context_->clock.now() + farewell;
    flush();
}

void Destination::drop() {
    dialing_.reset();
    membership_.reset();
    if (subscription_) dropped_before_ += subscription_->dropped();
    subscription_.reset();
    protocol_.reset();
    queue_.clear();
    if (link_) {
        if (finishing_until_)
            link_->close();
        else
            link_->abort();
        link_.reset();
    }
    finishing_until_.reset();
    farewell_said_ = false;
    forget_ended_stream();
    if (state_.phase() == DestinationState::Phase::stopped && on_stopped_) {
        const auto done = std::exchange(on_stopped_, nullptr);
        context_->loop.post(done);
    }
}

base::MonotonicTime Destination::tick() {
    const base::MonotonicTime now = context_->clock.now();
    if (finishing_until_ && now >= *finishing_until_) {
        drop();
        publish_status();
    }
    act(state_.tick());
    const auto publishes = [this] {
        return state_.phase() == DestinationState::Phase::publishing && !finishing_until_;
    };
    if (protocol_ && !finishing_until_ && !publishes()) {
        if (const auto due = protocol_->deadline(); due && now >= *due) {
            protocol_may_speak_ = true;
            if (const auto ticked = protocol_->tick(now); !ticked)
                fail(OutputProblem::handshake_timed_out,
                     "the server does not answer: " + ticked.error().message);
            else
                flush();
        }
    }
    if (now >= measure_at_) {
        measure();
        publish_status();
        // Nobody else writes it.
        const bool well =
            status_.state == media::OutputState::connected && status_.problem == OutputProblem::none;
        measure_at_ = now + (well ? measure_well_every : measure_every);
    }
    // Whoever publishes waits for nothing but the next look at his counters. What may end that in between is
    // noticed soon enough.
    return publishes() ? std::min(measure_at_, now + look_in_every) : now;
}

void Destination::measure() {
    if (!link_ || !subscription_ || finishing_until_) return;
    video_rate_.look(context_->clock.now(), video_frames_sent_);
    byte_rate_.look(context_->clock.now(), queue_.bytes_sent());
    if (subscription_->overflows() > overflows_seen_) {
        if (overflows_seen_ == 0) log_.warn("destination is too slow: frames are dropped");
        overflows_seen_ = subscription_->overflows();
        state_.frames_dropped();
    }
    const auto counters = link_->counters();
    if (!counters) return;
    const std::uint64_t media_acked =
        counters->bytes_acked > acked_before_media_ ? counters->bytes_acked - acked_before_media_ : 0;
    rtt_ms_ = counters->rtt_ms;
    kernel_bytes_ = counters->bytes_unacked;
    act(state_.progress(media_acked, counters->bytes_unacked));
}

void Destination::publish_status() {
    const base::MonotonicTime now = context_->clock.now();
    const hub::Backlog backlog = subscription_ ? subscription_->backlog(now) : hub::Backlog{};
    std::optional<media::OutputStatus> changed;
    {
        const std::lock_guard lock(status_mutex_);
        const auto what = [this] {
            return std::tuple(status_.state, status_.problem, status_.last_error, status_.retry_count);
        };
        const auto before = what();
        state_.describe(status_);
        media::OutputMetrics& metrics = status_.metrics;
        metrics.frames_sent = frames_sent_;
        metrics.bytes_sent = queue_.bytes_sent();
        metrics.frames_dropped = dropped_before_ + (subscription_ ? subscription_->dropped() : 0);
        metrics.fps = subscription_ ? video_rate_.per_second() : 0;
        metrics.bitrate_kbps = subscription_ ? std::llround(byte_rate_.per_second() * 8 / 1000) : 0;
        metrics.rtt_ms = link_ ? rtt_ms_ : 0;
        metrics.queue_ms = backlog.age.count();
        metrics.queue_bytes = backlog.bytes + queue_.unsent_bytes() + (link_ ? kernel_bytes_ : 0);
        if (what() != before) changed = status_;
    }
    if (changed) context_->events.publish(media::OutputChanged{std::move(*changed)});
}

}  // namespace output::rtmp
