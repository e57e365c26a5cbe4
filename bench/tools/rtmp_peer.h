// RtmpPeer: a socket and a ClientSession on it, for tools that publish or play by the thousand. The tool's
// epoll drives it. One thread.
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "base/gather_list.h"
#include "bench/tools/sockets.h"
#include "protocol/rtmp/client_session.h"

namespace bench {

// rtmp://127.0.0.1:1935/live → where to connect, and the app.
struct Target {
    sockaddr_in address{};
    std::string app;
    std::string tc_url;
};
inline Target parse_target(const std::string& url) {
    constexpr std::string_view scheme = "rtmp://";
    const auto slash = url.find('/', scheme.size());
    if (!url.starts_with(scheme) || slash == std::string::npos)
        give_up("not rtmp://address:port/app: " + url);
    return {parse_address(url.substr(scheme.size(), slash - scheme.size())), url.substr(slash + 1), url};
}

class RtmpPeer {
  public:
    RtmpPeer(const Target& target, in_addr source, const std::string& name,
             protocol::rtmp::ClientPurpose purpose)
        : fd_(start_connecting(target.address, source)) {
        protocol::rtmp::ClientSettings settings;
        settings.app = target.app;
        settings.tc_url = target.tc_url;
        settings.stream_key = base::Secret(name);
        settings.purpose = purpose;
        // It is the server that is measured: it may take its time while thousands connect.
        settings.handshake_deadline = settings.step_deadline = std::chrono::minutes(1);
        session_.emplace(std::move(settings), std::chrono::steady_clock::now());
    }

    int fd() const { return fd_.get(); }
    protocol::rtmp::ClientSession& session() { return *session_; }
    // For one that only counts bytes from now on.
    void forget_session() { session_.reset(); }
    bool has_session() const { return session_.has_value(); }

    // Reads what is there. False: the connection is over.
    bool read(std::span<std::uint8_t> buffer) {
        const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
        bytes_ += static_cast<std::uint64_t>(got);
        return session_
            ->consume(base::ByteView(buffer).first(static_cast<std::size_t>(got)),
                      std::chrono::steady_clock::now())
            .has_value();
    }
    // Reads without looking: the kernel drops the bytes. False: the connection is over.
    bool drain() {
        const ssize_t got = ::recv(fd_.get(), nullptr, std::size_t{1} << 20, MSG_TRUNC);
        if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
        bytes_ += static_cast<std::uint64_t>(got);
        return true;
    }
    std::uint64_t bytes() const { return bytes_; }

    // Sends the session's own bytes, then `media`; what the socket does not take waits. False: it is over.
    bool send(base::GatherList& media) {
        if (session_) base::append(waiting_, session_->take_output());
        if (waiting_.empty() && !media.empty()) {
            msghdr header{};
            header.msg_iov = const_cast<iovec*>(media.parts().data());
            header.msg_iovlen = media.parts().size();
            const ssize_t sent = ::sendmsg(fd_.get(), &header, MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) return errno == ENOTCONN;
            if (sent > 0) media.consume(static_cast<std::size_t>(sent));
        }
        for (const iovec& part : media.parts())
            base::append(waiting_, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
        media.clear();
        return flush();
    }
    bool waiting() const { return !waiting_.empty(); }

  private:
    bool flush() {
        if (waiting_.empty()) return true;
        const ssize_t sent = ::send(fd_.get(), waiting_.data(), waiting_.size(), MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN || errno == ENOTCONN;
        waiting_.erase(waiting_.begin(), waiting_.begin() + sent);
        return true;
    }

    net::UniqueFd fd_;
    std::optional<protocol::rtmp::ClientSession> session_;
    base::Bytes waiting_;
    std::uint64_t bytes_ = 0;
};

}  // namespace bench
