// DestinationState: what one destination does next and what is said of it, as a sans-I/O state machine.
// Events go in with the time, an action comes out. Owned by a Destination, on its core's thread.
//
//   waiting ──stream──▶ dialing ──▶ negotiating ──accepted──▶ publishing ──┐
//      ▲                  ▲  │           │                        │        │ stream gone
//      │                  │  └───────────┴──failed, lost──────────┘        │
//      │                  │                     ▼                          │
//      │                  └──delay over── backing_off                      │
//      │                                        │ refused 3 times, or max_retries
//      │                                        ▼                          │
//      │                                     paused ──retry()──▶ dialing   │
//      └───────────────────────────────────────────────────────────────────┘
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/memory_gauge.h"
#include "media/output_status.h"
#include "net/backoff.h"

namespace output::rtmp {

struct RetryPolicy {
    net::BackoffSettings backoff;
    // Refusals, or orderly closes right after the publish, in a row; then it waits for a person.
    std::uint32_t max_refusals = 3;
    // Failures of any kind in a row; 0: no end.
    std::uint32_t max_retries = 0;
    // From the dial to the platform's word that it takes the stream: the steps between have deadlines of
    // their own, and a platform that takes each of them to its end must not take them all.
    std::chrono::milliseconds connect_within{10'000};
    // Whatever happened and whoever asks: no two connects within this time.
    std::chrono::milliseconds between_connects{1'000};
    // A certificate does not mend itself in a second.
    std::chrono::milliseconds after_tls_failure{30'000};
    // A platform that we left needs a moment to notice before it takes the same key again.
    std::chrono::milliseconds after_own_hang_up{5'000};
    // A connection that held this long was good: the next failure is a first one again.
    std::chrono::milliseconds good_after{60'000};
    // A close that comes sooner after the publish is taken for a refusal.
    std::chrono::milliseconds quick_close{5'000};
    std::chrono::milliseconds stalled_after{2'500};
    std::chrono::milliseconds hang_up_after{10'000};
    // Where it is short, one that is stalled is hung up on. Null: it is not looked at.
    const base::MemoryGauge* memory = nullptr;
};

class DestinationState {
  public:
    enum class Phase { waiting, dialing, negotiating, publishing, backing_off, paused, stopped };
    enum class Action {
        none,
        dial,
        hang_up,  // drop the connection; the state has moved on already
        finish,   // end the stream in good order, then drop the connection
    };
    enum class LostHow { orderly, broken };

    // `random` gives numbers in [0, 1) for the jitter.
    DestinationState(const RetryPolicy& policy, const base::Clock& clock, std::function<double()> random);

    [[nodiscard]] Action stream_available();
    [[nodiscard]] Action stream_gone();
    void connected();
    // The platform accepted the publish. Not yet `connected` to people: that takes acknowledged bytes.
    void accepted();
    [[nodiscard]] Action refused(const std::string& text);
    // Connection lost, a step failed or ran out of time. `message` is for people.
    [[nodiscard]] Action failed(media::OutputProblem problem, const std::string& message);
    [[nodiscard]] Action lost(LostHow how, const std::string& reason);
    // The peer asked us to come again elsewhere: without delay, and no failure.
    [[nodiscard]] Action reconnect_requested();
    // The kernel's account of the connection: media bytes acknowledged so far, and bytes it still holds.
    [[nodiscard]] Action progress(std::uint64_t media_bytes_acked, std::uint64_t bytes_unacked);
    void frames_dropped();
    // A person wants it tried now.
    [[nodiscard]] Action retry();
    [[nodiscard]] Action stop();
    [[nodiscard]] Action tick();

    Phase phase() const { return phase_; }
    // All but metrics and ids.
    void describe(media::OutputStatus& status) const;
    std::uint64_t reconnects() const { return connections_ > 0 ? connections_ - 1 : 0; }

  private:
    void enter(Phase phase);
    Action dial();
    Action back_off(std::chrono::milliseconds at_least);
    Action pause();
    void note_error(media::OutputProblem problem, const std::string& message);
    std::string now_doing() const;

    RetryPolicy policy_;
    const base::Clock& clock_;
    std::function<double()> random_;
    net::Backoff backoff_;

    Phase phase_ = Phase::waiting;
    bool has_stream_ = false;
    media::OutputProblem problem_ = media::OutputProblem::waiting_for_encoder;
    std::string last_error_;
    std::optional<base::WallTime> last_error_at_;
    std::uint32_t refusals_ = 0;
    std::uint32_t failures_ = 0;
    std::uint64_t connections_ = 0;
    // No dial before this, whatever comes between.
    base::MonotonicTime retry_at_{};
    base::MonotonicTime dialed_at_{};
    base::MonotonicTime accepted_at_{};
    base::MonotonicTime progress_at_{};
    base::MonotonicTime dropped_at_{};
    std::uint64_t acked_ = 0;
    bool proven_ = false;  // media bytes were acknowledged on this connection
    bool stalled_ = false;
    bool too_slow_ = false;
    std::optional<base::WallTime> connected_at_;
    base::MonotonicTime connected_since_{};
};

}  // namespace output::rtmp
