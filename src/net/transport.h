// Transport: a connected stream socket, plain or TLS, driven by readiness. It never blocks and copies no
// payload on a plain socket. Owned by one connection; made on a dialling or accepting thread, then attached
// to a core and touched by that core's thread only.
#pragma once

#include <openssl/ssl.h>
#include <sys/uio.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "net/tcp_counters.h"
#include "net/unique_fd.h"

namespace net {

struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;

enum class IoStatus {
    ok,           // `bytes` were moved (at least one)
    would_block,  // wait for readiness, then try again
    closed,       // the peer closed its side in good order
    failed,       // the connection is lost; `error` says how
};

struct IoResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;
    std::string error = {};
};

class Transport {
  public:
    // `ssl` is null for a plain socket; else its handshake is done and it works on `fd`.
    Transport(UniqueFd fd, SslPtr ssl, std::string peer);
    ~Transport();

    // Binds the socket to the event loop of its core. Once, before any wait.
    void attach(boost::asio::io_context& io);

    IoResult read_some(std::span<std::uint8_t> into);
    // Takes as much of `parts` as the socket does. TLS gathers what it takes into records of up to 16 KiB;
    // bytes it reports as taken may wait in one record inside, until the next call or flush_pending().
    IoResult write_some(std::span<const iovec> parts);
    // Sends a TLS record that waits inside; would_block while it does not go.
    IoResult flush_pending();
    bool has_pending() const { return !pending_.empty(); }

    // One wait of each kind at a time. The handler is not called after close() or destruction.
    void wait_readable(std::function<void()> ready);
    void wait_writable(std::function<void()> ready);

    std::optional<TcpCounters> counters() const { return fd_ ? tcp_counters(fd_.get()) : std::nullopt; }
    // "203.0.113.7:50122".
    const std::string& peer() const { return peer_; }
    bool secure() const { return ssl_ != nullptr; }
    int fd() const { return fd_.get(); }

    // Ends our side in good order: the peer gets all that was written, then the end. Read on until it ends
    // its side, for a while, before close(): closing with bytes unread would reset the connection under what
    // is on its way.
    void shutdown_write();
    void close();
    // Drops the connection at once with a reset: what was not delivered is lost.
    void abort();

  private:
    IoResult tls_result(int returned, std::string_view what);
    IoResult tls_write(base::ByteView record);

    UniqueFd fd_;
    SslPtr ssl_;
    std::string peer_;
    std::unique_ptr<boost::asio::posix::stream_descriptor> descriptor_;
    // A TLS record's plain text that SSL_write asked to be given again, unchanged.
    base::Bytes pending_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

using TransportPtr = std::unique_ptr<Transport>;

// Options every media socket has: no delay, non-blocking, close on exec, bounded send buffer, keep-alive and
// a user timeout, so that a peer that vanished is noticed.
struct SocketOptions {
    int send_buffer = 512 * 1024;
    int user_timeout_ms = 15'000;
};
void set_media_options(int fd, const SocketOptions& options);

}  // namespace net
