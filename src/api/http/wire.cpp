#include "api/http/wire.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace api::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Code = Wire::Code;

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
// The kernel takes at most this many parts in one call (UIO_MAXIOV).
constexpr std::size_t max_parts = 1024;
constexpr std::size_t tls_record = 16 * 1024;
// What is read of a slice at a time where the kernel cannot send it.
constexpr std::size_t piece_size = 64 * 1024;
// After this much without a pause the loop's other connections have their turn.
constexpr std::size_t turn_bytes = 4 * 1024 * 1024;

Code of_errno() {
    return {errno, boost::system::system_category()};
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

// One for all connections: nobody keeps it over a wait.
template <std::size_t size>
std::array<char, size>& shared_buffer() {
    thread_local std::array<char, size> buffer;
    return buffer;
}

}  // namespace

Wire::Wire(Tcp::socket socket, SSL_CTX* tls, Deadline& deadline, std::chrono::milliseconds write_deadline)
    : socket_(std::move(socket)), deadline_(deadline), write_deadline_(write_deadline) {
    Code ignored;
    socket_.non_blocking(true, ignored);
    if (!tls) return;
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), socket_.native_handle());
    SSL_set_accept_state(ssl_.get());
    // A record that did not go is offered again from wherever its bytes are then; and one that rests keeps no
    // buffers.
    SSL_set_mode(ssl_.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

std::string Wire::peer() const {
    Code failed;
    const auto endpoint = socket_.remote_endpoint(failed);
    if (failed) return {};
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address.to_string();
}

asio::awaitable<Code> Wire::wait_for(Step step) {
    const auto what = step == Step::want_read ? Tcp::socket::wait_read : Tcp::socket::wait_write;
    const auto [failed] = co_await socket_.async_wait(what, awaiting);
    // It may have been closed between the event and now.
    if (!failed && !socket_.is_open()) co_return asio::error::bad_descriptor;
    co_return failed;
}

asio::awaitable<Code> Wire::handshake() {
    for (;;) {
        ERR_clear_error();
        const int returned = SSL_do_handshake(ssl_.get());
        if (returned == 1) co_return Code();
        const Try outcome = tls_outcome(returned);
        if (outcome.step == Step::failed) co_return outcome.code;
        const Code failed = co_await wait_for(outcome.step);
        if (failed) co_return failed;
    }
}

asio::awaitable<std::pair<Code, std::size_t>> Wire::read_some(asio::mutable_buffer into) {
    if (!ssl_) {
        const auto [failed, count] = co_await socket_.async_read_some(into, awaiting);
        co_return std::pair(failed, count);
    }
    for (;;) {
        ERR_clear_error();
        const int got = SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
        if (got > 0) co_return std::pair(Code(), static_cast<std::size_t>(got));
        const Try outcome = tls_outcome(got);
        if (outcome.step == Step::failed) co_return std::pair(outcome.code, std::size_t{0});
        const Code failed = co_await wait_for(outcome.step);
        if (failed) co_return std::pair(failed, std::size_t{0});
    }
}

Wire::Try Wire::try_write(std::span<const iovec> parts, bool more) {
    if (ssl_) return tls_write(parts);
    msghdr header{};
    header.msg_iov = const_cast<iovec*>(parts.data());
    header.msg_iovlen = std::min(parts.size(), max_parts);
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &header, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    if (sent >= 0) return {Step::done, static_cast<std::size_t>(sent)};
    if (would_block()) return {Step::want_write};
    return {Step::failed, 0, of_errno()};
}

// One record at most. Until it has gone, the caller comes again with the same bytes in front.
Wire::Try Wire::tls_write(std::span<const iovec> parts) {
    std::array<char, tls_record>& record = shared_buffer<tls_record>();
    const void* bytes = parts.front().iov_base;
    std::size_t size = std::min(parts.front().iov_len, tls_record);
    if (size < tls_record && parts.size() > 1) {
        size = 0;
        for (const iovec& part : parts) {
            const std::size_t take = std::min(part.iov_len, tls_record - size);
            std::copy_n(static_cast<const char*>(part.iov_base), take, record.data() + size);
            size += take;
            if (size == tls_record) break;
        }
        bytes = record.data();
    }
    ERR_clear_error();
    const int sent = SSL_write(ssl_.get(), bytes, static_cast<int>(size));
    if (sent > 0) return {Step::done, static_cast<std::size_t>(sent)};
    return tls_outcome(sent);
}

Wire::Try Wire::tls_outcome(int returned) const {
    const int saved = errno;
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ:
            return {Step::want_read};
        case SSL_ERROR_WANT_WRITE:
            return {Step::want_write};
        case SSL_ERROR_ZERO_RETURN:
            return {Step::failed, 0, asio::error::eof};
        case SSL_ERROR_SYSCALL:
            if (saved != 0) return {Step::failed, 0, {saved, boost::system::system_category()}};
            return {Step::failed, 0, asio::error::eof};
        default:
            return {Step::failed, 0, asio::error::connection_aborted};
    }
}

