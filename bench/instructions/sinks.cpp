#include "bench/instructions/sinks.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "protocol/rtmp/server_session.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr timeval patience{30, 0};

// As far as the publisher's being let in.
void welcome(int fd) {
    protocol::rtmp::ServerSession session({}, Clock::now());
    std::array<std::uint8_t, 4096> buffer{};
    while (!session.publishing()) {
        const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (got <= 0) give_up("a destination left before it published");
        const base::ByteView bytes(buffer.data(), static_cast<std::size_t>(got));
        if (!session.consume(bytes, Clock::now())) give_up("a destination does not speak RTMP");
        while (const auto event = session.next_event())
            if (std::holds_alternative<protocol::rtmp::PublishRequested>(*event)) session.accept_publish();
        const base::Bytes answer = session.take_output();
        if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(answer.size()))
            give_up("a destination does not read");
    }
}

}  // namespace

void give_up(const std::string& what) {
    std::fprintf(stderr, "the data path could not be measured: %s\n", what.c_str());
    std::exit(2);
}

Sinks::Sinks() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof here;
    auto* address = reinterpret_cast<sockaddr*>(&here);
    if (::bind(listener_.get(), address, length) != 0 || ::listen(listener_.get(), 1024) != 0 ||
        ::getsockname(listener_.get(), address, &length) != 0)
        give_up("no port to listen on");
    port_ = ntohs(here.sin_port);
}

std::string Sinks::url() const {
    return "rtmp://127.0.0.1:" + std::to_string(port_) + "/live";
}

void Sinks::accept(std::size_t count) {
    while (sinks_.size() < count) {
        net::UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd) give_up("a destination could not connect");
        (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        welcome(fd.get());
        sinks_.push_back({std::move(fd)});
    }
}

bool Sinks::read_until_quiet(std::chrono::milliseconds quiet) {
    std::array<std::uint8_t, 64 * 1024> buffer;
    std::vector<pollfd> waiting;
    for (const Sink& sink : sinks_) waiting.push_back({sink.fd.get(), POLLIN, 0});
    while (::poll(waiting.data(), waiting.size(), static_cast<int>(quiet.count())) > 0) {
        for (std::size_t i = 0; i < sinks_.size(); ++i) {
            if (waiting[i].revents == 0) continue;
            const ssize_t got = ::recv(sinks_[i].fd.get(), buffer.data(), buffer.size(), 0);
            if (got <= 0) give_up("a destination left");
            sinks_[i].bytes += static_cast<std::uint64_t>(got);
        }
    }
    for (const Sink& sink : sinks_)
        if (sink.bytes == 0) return false;
    return true;
}

void Sinks::read(std::size_t bytes_each) {
    std::array<std::uint8_t, 64 * 1024> buffer;
    for (const Sink& sink : sinks_) {
        for (std::size_t left = bytes_each; left > 0;) {
            const ssize_t got = ::recv(sink.fd.get(), buffer.data(), std::min(left, buffer.size()), 0);
            if (got <= 0) give_up("a destination got fewer bytes than were sent to it");
            left -= static_cast<std::size_t>(got);
        }
    }
}

void Sinks::close() {
    listener_.reset();
    sinks_.clear();
}

}  // namespace bench
