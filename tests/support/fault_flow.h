// FaultFlow: one direction of a proxied connection, and the faults of it. Reads from one socket and writes to
// the other; time is an argument. Owned by its connection, on the proxy's thread.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <random>

#include "base/bytes.h"
#include "base/clock.h"
#include "support/rtmp_hang.h"

namespace test_support {

// All positions count bytes from the connection's beginning.
struct FlowFaults {
    std::chrono::milliseconds delay{0};
    std::chrono::milliseconds jitter{0};  // added to the delay, up to so much; the order is kept
    std::optional<std::uint64_t> bytes_per_second = {};
    bool stop_reading = false;  // the sender's window closes
    bool swallow = false;       // the sender notices nothing, the receiver gets nothing
    // At most so many bytes in each write. The kernel joins what it cannot send at once.
    std::optional<std::size_t> slice = {};
    // Of each byte: that one of its bits is flipped.
    double flip_probability = 0;
    std::optional<std::uint64_t> flip_at = {};
    // What comes after is not read before this is lifted.
    std::optional<std::uint64_t> hold_at = {};
    // The receiver sees the end here; the rest is swallowed.
    std::optional<std::uint64_t> end_at = {};
    // Both sides are reset when what came before has been passed on.
    std::optional<std::uint64_t> reset_at = {};
};

class FaultFlow {
  public:
    enum class Step {
        ok,
        reset,  // the connection must be reset, both ways
    };

    FaultFlow(int from, int to, std::uint32_t seed) : from_(from), to_(to), random_(seed) {}

    bool wants_to_read(const FlowFaults& faults, base::MonotonicTime now);
    bool wants_to_write(base::MonotonicTime now) const;
    // When one of them may change by time alone.
    std::optional<base::MonotonicTime> wakes_at(const FlowFaults& faults, base::MonotonicTime now) const;

    // Only when the socket is ready: each moves at most a bufferful.
    Step read(const FlowFaults& faults, base::MonotonicTime now);
    Step write(const FlowFaults& faults, base::MonotonicTime now);
    // What needs no readiness: ends, resets and hangs that were reached or lifted.
    Step settle(const FlowFaults& faults, base::MonotonicTime now);

    // Keeps RTMP's answers back from this one on; Hang::none lets all go that was kept.
    void hang(Hang at) { hang_.set(at); }

    bool over() const { return ended_ && queue_.empty() && told_end_; }
    std::uint64_t bytes() const { return read_; }

  private:
    struct Piece {
        base::MonotonicTime due;
        base::Bytes bytes;
        std::size_t sent = 0;
    };

    std::size_t readable(const FlowFaults& faults) const;
    void take(base::Bytes bytes, const FlowFaults& faults, base::MonotonicTime now);
    void damage(base::Bytes& bytes, const FlowFaults& faults);

    int from_;
    int to_;
    std::minstd_rand random_;
    RtmpHang hang_;
    std::deque<Piece> queue_;
    std::size_t queued_ = 0;
    std::uint64_t read_ = 0;
    bool ended_ = false;     // the sender's side, or by end_at
    bool told_end_ = false;  // the receiver
    // The rate's account: bytes that may be read now.
    double allowance_ = 0;
    base::MonotonicTime counted_at_{};
    std::optional<std::uint64_t> counted_rate_;
};

}  // namespace test_support
