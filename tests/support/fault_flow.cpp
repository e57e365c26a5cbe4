#include "support/fault_flow.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace test_support {
namespace {

// What a flow holds at most; beyond it the sender waits.
constexpr std::size_t max_queued = 256 * 1024;
constexpr std::size_t max_read = 64 * 1024;
// A rate is kept in steps of this length.
constexpr auto rate_step = std::chrono::milliseconds(10);
// Slices are sent one by one; other connections wait for no more of them than these.
constexpr int slices_at_once = 256;

bool reached(const std::optional<std::uint64_t>& position, std::uint64_t bytes) {
    return position && bytes >= *position;
}

double step_of(std::uint64_t rate) {
    return std::max(1.0, static_cast<double>(rate) * std::chrono::duration<double>(rate_step).count());
}

bool only_later(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

// No further than the next position at which something happens.
std::size_t FaultFlow::readable(const FlowFaults& faults) const {
    std::uint64_t most = std::min(max_read, max_queued - std::min(queued_, max_queued));
    const auto stop_at = [&](const std::optional<std::uint64_t>& position) {
        if (position && *position > read_) most = std::min(most, *position - read_);
    };
    stop_at(faults.hold_at);
    stop_at(faults.end_at);
    stop_at(faults.reset_at);
    if (faults.bytes_per_second) most = std::min(most, static_cast<std::uint64_t>(std::max(0.0, allowance_)));
    return static_cast<std::size_t>(most);
}

bool FaultFlow::wants_to_read(const FlowFaults& faults, base::MonotonicTime now) {
    if (faults.bytes_per_second) {
        const std::uint64_t rate = *faults.bytes_per_second;
        if (counted_rate_ == rate)
            allowance_ +=
                static_cast<double>(rate) * std::chrono::duration<double>(now - counted_at_).count();
        else
            allowance_ = 0;
        // What was not used is hardly kept for later.
        allowance_ = std::min(allowance_, 3 * step_of(rate));
        counted_at_ = now;
    }
    counted_rate_ = faults.bytes_per_second;
    if (ended_ || faults.stop_reading || reached(faults.hold_at, read_)) return false;
    if (counted_rate_ && allowance_ < step_of(*counted_rate_)) return false;
    return readable(faults) > 0;
}

bool FaultFlow::wants_to_write(base::MonotonicTime now) const {
    return !queue_.empty() && queue_.front().due <= now;
}

std::optional<base::MonotonicTime> FaultFlow::wakes_at(const FlowFaults& faults,
                                                       base::MonotonicTime now) const {
    std::optional<base::MonotonicTime> at;
    if (!queue_.empty() && queue_.front().due > now) at = queue_.front().due;
    const bool waits_for_rate = faults.bytes_per_second && *faults.bytes_per_second > 0 && !ended_ &&
                                !faults.stop_reading && allowance_ < step_of(*faults.bytes_per_second);
    if (waits_for_rate) at = at ? std::min(*at, now + rate_step) : now + rate_step;
    return at;
}

FaultFlow::Step FaultFlow::read(const FlowFaults& faults, base::MonotonicTime now) {
    base::Bytes bytes(readable(faults));
    const ssize_t got = ::recv(from_, bytes.data(), bytes.size(), 0);
    if (got < 0) return only_later(errno) ? Step::ok : Step::reset;
    if (got == 0) {
        ended_ = true;
        return Step::ok;
    }
    bytes.resize(static_cast<std::size_t>(got));
    allowance_ -= static_cast<double>(got);
    damage(bytes, faults);
    read_ += bytes.size();
    if (!faults.swallow && !told_end_) take(std::move(bytes), faults, now);
    return Step::ok;
}

void FaultFlow::damage(base::Bytes& bytes, const FlowFaults& faults) {
    const auto flip = [this](std::uint8_t& byte) {
        byte ^= static_cast<std::uint8_t>(1u << (random_() % 8));
    };
    if (faults.flip_at && *faults.flip_at >= read_ && *faults.flip_at < read_ + bytes.size())
        flip(bytes[static_cast<std::size_t>(*faults.flip_at - read_)]);
    if (faults.flip_probability <= 0) return;
    std::bernoulli_distribution hit(faults.flip_probability);
    for (std::uint8_t& byte : bytes)
        if (hit(random_)) flip(byte);
}

void FaultFlow::take(base::Bytes bytes, const FlowFaults& faults, base::MonotonicTime now) {
    bytes = hang_.pass(bytes);
    if (bytes.empty()) return;
    auto due = now + faults.delay;
    if (faults.jitter.count() > 0)
        due += std::chrono::milliseconds(random_() % (static_cast<unsigned>(faults.jitter.count()) + 1));
    if (!queue_.empty()) due = std::max(due, queue_.back().due);
    queued_ += bytes.size();
    queue_.push_back({due, std::move(bytes)});
}

FaultFlow::Step FaultFlow::write(const FlowFaults& faults, base::MonotonicTime now) {
    for (int i = 0; wants_to_write(now) && i < slices_at_once; ++i) {
        Piece& piece = queue_.front();
        const std::size_t left = piece.bytes.size() - piece.sent;
        const std::size_t most =
            faults.slice ? std::min(left, std::max<std::size_t>(1, *faults.slice)) : left;
        const ssize_t sent = ::send(to_, piece.bytes.data() + piece.sent, most, MSG_NOSIGNAL);
        if (sent < 0) return only_later(errno) ? Step::ok : Step::reset;
        piece.sent += static_cast<std::size_t>(sent);
        queued_ -= static_cast<std::size_t>(sent);
        if (piece.sent == piece.bytes.size()) queue_.pop_front();
    }
    return Step::ok;
}

FaultFlow::Step FaultFlow::settle(const FlowFaults& faults, base::MonotonicTime now) {
    if (reached(faults.reset_at, read_) && queue_.empty()) return Step::reset;
    // What a hang kept back goes as soon as it is lifted.
    if (!faults.swallow) take({}, faults, now);
    if ((ended_ || reached(faults.end_at, read_)) && queue_.empty() && !told_end_) {
        ::shutdown(to_, SHUT_WR);
        told_end_ = true;
    }
    return Step::ok;
}

}  // namespace test_support
