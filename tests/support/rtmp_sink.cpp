#include "support/rtmp_sink.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstdlib>

namespace test_support {

using protocol::rtmp::MessageType;

std::vector<Recorded> SinkRun::frames() const {
    std::vector<Recorded> all;
    for (const Recorded& message : media)
        if (!message.config) all.push_back(message);
    return all;
}

RtmpSink::RtmpSink()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(64 * 1024) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_.get(), 1024) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        std::abort();
    port_ = ntohs(address.sin_port);
    for (const int fd : {listener_.get(), wake_.get()}) {
        epoll_event interest{EPOLLIN, {.fd = fd}};
        (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &interest);
    }
    thread_ = std::thread([this] { run(); });
}

RtmpSink::~RtmpSink() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
    thread_.join();
}

void RtmpSink::run() {
    epoll_event events[64];
    while (true) {
        const int count = ::epoll_wait(epoll_.get(), events, 64, -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[i].data.fd;
            if (fd == listener_.get()) {
                accept();
            } else if (const auto found = connections_.find(fd); found != connections_.end()) {
                read(found->second);
                if (found->second.broken) connections_.erase(found);
            }
        }
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        changed_.notify_all();
    }
}

void RtmpSink::accept() {
    while (true) {
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        connections_.emplace(fd, Connection{net::UniqueFd(fd), protocol::rtmp::ServerSession(
                                                                   {}, std::chrono::steady_clock::now())});
        epoll_event interest{EPOLLIN, {.fd = fd}};
        (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &interest);
    }
}

void RtmpSink::read(Connection& connection) {
    const ssize_t got = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const auto now = std::chrono::steady_clock::now();
    if (got > 0) {
        const auto bytes = base::ByteView(buffer_).first(static_cast<std::size_t>(got));
        connection.broken = !connection.session.consume(bytes, now) || connection.session.closing();
        hear(connection, now);
        send(connection);
        connection.broken = connection.broken || connection.session.closing();
    } else {
        connection.broken = true;
    }
    if (connection.broken && connection.run) {
        const std::lock_guard lock(mutex_);
        connection.run->over = true;
    }
}

void RtmpSink::hear(Connection& connection, base::MonotonicTime now) {
    using namespace protocol::rtmp;
    const std::lock_guard lock(mutex_);
    while (const auto event = connection.session.next_event()) {
        if (const auto* asked = std::get_if<PublishRequested>(&*event)) {
            const std::string key(asked->stream_key.reveal());
            connection.run = &runs_.emplace_back(SinkRun{key, now});
            connection.run->refused = key.starts_with("bad");
            if (connection.run->refused)
                connection.session.refuse("NetStream.Publish.BadName", "this key is not known");
            else
                connection.session.accept_publish();
        } else if (const auto* media = std::get_if<MediaReceived>(&*event); media && connection.run) {
            const Message& message = media->message;
            SinkRun& run = *connection.run;
            if (message.type == MessageType::data_amf0) {
                if (run.media.empty()) ++run.metadata_before_media;
            } else {
                run.media.push_back(recorded(message.type, message.timestamp, message.body.view(), now));
            }
        } else if (std::holds_alternative<PublishEnded>(*event) && connection.run) {
            connection.run->ended_in_words = true;
        }
    }
}

// Answers are small: a socket that takes no more of them belongs to nobody who listens.
void RtmpSink::send(Connection& connection) {
    base::append(connection.unsent, connection.session.take_output());
    if (connection.unsent.empty()) return;
    const ssize_t sent =
        ::send(connection.fd.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) connection.broken = true;
    if (sent > 0) connection.unsent.erase(connection.unsent.begin(), connection.unsent.begin() + sent);
}

std::vector<SinkRun*> RtmpSink::of_key(const std::string& key) const {
    std::vector<SinkRun*> found;
    for (const SinkRun& run : runs_)
        if (key.empty() || run.key == key) found.push_back(const_cast<SinkRun*>(&run));
    return found;
}

std::vector<SinkRun> RtmpSink::runs(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    std::vector<SinkRun> copies;
    for (const SinkRun* run : of_key(key)) copies.push_back(*run);
    return copies;
}

std::size_t RtmpSink::count(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return of_key(key).size();
}

bool RtmpSink::wait_for(const std::string& key,
                        const std::function<bool(const std::vector<SinkRun*>&)>& holds,
                        std::chrono::milliseconds deadline) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return holds(of_key(key)); });
}

bool RtmpSink::wait_for_last(const std::string& key, const Recorded& last,
                             std::chrono::milliseconds deadline) const {
    return wait_for(
        key,
        [&last](const auto& runs) {
            return !runs.empty() && !runs.back()->media.empty() &&
                   runs.back()->media.back().hash == last.hash;
        },
        deadline);
}

}  // namespace test_support
