// Acceptor: listens on one port, keeps within the connection caps, does the TLS handshake where a certificate
// is set, and hands over connected transports. One thread of its own, so that a flood of handshakes costs no
// media thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "net/tls_context.h"
#include "net/transport.h"

namespace net {

struct AcceptorSettings {
    std::string host = "0.0.0.0";
    std::uint16_t port = 0;
    std::size_t max_connections = 12'000;
    std::size_t max_per_address = 4'000;
    // File descriptors that are never given to newcomers: the database, logs and destinations need some too.
    std::size_t reserved_descriptors = 64;
    std::chrono::milliseconds tls_deadline{5'000};
    SocketOptions socket = {};
};

// What the caps count as one address: the client's own, whichever way it is written, or the /64 of an IPv6
// one, because whoever has one address there has all of them.
boost::asio::ip::address counted_as(const boost::asio::ip::address& address);

// Counts one connection for as long as it lives. Any thread may drop it.
using ConnectionSlot = std::shared_ptr<void>;

struct AcceptorCounters {
    std::uint64_t accepted = 0;
    std::uint64_t times_full = 0;           // at max_connections: newcomers waited
    std::uint64_t refused_scarce = 0;       // only the reserved descriptors were left, or none
    std::uint64_t refused_per_address = 0;  // over max_per_address
    std::uint64_t tls_failed = 0;
    std::uint64_t tls_late = 0;  // of those: past the deadline
    std::size_t open = 0;
};

class Acceptor {
  public:
    // Called on the acceptor's thread; must not wait.
    using OnAccept = std::function<void(TransportPtr, ConnectionSlot)>;

    // `tls` null: plain. It fails when the address cannot be bound, and says what to do.
    static base::Result<std::unique_ptr<Acceptor>> listen(const AcceptorSettings& settings,
                                                          std::unique_ptr<TlsServerContext> tls,
                                                          base::Logger log, OnAccept on_accept);
    ~Acceptor();

    std::uint16_t port() const;
    AcceptorCounters counters() const;
    // No more newcomers; what was handed over stays.
    void stop();

  private:
    class Impl;
    explicit Acceptor(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace net
