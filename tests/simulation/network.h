// The simulated network: links of bounded kernel buffers between a destination and a platform's end, and the
// connector that dials them. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/connector.h"
#include "simulation/world.h"

namespace simulation {

// What the way between two hosts is like.
struct Path {
    base::Duration latency = 5ms;
    std::size_t capacity = 64 * 1024;   // of the sending side's buffers
    std::int64_t bytes_per_second = 0;  // 0: as fast as it comes
    std::size_t slice = 0;              // largest piece that arrives at once; 0: any
    // Counted in bytes that arrived at the platform; 0: never.
    std::uint64_t reset_after = 0;
    std::uint64_t flip_after = 0;
    std::uint64_t flip_down_after = 0;  // the same on the way back
    std::uint64_t hole_after = 0;       // from there on nothing arrives …
    base::Duration hole = 0s;           // … for this long
};

// The platform's end of a connection.
class FarEnd {
  public:
    virtual ~FarEnd() = default;
    virtual void received(base::ByteView bytes) = 0;
    // The other side ended its sending in good order; everything before it has arrived.
    virtual void finished() = 0;
    virtual void lost() = 0;
    // The destination has this much to send in one go.
    virtual void offered(std::size_t bytes) = 0;
};

// One connection: bytes on their way up (to the platform) and down. Shared by both of its ends.
class Wire : public std::enable_shared_from_this<Wire> {
  public:
    Wire(World& world, net::Loop& loop, const Path& path, int who)
        : world_(world), loop_(loop), path_(path), who_(who) {}

    void attach(FarEnd& far) { far_ = &far; }

    // The platform's side.
    void send_down(base::ByteView bytes);
    void close_down();  // half-close: it still reads
    void close();       // what comes from now on is answered by a reset
    void reset();
    void detach() { far_ = nullptr; }

    // The destination's side.
    net::IoResult read(std::span<std::uint8_t> into);
    // So much is about to be written, and was then taken whole: in between the destination holds it.
    void offer(std::size_t bytes);
    void all_taken() { offered_ = 0; }
    net::IoResult write(std::span<const iovec> parts);
    void wait_readable(std::function<void()> ready);
    void wait_writable(std::function<void()> ready);
    net::TcpCounters counters() const;
    void finish_up();
    void drop(bool with_reset);

    bool open() const { return near_ == Near::open || near_ == Near::finishing; }
    // Memory that the destination holds for the write that the link could not take whole.
    std::size_t held_back() const { return offered_; }
    // Since when it has taken nothing although there was something; nothing when all is well.
    std::optional<Time> stuck_since() const;

  private:
    enum class Near { open, finishing, gone };

    std::size_t queued() const { return up_.size() - up_from_; }
    void schedule(base::Duration delay);
    void pump();
    void deliver(std::size_t count);
    void wake_readable();
    void wake_writable();
    void break_link(const char* error);

    World& world_;
    net::Loop& loop_;
    Path path_;
    int who_;
    FarEnd* far_ = nullptr;

    base::Bytes up_;
    std::size_t up_from_ = 0;
    std::uint64_t arrived_ = 0;
    Time progress_{};
    bool pumping_ = false;
    std::optional<Time> hole_until_;
    bool finish_told_ = false;

    base::Bytes down_;
    std::uint64_t sent_down_ = 0;
    std::size_t down_from_ = 0;
    Time down_at_{};
    bool down_closed_ = false;
    bool far_closed_ = false;
    const char* broken_ = nullptr;

    Near near_ = Near::open;
    std::size_t offered_ = 0;
    std::function<void()> on_readable_;
    std::function<void()> on_writable_;
};

using WirePtr = std::shared_ptr<Wire>;

// How an attempt to connect goes.
struct DialPlan {
    std::optional<net::DialProblem> problem;
    base::Duration takes = 5ms;
};

// Who can be dialled: decides how each attempt goes and takes the connections that come of it.
class Network {
  public:
    virtual ~Network() = default;
    virtual DialPlan plan(const net::DialTarget& target) = 0;
    // The attempt that was planned last for this target has come through.
    virtual WirePtr connected(const net::DialTarget& target, net::Loop& loop) = 0;
    // It failed, or nobody waits for it any more.
    virtual void attempt_over(const net::DialTarget& target) = 0;
};

class Connector final : public net::Connector {
  public:
    Connector(World& world, net::Loop& loop, Network& network)
        : world_(world), loop_(loop), network_(network) {}

    [[nodiscard]] Handle dial(const net::DialTarget& target,
                              std::function<void(net::Connected)> answer) override;

  private:
    World& world_;
    net::Loop& loop_;
    Network& network_;
};

}  // namespace simulation
