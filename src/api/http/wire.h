// Wire: a connection's socket as a stream of bytes, plain or TLS, driven by readiness. It copies nothing on a
// plain socket. Owned by one connection; the io thread only.
#pragma once

#include <openssl/ssl.h>
#include <sys/uio.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "api/http/deadline.h"
#include "base/bytes.h"
#include "base/file_slice.h"
#include "base/gather_list.h"

namespace api::http {

class Wire {
  public:
    using Code = boost::system::error_code;
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    // `tls` is null for plain HTTP. It sets `deadline` anew with each progress of a write, and gives up what
    // it waits for when expire() is called.
    Wire(boost::asio::ip::tcp::socket socket, SSL_CTX* tls, Deadline& deadline,
         std::chrono::milliseconds write_deadline);

    Awaitable<Code> handshake();
    // asio::error::eof at the end.
    Awaitable<std::pair<Code, std::size_t>> read_some(boost::asio::mutable_buffer into);

    // `more`: what follows at once may share the last packet.
    Awaitable<Code> write(std::span<iovec> parts, bool more = false);
    Awaitable<Code> write(base::GatherList& list);
    Awaitable<Code> write(std::string_view text);
    // Nothing of the slice passes through here on a plain socket. The slice is resident.
    Awaitable<Code> send(const base::FileSlice& slice);
    // How much of it the socket takes now; less than all where it has to be waited for.
    std::pair<Code, std::size_t> write_now(base::ByteView bytes);
    Awaitable<Code> writable();

    bool secure() const { return ssl_ != nullptr; }
    // The other end's address without its port; empty when it is gone already.
    std::string peer() const;
    // The other end has closed its side, whatever it sent before that.
    bool peer_closed();
    // Waits give up.
    void cancel();
    // Says goodbye: nothing more is written.
    void finish();
    // Throws away what still comes, until the other end closes or `limit` bytes have come.
    Awaitable<void> discard(std::size_t limit);
    void close();

  private:
    struct SslFree {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    enum class Step : std::uint8_t { done, want_read, want_write, failed };
    struct Try {
        Step step = Step::done;
        std::size_t count = 0;
        Code code{};
    };

    Try try_write(std::span<const iovec> parts, bool more);
    Try tls_write(std::span<const iovec> parts);
    Try tls_outcome(int returned) const;
    Awaitable<Code> wait_for(Step step);
    Awaitable<Code> send_by_kernel(const base::FileSlice& slice);
    Awaitable<Code> send_by_reading(const base::FileSlice& slice);
    Awaitable<void> let_others(std::size_t& turn, std::size_t sent);

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<SSL, SslFree> ssl_;
    Deadline& deadline_;
    const std::chrono::milliseconds write_deadline_;
};

}  // namespace api::http
