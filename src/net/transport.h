// Transport: a connected stream socket, plain or TLS, driven by readiness. It never blocks and copies no
// payload on a plain socket. Owned by one connection; made on a dialling or accepting thread, then attached
// to a core and touched by that core's thread only.
#pragma once

#include <openssl/ssl.h>
#include <sys/uio.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "net/link.h"
#include "net/unique_fd.h"

namespace net {

struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;

class Transport final : public Link {
  public:
    // `ssl` is null for a plain socket; else its handshake is done and it works on `fd`.
    Transport(UniqueFd fd, SslPtr ssl, std::string peer);
    ~Transport() override;

    // Binds the socket to the event loop of its core. Once, before any wait.
    void attach(boost::asio::io_context& io);

    IoResult read_some(std::span<std::uint8_t> into) override;
    // TLS gathers what it takes into records of up to 16 KiB; one of them may wait inside.
    IoResult write_some(std::span<const iovec> parts) override;
    IoResult flush_pending() override;
    bool has_pending() const { return !pending_.empty(); }

    void wait_readable(std::function<void()> ready) override;
    void wait_writable(std::function<void()> ready) override;

    std::optional<TcpCounters> counters() const override {
        return fd_ ? tcp_counters(fd_.get()) : std::nullopt;
    }
    // "203.0.113.7:50122".
    const std::string& peer() const { return peer_; }
    bool secure() const { return ssl_ != nullptr; }
    int fd() const { return fd_.get(); }

    void shutdown_write() override;
    void close() override;
    void abort() override;

  private:
    IoResult tls_result(int returned, std::string_view what);
    IoResult tls_write(base::ByteView record);

    UniqueFd fd_;
    // The last read got all that the plain socket held: to ask it once more would be a system call for
    // nothing. A wait announces whatever came since.
    bool drained_ = false;
    SslPtr ssl_;
    std::unique_ptr<boost::asio::posix::stream_descriptor> descriptor_;
    // A TLS record's plain text that SSL_write asked to be given again, unchanged.
    base::Bytes pending_;
    std::string peer_;
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
