#include "output/rtmp/destination_state.h"

#include <algorithm>

namespace output::rtmp {

using media::OutputProblem;
using media::OutputState;

namespace {

// A destination that dropped frames is called too slow for this long.
constexpr auto slow_shown_for = std::chrono::seconds(10);

std::int64_t whole_seconds(base::Duration duration) {
    return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

}  // namespace

DestinationState::DestinationState(const RetryPolicy& policy, const base::Clock& clock,
                                   std::function<double()> random)
    : policy_(policy), clock_(clock), random_(std::move(random)), backoff_(policy.backoff) {}

DestinationState::Action DestinationState::stream_available() {
    has_stream_ = true;
    return phase_ == Phase::waiting ? dial() : Action::none;
}

DestinationState::Action DestinationState::stream_gone() {
    has_stream_ = false;
    switch (phase_) {
        case Phase::waiting:
        case Phase::paused:
        case Phase::stopped:
            return Action::none;
        case Phase::dialing:
        case Phase::negotiating:
            enter(Phase::waiting);
            return Action::hang_up;
        case Phase::backing_off:
            enter(Phase::waiting);
            return Action::none;
        case Phase::publishing:
            enter(Phase::waiting);
            return Action::finish;
    }
    return Action::none;
}

void DestinationState::enter(Phase phase) {
    phase_ = phase;
    stalled_ = false;
    too_slow_ = false;
    proven_ = false;
    connected_at_.reset();
    if (phase == Phase::waiting) problem_ = OutputProblem::waiting_for_encoder;
}

// Now, or as soon as it may be.
DestinationState::Action DestinationState::dial() {
    const base::MonotonicTime now = clock_.now();
    const bool too_early = now < retry_at_;
    enter(too_early ? Phase::backing_off : Phase::dialing);
    // A failure is named until the platform takes the stream again; having waited is none.
    if (problem_ == OutputProblem::waiting_for_encoder) problem_ = OutputProblem::none;
    if (too_early) return Action::none;
    dialed_at_ = now;
    retry_at_ = now + policy_.between_connects;
    return Action::dial;
}

void DestinationState::connected() {
    if (phase_ == Phase::dialing) phase_ = Phase::negotiating;
}

void DestinationState::accepted() {
    if (phase_ != Phase::negotiating) return;
    phase_ = Phase::publishing;
    accepted_at_ = progress_at_ = clock_.now();
    acked_ = 0;
}

DestinationState::Action DestinationState::refused(const std::string& text) {
    ++refusals_;
    note_error(OutputProblem::key_refused, text);
    if (refusals_ >= policy_.max_refusals) return pause();
    return back_off(policy_.after_own_hang_up);
}

DestinationState::Action DestinationState::failed(OutputProblem problem, const std::string& message) {
    note_error(problem, message);
    if (problem == OutputProblem::misconfigured) return pause();
    if (problem == OutputProblem::tls_failed) return back_off(policy_.after_tls_failure);
    return back_off(std::chrono::milliseconds(0));
}

DestinationState::Action DestinationState::lost(LostHow how, const std::string& reason) {
    const bool quick = phase_ == Phase::publishing && clock_.now() - accepted_at_ < policy_.quick_close;
    if (how == LostHow::orderly && quick)
        return refused(
            "the platform closed the connection right after it was given the stream key: the key is probably "
            "wrong or no longer valid. Copy it again from the platform");
    return failed(OutputProblem::connection_lost, "the connection was lost: " + reason);
}

DestinationState::Action DestinationState::reconnect_requested() {
    if (phase_ != Phase::publishing) return Action::none;
    enter(Phase::backing_off);
    problem_ = OutputProblem::none;
    return Action::finish;
}

DestinationState::Action DestinationState::progress(std::uint64_t media_bytes_acked,
                                                    std::uint64_t bytes_unacked) {
    if (phase_ != Phase::publishing) return Action::none;
    const base::MonotonicTime now = clock_.now();
    if (media_bytes_acked > acked_ || bytes_unacked == 0) {
        progress_at_ = now;
        stalled_ = false;
    }
    acked_ = std::max(acked_, media_bytes_acked);
    if (!proven_ && acked_ > 0) {
        proven_ = true;
        ++connections_;
        connected_at_ = clock_.wall();
        connected_since_ = now;
        problem_ = OutputProblem::none;
    }
    // Past the time in which a wrong key shows itself, the platform has taken this one.
    if (proven_ && now - accepted_at_ >= policy_.quick_close) refusals_ = 0;
    if (proven_ && now - accepted_at_ >= policy_.good_after) {
        failures_ = 0;
        backoff_.reset();
    }
    if (too_slow_ && now - dropped_at_ > slow_shown_for) too_slow_ = false;

    const auto still = now - progress_at_;
    stalled_ = still >= policy_.stalled_after;
    const bool must_go = stalled_ && policy_.memory && policy_.memory->ends_slow_readers();
    if (still < policy_.hang_up_after && !must_go) return Action::none;
    note_error(OutputProblem::stalled, "the platform took no bytes for " +
                                           std::to_string(whole_seconds(still)) +
                                           " s although the connection stood: it is connected to again");
    (void)back_off(policy_.after_own_hang_up);
    return Action::hang_up;
}

void DestinationState::frames_dropped() {
    too_slow_ = true;
    dropped_at_ = clock_.now();
}

DestinationState::Action DestinationState::retry() {
    if (phase_ != Phase::backing_off && phase_ != Phase::paused) return Action::none;
    refusals_ = 0;
    failures_ = 0;
    backoff_.reset();
    retry_at_ = dialed_at_ + policy_.between_connects;
    if (has_stream_) return dial();
    enter(Phase::waiting);
    return Action::none;
}

DestinationState::Action DestinationState::stop() {
    const Phase before = phase_;
    enter(Phase::stopped);
    problem_ = OutputProblem::none;
    if (before == Phase::publishing) return Action::finish;
    return before == Phase::dialing || before == Phase::negotiating ? Action::hang_up : Action::none;
}

DestinationState::Action DestinationState::tick() {
    // While dialing, the dialer keeps the time and says more exactly what took so long.
    if (phase_ == Phase::negotiating && clock_.now() - dialed_at_ >= policy_.connect_within)
        return failed(OutputProblem::handshake_timed_out,
                      "the server answers too slowly: it did not accept the stream within " +
                          std::to_string(whole_seconds(policy_.connect_within)) + " s");
    if (phase_ != Phase::backing_off || clock_.now() < retry_at_) return Action::none;
    return dial();
}

DestinationState::Action DestinationState::back_off(std::chrono::milliseconds at_least) {
    ++failures_;
    if (policy_.max_retries > 0 && failures_ > policy_.max_retries) return pause();
    const auto delay = std::max(backoff_.next(random_()), at_least);
    enter(has_stream_ ? Phase::backing_off : Phase::waiting);
    retry_at_ = std::max(retry_at_, clock_.now() + delay);
    return Action::hang_up;
}

DestinationState::Action DestinationState::pause() {
    enter(Phase::paused);
    return Action::hang_up;
}

void DestinationState::note_error(OutputProblem problem, const std::string& message) {
    problem_ = problem;
    last_error_ = message;
    last_error_at_ = clock_.wall();
}

std::string DestinationState::now_doing() const {
    switch (phase_) {
        case Phase::waiting:
            return "waiting for the encoder";
        case Phase::dialing:
            return failures_ > 0 ? "connecting again (attempt " + std::to_string(failures_ + 1) + ")"
                                 : "connecting";
        case Phase::negotiating:
            return "waiting for the platform to accept the stream";
        case Phase::publishing:
            if (stalled_) {
                return "stalled for " + std::to_string(whole_seconds(clock_.now() - progress_at_)) +
                       " s: the platform takes no bytes";
            }
            if (!proven_) return "accepted, waiting for the platform to take the first bytes";
            return too_slow_ ? "too slow for the stream: frames are being dropped" : "";
        case Phase::backing_off:
            return "retrying in " +
                   std::to_string(whole_seconds(retry_at_ - clock_.now() + std::chrono::milliseconds(999))) +
                   " s (attempt " + std::to_string(failures_ + 1) + ")";
        case Phase::paused:
            if (problem_ == OutputProblem::key_refused) return "refused: bad key. Correct it, then retry";
            if (problem_ == OutputProblem::misconfigured) return "not tried: its settings must be completed";
            return "gave up after " + std::to_string(failures_) + " failed tries: retry when it is mended";
        case Phase::stopped:
            return "stopped";
    }
    return "";
}

void DestinationState::describe(media::OutputStatus& status) const {
    switch (phase_) {
        case Phase::waiting:
        case Phase::stopped:
            status.state = OutputState::disconnected;
            break;
        case Phase::dialing:
        case Phase::negotiating:
            status.state = OutputState::connecting;
            break;
        case Phase::publishing:
            status.state = stalled_  ? OutputState::error
                           : proven_ ? OutputState::connected
                                     : OutputState::connecting;
            break;
        case Phase::backing_off:
        case Phase::paused:
            status.state = problem_ == OutputProblem::none ? OutputState::connecting : OutputState::error;
            break;
    }
    status.problem = stalled_ ? OutputProblem::stalled : too_slow_ ? OutputProblem::too_slow : problem_;
    status.detail = now_doing();
    status.last_error = last_error_;
    status.last_error_at = last_error_at_;
    status.connected_at = connected_at_;
    status.retry_count = failures_;
    status.next_retry_at.reset();
    if (phase_ == Phase::backing_off) {
        status.next_retry_at =
            clock_.wall() + std::chrono::duration_cast<base::WallTime::duration>(retry_at_ - clock_.now());
    }
    status.metrics.uptime_s = connected_at_ ? whole_seconds(clock_.now() - connected_since_) : 0;
    status.metrics.reconnects = reconnects();
}

}  // namespace output::rtmp