asio::awaitable<Code> Wire::write(std::span<iovec> parts, bool more) {
    deadline_.set(write_deadline_);
    while (!parts.empty()) {
        if (parts.front().iov_len == 0) {
            parts = parts.subspan(1);
            continue;
        }
        const Try outcome = try_write(parts, more);
        if (outcome.step == Step::failed) co_return outcome.code;
        if (outcome.step != Step::done) {
            const Code failed = co_await wait_for(outcome.step);
            if (failed) co_return failed;
            continue;
        }
        deadline_.set(write_deadline_);
        std::size_t sent = outcome.count;
        while (!parts.empty() && sent >= parts.front().iov_len) {
            sent -= parts.front().iov_len;
            parts = parts.subspan(1);
        }
        if (sent > 0) {
            iovec& part = parts.front();
            part.iov_base = static_cast<char*>(part.iov_base) + sent;
            part.iov_len -= sent;
        }
    }
    co_return Code();
}

asio::awaitable<Code> Wire::write(base::GatherList& list) {
    deadline_.set(write_deadline_);
    while (!list.empty()) {
        const Try outcome = try_write(list.parts(), false);
        if (outcome.step == Step::failed) co_return outcome.code;
        if (outcome.step != Step::done) {
            const Code failed = co_await wait_for(outcome.step);
            if (failed) co_return failed;
            continue;
        }
        list.consume(outcome.count);
        deadline_.set(write_deadline_);
    }
    co_return Code();
}

asio::awaitable<Code> Wire::write(std::string_view text) {
    std::array<iovec, 1> parts{{{const_cast<char*>(text.data()), text.size()}}};
    co_return co_await write(parts);
}

asio::awaitable<Code> Wire::writable() {
    // TLS may have asked to read first; its next attempt says so again.
    co_return co_await wait_for(Step::want_write);
}

std::pair<Code, std::size_t> Wire::write_now(base::ByteView bytes) {
    std::size_t total = 0;
    while (total < bytes.size()) {
        const iovec part{const_cast<std::uint8_t*>(bytes.data()) + total, bytes.size() - total};
        const Try outcome = try_write(std::span(&part, 1), false);
        if (outcome.step == Step::failed) return {outcome.code, total};
        if (outcome.step != Step::done) break;
        total += outcome.count;
    }
    if (total > 0) deadline_.set(write_deadline_);
    return {Code(), total};
}

asio::awaitable<void> Wire::let_others(std::size_t& turn, std::size_t sent) {
    turn += sent;
    if (turn < turn_bytes) co_return;
    turn = 0;
    co_await asio::post(socket_.get_executor(), asio::use_awaitable);
}

asio::awaitable<Code> Wire::send(const base::FileSlice& slice) {
    deadline_.set(write_deadline_);
    if (ssl_) co_return co_await send_by_reading(slice);
    co_return co_await send_by_kernel(slice);
}

asio::awaitable<Code> Wire::send_by_kernel(const base::FileSlice& slice) {
    const int file = slice.file->descriptor();
    auto at = static_cast<off_t>(slice.offset);
    std::size_t left = slice.size;
    std::size_t turn = 0;
    while (left > 0) {
        const ssize_t sent = ::sendfile(socket_.native_handle(), file, &at, std::min(left, turn_bytes));
        if (sent > 0) {
            left -= static_cast<std::size_t>(sent);
            deadline_.set(write_deadline_);
            co_await let_others(turn, static_cast<std::size_t>(sent));
        } else if (sent == 0) {
            co_return asio::error::eof;  // the file is shorter than was promised
        } else if (would_block()) {
            turn = 0;
            const Code failed = co_await wait_for(Step::want_write);
            if (failed) co_return failed;
        } else if (errno == EINVAL || errno == ENOSYS) {
            // What this file is made of cannot be sent from the kernel.
            co_return co_await send_by_reading(
                slice.part(static_cast<std::uint64_t>(at) - slice.offset, left));
        } else {
            co_return of_errno();
        }
    }
    co_return Code();
}

asio::awaitable<Code> Wire::send_by_reading(const base::FileSlice& slice) {
    // A connection that waits keeps nothing of it, and reads again what did not go.
    std::array<char, piece_size>& piece = shared_buffer<piece_size>();
    std::uint64_t done = 0;
    std::size_t turn = 0;
    while (done < slice.size) {
        const std::size_t want = std::min<std::uint64_t>(piece_size, slice.size - done);
        const ssize_t got =
            ::pread(slice.file->descriptor(), piece.data(), want, static_cast<off_t>(slice.offset + done));
        if (got <= 0) co_return asio::error::eof;
        const auto [failed, sent] = write_now(base::as_bytes({piece.data(), static_cast<std::size_t>(got)}));
        if (failed) co_return failed;
        done += sent;
        if (sent == static_cast<std::size_t>(got)) {
            co_await let_others(turn, sent);
            continue;
        }
        turn = 0;
        const Code waited = co_await writable();
        if (waited) co_return waited;
    }
    co_return Code();
}

bool Wire::peer_closed() {
    pollfd look{socket_.native_handle(), POLLRDHUP, 0};
    return ::poll(&look, 1, 0) > 0;
}

void Wire::cancel() {
    Code ignored;
    socket_.cancel(ignored);
}

void Wire::finish() {
    if (ssl_) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
    }
    Code ignored;
    socket_.shutdown(Tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> Wire::discard(std::size_t limit) {
    // Whose bytes they are does not matter.
    std::array<char, 4096>& thrown_away = shared_buffer<4096>();
    for (std::size_t total = 0; total < limit;) {
        const auto [failed, count] = co_await socket_.async_read_some(asio::buffer(thrown_away), awaiting);
        if (failed) break;
        total += count;
    }
}

void Wire::close() {
    Code ignored;
    socket_.close(ignored);
    // It knows the descriptor by its number, which is somebody else's from now on.
    ssl_.reset();
}

}  // namespace api::http
