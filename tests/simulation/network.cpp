#include "simulation/network.h"

#include <algorithm>
#include <cstring>

namespace simulation {
namespace {

// Slow links move this much time's worth of bytes at once.
constexpr auto quantum = 20ms;
// TCP_USER_TIMEOUT: the kernel gives up on bytes that nobody acknowledges.
constexpr auto user_timeout = 15s;

// The destination's end. With TLS, one record may have been taken and not yet sent.
class Link final : public net::Link {
  public:
    Link(World& world, WirePtr wire, bool tls) : world_(world), wire_(std::move(wire)), tls_(tls) {
        ++world_.alive.links;
    }
    ~Link() override {
        wire_->drop(false);
        --world_.alive.links;
    }

    net::IoResult read_some(std::span<std::uint8_t> into) override { return wire_->read(into); }

    net::IoResult write_some(std::span<const iovec> parts) override {
        std::size_t total = 0;
        for (const iovec& part : parts) total += part.iov_len;
        wire_->offer(total);
        const net::IoResult result = tls_ ? write_records(parts) : wire_->write(parts);
        if (result.status == net::IoStatus::ok && result.bytes == total) wire_->all_taken();
        return result;
    }

    net::IoResult write_records(std::span<const iovec> parts) {
        if (net::IoResult flushed = flush_pending(); flushed.status != net::IoStatus::ok) return flushed;
        net::IoResult sent = wire_->write(parts);
        if (sent.status != net::IoStatus::would_block || parts.empty()) return sent;
        // The record that the socket has no room for stays inside.
        const auto* bytes = static_cast<const std::uint8_t*>(parts.front().iov_base);
        record_.assign(bytes, bytes + std::min(parts.front().iov_len, record_limit));
        return {net::IoStatus::ok, record_.size()};
    }

    net::IoResult flush_pending() override {
        while (!record_.empty()) {
            const iovec rest{record_.data(), record_.size()};
            const net::IoResult sent = wire_->write(std::span(&rest, 1));
            if (sent.status != net::IoStatus::ok) return sent;
            record_.erase(record_.begin(), record_.begin() + static_cast<std::ptrdiff_t>(sent.bytes));
        }
        return {};
    }

    void wait_readable(std::function<void()> ready) override {
        wire_->wait_readable([alive = std::weak_ptr(alive_), ready = std::move(ready)] {
            if (alive.lock()) ready();
        });
    }
    void wait_writable(std::function<void()> ready) override {
        wire_->wait_writable([alive = std::weak_ptr(alive_), ready = std::move(ready)] {
            if (alive.lock()) ready();
        });
    }
    std::optional<net::TcpCounters> counters() const override { return wire_->counters(); }

    void shutdown_write() override { wire_->finish_up(); }
    void close() override {
        alive_.reset();
        wire_->drop(false);
    }
    void abort() override {
        alive_.reset();
        wire_->drop(true);
    }

  private:
    static constexpr std::size_t record_limit = 16 * 1024;

