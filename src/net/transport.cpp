#include "net/transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace net {
namespace {

constexpr std::size_t tls_record_limit = 16 * 1024;
// The kernel takes at most this many parts in one call (UIO_MAXIOV).
constexpr std::size_t max_parts = 1024;

std::string describe(int error) {
    return std::generic_category().message(error);
}

IoResult from_errno(int error) {
    if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) return {IoStatus::would_block};
    return {IoStatus::failed, 0, describe(error)};
}

void set_option(int fd, int level, int name, int value) {
    // A kernel without one of these options serves as well without it.
    (void)::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

Transport::Transport(UniqueFd fd, SslPtr ssl, std::string peer)
    : fd_(std::move(fd)), ssl_(std::move(ssl)), peer_(std::move(peer)) {}

Transport::~Transport() {
    *alive_ = false;
    // The descriptor would close the socket; the socket is ours.
    if (descriptor_) descriptor_->release();
}

void Transport::attach(boost::asio::io_context& io) {
    descriptor_ = std::make_unique<boost::asio::posix::stream_descriptor>(io, fd_.get());
}

IoResult Transport::read_some(std::span<std::uint8_t> into) {
    if (!fd_) return {IoStatus::failed, 0, "closed"};
    if (ssl_) {
        ERR_clear_error();
        const int got =
            SSL_read(ssl_.get(), into.data(), static_cast<int>(std::min<std::size_t>(into.size(), 1 << 30)));
        if (got > 0) return {IoStatus::ok, static_cast<std::size_t>(got)};
        return tls_result(got, "read");
    }
    if (std::exchange(drained_, false)) return {IoStatus::would_block};
    const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), 0);
    if (got > 0) {
        drained_ = static_cast<std::size_t>(got) < into.size();
        return {IoStatus::ok, static_cast<std::size_t>(got)};
    }
    if (got == 0) return {IoStatus::closed};
    return from_errno(errno);
}

IoResult Transport::write_some(std::span<const iovec> parts) {
    if (!fd_) return {IoStatus::failed, 0, "closed"};
    if (!ssl_) {
        msghdr header{};
        header.msg_iov = const_cast<iovec*>(parts.data());
        header.msg_iovlen = std::min(parts.size(), max_parts);
        const ssize_t sent = ::sendmsg(fd_.get(), &header, MSG_NOSIGNAL);
        if (sent >= 0) return {IoStatus::ok, static_cast<std::size_t>(sent)};
        return from_errno(errno);
    }

    std::size_t taken = 0;
    std::size_t part = 0;
    std::size_t offset = 0;
    thread_local base::Bytes record;
    while (true) {
        if (has_pending()) {
            IoResult flushed = flush_pending();
            if (flushed.status == IoStatus::would_block && taken > 0) return {IoStatus::ok, taken};
            if (flushed.status != IoStatus::ok) return flushed;
        }
        record.clear();
        while (part < parts.size() && record.size() < tls_record_limit) {
            const auto* data = static_cast<const std::uint8_t*>(parts[part].iov_base) + offset;
            const std::size_t length =
                std::min(parts[part].iov_len - offset, tls_record_limit - record.size());
            record.insert(record.end(), data, data + length);
            offset += length;
            if (offset == parts[part].iov_len) {
                ++part;
                offset = 0;
            }
        }
        if (record.empty()) return {IoStatus::ok, taken};
        taken += record.size();
        IoResult written = tls_write(record);
        if (written.status == IoStatus::would_block) {
            pending_ = record;
            return {IoStatus::ok, taken};
        }
        if (written.status != IoStatus::ok) return written;
    }
}

IoResult Transport::flush_pending() {
    if (pending_.empty()) return {IoStatus::ok};
    IoResult result = tls_write(pending_);
    if (result.status == IoStatus::ok) pending_ = {};
    return result;
}

IoResult Transport::tls_write(base::ByteView record) {
    ERR_clear_error();
    // Without SSL_MODE_ENABLE_PARTIAL_WRITE a record goes whole or not at all.
    const int sent = SSL_write(ssl_.get(), record.data(), static_cast<int>(record.size()));
    if (sent > 0) return {IoStatus::ok, static_cast<std::size_t>(sent)};
    return tls_result(sent, "write");
}

IoResult Transport::tls_result(int returned, std::string_view what) {
    const int saved_errno = errno;
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return {IoStatus::would_block};
        case SSL_ERROR_ZERO_RETURN:
            return {IoStatus::closed};
        case SSL_ERROR_SYSCALL:
            if (saved_errno != 0) return {IoStatus::failed, 0, describe(saved_errno)};
            return {IoStatus::closed};
        default:
            break;
    }
    const unsigned long code = ERR_peek_last_error();
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return {IoStatus::closed};
    const char* reason = ERR_reason_error_string(code);
    return {IoStatus::failed, 0, "TLS " + std::string(what) + ": " + (reason ? reason : "unknown error")};
}

void Transport::wait_readable(std::function<void()> ready) {
    if (!descriptor_) return;
    drained_ = false;
    // TLS may hold plain bytes that the socket will never announce again.
    descriptor_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            [alive = alive_, ready = std::move(ready)](const boost::system::error_code&) {
                                if (*alive) ready();
                            });
}

void Transport::wait_writable(std::function<void()> ready) {
    if (!descriptor_) return;
    descriptor_->async_wait(boost::asio::posix::stream_descriptor::wait_write,
                            [alive = alive_, ready = std::move(ready)](const boost::system::error_code&) {
                                if (*alive) ready();
                            });
}

void Transport::shutdown_write() {
    if (!fd_) return;
    if (ssl_) SSL_shutdown(ssl_.get());
    ::shutdown(fd_.get(), SHUT_WR);
}

void Transport::close() {
    *alive_ = false;
    if (descriptor_) descriptor_->release();
    descriptor_.reset();
    fd_.reset();
}

void Transport::abort() {
    *alive_ = false;
    if (!fd_) return;
    const linger reset{1, 0};
    (void)::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close();
}

void set_media_options(int fd, const SocketOptions& options) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, options.user_timeout_ms);
    if (options.send_buffer > 0) set_option(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer / 2);
}

}  // namespace net
