// FaultProxy: a TCP proxy that breaks what passes through it, in every way that networks and platforms do.
// One thread of its own serves any number of doors; a door listens on a port and forwards to one target.
// Faults may be changed while bytes flow. All calls are safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/fault_flow.h"

namespace test_support {

struct Faults {
    enum class Admission {
        open,
        closed_port,       // nobody listens: the kernel refuses
        full_backlog,      // the port listens and never accepts: SYNs are not answered
        closed_at_accept,  // an orderly end as soon as it is accepted
        reset_at_accept,
    };
    Admission admission = Admission::open;
    Hang hang = Hang::none;
    // From when the connection was accepted.
    std::optional<std::chrono::milliseconds> reset_after_time = {};
    FlowFaults up = {};    // from who connected to the target
    FlowFaults down = {};  // back
};

struct DoorSettings {
    std::string target_host = "127.0.0.1";
    std::uint16_t target_port = 0;
    std::string listen_host = "127.0.0.1";
    // Of both sockets. The kernel's own choice (0) takes megabytes before a fault is felt.
    int receive_buffer = 64 * 1024;
    // Of the random flips and the jitter.
    std::uint32_t seed = 1;
};

struct DoorCounters {
    std::size_t open = 0;  // connections
    std::uint64_t bytes_up = 0;
    std::uint64_t bytes_down = 0;
    // When each connection was accepted, refusals after accept included.
    std::vector<std::chrono::steady_clock::time_point> accepted = {};
};

class FaultProxy {
  public:
    FaultProxy();
    // Closes all doors and resets what passes through them.
    ~FaultProxy();
    FaultProxy(const FaultProxy&) = delete;
    FaultProxy& operator=(const FaultProxy&) = delete;

    class Door;
    // Throws std::system_error when the port cannot be had.
    Door open(const DoorSettings& settings, const Faults& faults = {});
    Door open(std::uint16_t target_port, const Faults& faults = {});

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

// A handle; copies are the same door. It must not be used after the proxy is gone.
class FaultProxy::Door {
  public:
    std::uint16_t port() const { return port_; }
    // For all connections, those that are there and those to come. A position that a connection has passed
    // already counts as reached.
    void set(const Faults& faults);
    // For one connection alone, by its number at this door, from 0; it may be yet to come. Admission is the
    // door's.
    void set(std::size_t connection, const Faults& faults);
    // Resets the connections that are there.
    void reset();
    void close();
    DoorCounters counters() const;

  private:
    friend class FaultProxy;
    Door(std::shared_ptr<Impl> impl, int id, std::uint16_t port)
        : impl_(std::move(impl)), id_(id), port_(port) {}

    std::shared_ptr<Impl> impl_;
    int id_;
    std::uint16_t port_;
};

}  // namespace test_support