    World& world_;
    WirePtr wire_;
    bool tls_;
    base::Bytes record_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

struct Attempt {
    Attempt(Network& own_network, net::DialTarget own_target) : network(own_network), target(own_target) {}
    ~Attempt() {
        if (answer) network.attempt_over(target);
    }
    Network& network;
    net::DialTarget target;
    std::function<void(net::Connected)> answer;
};

net::DialFailure failure_of(net::DialProblem problem, const net::DialTarget& target) {
    return {net::DialStep::tcp, problem, target.host + " cannot be reached"};
}

}  // namespace

// --- the platform's side

void Wire::send_down(base::ByteView bytes) {
    if (bytes.empty() || broken_ || near_ == Near::gone) return;
    down_at_ = std::max(down_at_, world_.now() + path_.latency);
    base::Bytes copy(bytes.begin(), bytes.end());
    const std::uint64_t place = path_.flip_down_after - sent_down_;
    if (path_.flip_down_after > 0 && path_.flip_down_after >= sent_down_ && place < copy.size()) {
        copy[place] ^= static_cast<std::uint8_t>(1u << world_.random.between(0, 7));
        world_.note("a bit flips on the way back", who_);
    }
    sent_down_ += bytes.size();
    world_.at(down_at_, [self = shared_from_this(), owned = std::move(copy)] {
        if (self->broken_ || self->near_ == Near::gone) return;
        base::append(self->down_, owned);
        self->wake_readable();
    });
}

void Wire::close_down() {
    world_.at(std::max(down_at_, world_.now() + path_.latency), [self = shared_from_this()] {
        self->down_closed_ = true;
        self->wake_readable();
    });
}

void Wire::close() {
    far_closed_ = true;
    far_ = nullptr;
    close_down();
}

void Wire::reset() {
    far_ = nullptr;
    world_.after(path_.latency,
                 [self = shared_from_this()] { self->break_link("Connection reset by peer"); });
}

// --- the destination's side

net::IoResult Wire::read(std::span<std::uint8_t> into) {
    if (broken_) return {net::IoStatus::failed, 0, broken_};
    const std::size_t count = std::min(into.size(), down_.size() - down_from_);
    if (count == 0) return {down_closed_ ? net::IoStatus::closed : net::IoStatus::would_block};
    std::memcpy(into.data(), down_.data() + down_from_, count);
    down_from_ += count;
    if (down_from_ == down_.size()) {
        down_.clear();
        down_from_ = 0;
    }
    return {net::IoStatus::ok, count};
}

void Wire::offer(std::size_t bytes) {
    if (std::exchange(offered_, std::max(offered_, bytes)) == 0 && far_) far_->offered(bytes);
}

net::IoResult Wire::write(std::span<const iovec> parts) {
    if (broken_) return {net::IoStatus::failed, 0, broken_};
    if (queued() >= path_.capacity) return {net::IoStatus::would_block};
    if (queued() == 0) progress_ = world_.now();
    if (up_from_ == up_.size()) {
        up_.clear();
        up_from_ = 0;
    }
    std::size_t room = path_.capacity - queued();
    std::size_t taken = 0;
    for (const iovec& part : parts) {
        const std::size_t count = std::min(room, part.iov_len);
        base::append(up_, {static_cast<const std::uint8_t*>(part.iov_base), count});
        taken += count;
        room -= count;
        if (room == 0) break;
    }
    schedule(path_.latency);
    return {net::IoStatus::ok, taken};
}

void Wire::wait_readable(std::function<void()> ready) {
    on_readable_ = std::move(ready);
    if (broken_ || down_closed_ || down_from_ < down_.size()) wake_readable();
}

void Wire::wait_writable(std::function<void()> ready) {
    on_writable_ = std::move(ready);
    if (broken_ || queued() < path_.capacity) wake_writable();
}

net::TcpCounters Wire::counters() const {
    return {arrived_, queued(), 2 * std::chrono::duration<double, std::milli>(path_.latency).count(), 0};
}

void Wire::finish_up() {
    if (near_ != Near::open) return;
    near_ = Near::finishing;
    schedule(path_.latency);
}

void Wire::drop(bool with_reset) {
    if (near_ == Near::gone) return;
    // Closing with bytes unread resets the connection under what is on its way.
    const bool clean = !with_reset && down_from_ == down_.size() && !broken_;
    const bool finished = near_ == Near::finishing || clean;
    near_ = Near::gone;
    offered_ = 0;
    on_readable_ = nullptr;
    on_writable_ = nullptr;
    down_.clear();
    down_from_ = 0;
    if (clean && finished) return schedule(path_.latency);
    up_.clear();
    up_from_ = 0;
    world_.after(path_.latency, [self = shared_from_this()] {
        if (FarEnd* far = std::exchange(self->far_, nullptr)) far->lost();
    });
}

std::optional<Time> Wire::stuck_since() const {
    if (near_ == Near::gone || broken_ || queued() == 0) return std::nullopt;
    return progress_;
}

// --- in between

void Wire::schedule(base::Duration delay) {
    if (std::exchange(pumping_, true)) return;
    world_.after(delay, [self = shared_from_this()] {
        self->pumping_ = false;
        self->pump();
    });
}

void Wire::pump() {
    if (broken_) return;
    if (hole_until_ && world_.now() < *hole_until_) {
        if (world_.now() - progress_ >= user_timeout) {
            if (FarEnd* far = std::exchange(far_, nullptr)) far->lost();
            return break_link("Connection timed out");
        }
        return schedule(std::min<base::Duration>(*hole_until_ - world_.now(), 1s));
    }
    std::size_t count = queued();
    if (path_.bytes_per_second > 0)
        count = std::min(count, static_cast<std::size_t>(std::max<std::int64_t>(
                                    1, path_.bytes_per_second * quantum / std::chrono::seconds(1))));
    if (path_.hole_after > 0 && arrived_ + count > path_.hole_after) {
        count = path_.hole_after > arrived_ ? path_.hole_after - arrived_ : 0;
        world_.note("nothing gets through any more", who_);
        hole_until_ = world_.now() + path_.hole;
        path_.hole_after = 0;
    }
    if (count > 0) deliver(count);
    if (broken_) return;
    if (queued() > 0) return schedule(path_.bytes_per_second > 0 ? base::Duration(quantum) : path_.latency);
    if (near_ != Near::open && far_ && !std::exchange(finish_told_, true)) far_->finished();
}

void Wire::deliver(std::size_t count) {
    progress_ = world_.now();
    const auto self = shared_from_this();
    if (path_.flip_after > 0 && arrived_ + count > path_.flip_after) {
        const std::size_t place = path_.flip_after > arrived_ ? path_.flip_after - arrived_ : 0;
        up_[up_from_ + place] ^= static_cast<std::uint8_t>(1u << world_.random.between(0, 7));
        world_.note("a bit flips", who_, static_cast<std::int64_t>(path_.flip_after));
        path_.flip_after = 0;
    }
    while (count > 0 && !broken_) {
        const std::size_t piece = path_.slice > 0 ? std::min(count, path_.slice) : count;
        const base::ByteView bytes(up_.data() + up_from_, piece);
        up_from_ += piece;
        arrived_ += piece;
        count -= piece;
        if (far_closed_) return break_link("Connection reset by peer");
        if (path_.reset_after > 0 && arrived_ >= path_.reset_after) {
            world_.note("the connection is reset", who_);
            if (FarEnd* far = std::exchange(far_, nullptr)) far->lost();
            return break_link("Connection reset by peer");
        }
        if (far_) far_->received(bytes);
    }
    wake_writable();
}

void Wire::wake_readable() {
    if (!on_readable_) return;
    loop_.post([self = shared_from_this(), ready = std::exchange(on_readable_, nullptr)] { ready(); });
}

// As the kernel does: not for every byte that leaves, but when a third is free.
void Wire::wake_writable() {
    if (!on_writable_ || (!broken_ && path_.capacity - queued() < path_.capacity / 3)) return;
    loop_.post([self = shared_from_this(), ready = std::exchange(on_writable_, nullptr)] { ready(); });
}

void Wire::break_link(const char* error) {
    if (broken_ || near_ == Near::gone) return;
    broken_ = error;
    wake_readable();
    wake_writable();
}

net::Connector::Handle Connector::dial(const net::DialTarget& target,
                                       std::function<void(net::Connected)> answer) {
    const DialPlan plan = network_.plan(target);
    auto attempt = std::make_shared<Attempt>(network_, target);
    attempt->answer = std::move(answer);
    world_.after(plan.takes, [this, plan, weak = std::weak_ptr(attempt)] {
        const auto waiting = weak.lock();
        if (!waiting) return;
        const auto found = std::exchange(waiting->answer, nullptr);
        if (plan.problem) {
            network_.attempt_over(waiting->target);
            return found({nullptr, failure_of(*plan.problem, waiting->target)});
        }
        found(
            {std::make_unique<Link>(world_, network_.connected(waiting->target, loop_), waiting->target.tls),
             std::nullopt});
    });
    return attempt;
}

}  // namespace simulation
