// Server: the RTMP and RTMPS ports. It spreads connections over the media cores, keeps deadlines, and hands
// players over to whoever app/ names. Owned by app/; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/limit_hits.h"
#include "base/log.h"
#include "base/result.h"
#include "ingest/publish_gate.h"
#include "ingest/stream_desk.h"
#include "net/acceptor.h"
#include "net/io_pool.h"
#include "protocol/rtmp/server_session.h"

namespace ingest::rtmp {

struct ServerSettings {
    net::AcceptorSettings rtmp;
    // RTMPS is served when a certificate is set.
    std::optional<net::AcceptorSettings> rtmps;
    std::string certificate_file;
    std::string key_file;
    protocol::rtmp::ServerSettings session;
    // The one application name that encoders and players may use.
    std::string app = "live";
    // An encoder from which nothing came for this long is gone, whatever the socket says.
    std::chrono::milliseconds silent_publisher{8'000};
    std::chrono::milliseconds gate_deadline{5'000};
    // Our answers to a peer that does not read them.
    std::size_t max_unsent = 256 * 1024;
};

struct ServerCounters {
    net::AcceptorCounters rtmp;
    net::AcceptorCounters rtmps;
    std::uint64_t protocol_errors = 0;
    std::uint64_t deadlines_passed = 0;
    std::uint64_t publish_refused = 0;
    std::size_t connections = 0;
};

// A connection whose player was let in, with all that its next owner needs. Given on the core's own thread,
// the session in `playing` with its answers not yet sent.
struct PlayerHandover {
    net::Core& core;
    net::TransportPtr transport;
    net::ConnectionSlot slot;
    protocol::rtmp::ServerSession session;
    std::shared_ptr<hub::Stream> stream;
    std::shared_ptr<const media::PlayPermit> permit;
};

class Server {
  public:
    using OnPlayer = std::function<void(PlayerHandover)>;

    // All references outlive the server. Fails when a port cannot be bound or a certificate cannot be read.
    static base::Result<std::unique_ptr<Server>> start(const ServerSettings& settings, net::IoPool& pool,
                                                       std::shared_ptr<StreamDesk> desk, PublishGate& gate,
                                                       const hub::Registry& registry,
                                                       const base::Clock& clock, base::Logger log,
                                                       base::LimitHits& hits, OnPlayer on_player);
    ~Server();

    std::uint16_t rtmp_port() const;
    // 0 when RTMPS is off.
    std::uint16_t rtmps_port() const;
    ServerCounters counters() const;
    // No newcomers; everybody who is there is told that the server stops.
    void stop();

  private:
    class Impl;
    explicit Server(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace ingest::rtmp
