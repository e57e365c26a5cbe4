// A blocking RTMP client for tests: publishes or plays by the project's own ClientSession on a plain socket.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "protocol/rtmp/client_session.h"
#include "protocol/rtmp/media_writer.h"

namespace test_support {

struct Media {
    protocol::rtmp::MessageType type;
    std::uint32_t timestamp;
    base::ByteView body;
};

class RtmpClient {
  public:
    using Clock = std::chrono::steady_clock;

    // `receive_buffer`: what the kernel may keep of what we do not read; 0: its own choice.
    RtmpClient(std::uint16_t port, protocol::rtmp::ClientSettings settings, int receive_buffer = 0)
        : fd_(::socket(AF_INET, SOCK_STREAM, 0)),
          chunk_size_(settings.out_chunk_size),
          session_(std::move(settings), Clock::now()) {
        if (receive_buffer > 0)
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        // As encoders do: a small message does not wait for the answer to the one before.
        const int on = 1;
        (void)::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) broken_ = true;
    }
    ~RtmpClient() { ::close(fd_); }
    RtmpClient(const RtmpClient&) = delete;
    RtmpClient& operator=(const RtmpClient&) = delete;

    static protocol::rtmp::ClientSettings publish(const std::string& key) {
        protocol::rtmp::ClientSettings settings;
        settings.app = "live";
        settings.tc_url = "rtmp://127.0.0.1/live";
        settings.stream_key = base::Secret(key);
        return settings;
    }
    static protocol::rtmp::ClientSettings play(const std::string& name) {
        auto settings = publish(name);
        settings.purpose = protocol::rtmp::ClientPurpose::play;
        return settings;
    }

    // The next event; nothing when the connection ended or the deadline passed.
    std::optional<protocol::rtmp::ClientEvent> next(
        std::chrono::milliseconds deadline = std::chrono::seconds(5)) {
        const auto until = Clock::now() + deadline;
        while (true) {
            send(session_.take_output());
            if (auto event = session_.next_event()) return event;
            if (broken_) return std::nullopt;
            // What is there already is read whatever the deadline.
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
            pollfd descriptor{fd_, POLLIN, 0};
            if (::poll(&descriptor, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 50))) <=
                0) {
                if (Clock::now() >= until) return std::nullopt;
                continue;
            }
            std::uint8_t buffer[16384];
            const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
            if (got <= 0)
                broken_ = true;
            else if (!session_.consume(base::ByteView(buffer, static_cast<std::size_t>(got)), Clock::now()))
                broken_ = true;
        }
    }

    bool accepted() {
        const auto event = next();
        const auto* accepted = event ? std::get_if<protocol::rtmp::PublishAccepted>(&*event) : nullptr;
        if (accepted) writer_.emplace(accepted->stream_id, chunk_size_);
        return accepted != nullptr;
    }

    void send_media(protocol::rtmp::MessageType type, std::uint32_t timestamp, base::ByteView body) {
        base::GatherList list;
        writer_->write(list, type, timestamp, {}, body);
        for (const iovec& part : list.parts())
            send(base::Bytes(static_cast<const std::uint8_t*>(part.iov_base),
                             static_cast<const std::uint8_t*>(part.iov_base) + part.iov_len));
    }
    // In one write, so that the server may well get them in one read.
    void send_together(std::span<const Media> messages) {
        base::GatherList list;
        for (const Media& media : messages) writer_->write(list, media.type, media.timestamp, {}, media.body);
        base::Bytes bytes;
        bytes.reserve(list.bytes());
        for (const iovec& part : list.parts())
            base::append(bytes, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
        send(bytes);
    }
    // As they are, right or wrong.
    void send_bytes(const base::Bytes& bytes) { send(bytes); }
    // Takes what the socket has, at most this much, and looks at none of it.
    void discard(std::size_t most) {
        base::Bytes bytes(most);
        if (::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT) == 0) broken_ = true;
    }
    void finish() {
        session_.finish();
        send(session_.take_output());
    }
    // Waits for the server's end of the connection.
    bool closed_by_peer(std::chrono::milliseconds deadline = std::chrono::seconds(5)) {
        const auto until = Clock::now() + deadline;
        while (!broken_ && Clock::now() < until) (void)next(std::chrono::milliseconds(50));
        return broken_;
    }
    bool broken() const { return broken_; }

  private:
    void send(const base::Bytes& bytes) {
        std::size_t sent = 0;
        while (!broken_ && sent < bytes.size()) {
            const ssize_t count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0)
                broken_ = true;
            else
                sent += static_cast<std::size_t>(count);
        }
    }

    int fd_;
    std::uint32_t chunk_size_;
    protocol::rtmp::ClientSession session_;
    std::optional<protocol::rtmp::MediaWriter> writer_;
    bool broken_ = false;
};

}  // namespace test_support
