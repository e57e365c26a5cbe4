// HttpPeer: a socket on which one GET after another is asked, for tools that download by the thousand. The
// tool's epoll drives it. One thread.
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <span>

#include "bench/tools/answer_reader.h"
#include "bench/tools/sockets.h"

namespace bench {

class HttpPeer {
  public:
    enum class Progress { waiting, answered, over };

    HttpPeer(const sockaddr_in& to, in_addr source) : fd_(start_connecting(to, source)) {}

    int fd() const { return fd_.get(); }
    const AnswerReader& answer() const { return reader_; }
    // All bytes that came, heads and bodies.
    std::uint64_t bytes() const { return bytes_; }

    // The whole request; the one before has been answered, and a socket with nothing on its way takes it.
    // False: the connection is over.
    bool ask(std::string_view request, bool keep_body) {
        reader_.begin(keep_body);
        return ::send(fd_.get(), request.data(), request.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(request.size());
    }

    // Reads what is there, at most twice. Bodies that nobody wants are dropped by the kernel, but for what
    // comes with their heads.
    Progress read(std::span<char> buffer) {
        if (reader_.body_left() == 0 || reader_.keeps()) {
            const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
            if (got <= 0) return blocked(got);
            bytes_ += static_cast<std::uint64_t>(got);
            if (!reader_.feed({buffer.data(), static_cast<std::size_t>(got)})) return Progress::over;
        }
        if (!reader_.keeps() && reader_.body_left() > 0) {
            const ssize_t got = ::recv(fd_.get(), nullptr, reader_.body_left(), MSG_TRUNC);
            if (got <= 0) return blocked(got);
            bytes_ += static_cast<std::uint64_t>(got);
            reader_.dropped(static_cast<std::uint64_t>(got));
        }
        return reader_.done() ? Progress::answered : Progress::waiting;
    }

  private:
    static Progress blocked(ssize_t got) {
        return got < 0 && (errno == EAGAIN || errno == EINTR) ? Progress::waiting : Progress::over;
    }

    net::UniqueFd fd_;
    AnswerReader reader_;
    std::uint64_t bytes_ = 0;
};

}  // namespace bench
