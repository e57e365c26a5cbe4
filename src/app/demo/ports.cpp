#include "app/demo/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace app::demo {
namespace {

class Socket {
  public:
    Socket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() { ::close(fd_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

sockaddr_in address(std::uint32_t host, std::uint16_t port) {
    sockaddr_in value{};
    value.sin_family = AF_INET;
    value.sin_addr.s_addr = htonl(host);
    value.sin_port = htons(port);
    return value;
}

// The port that was bound; 0 when it is taken.
std::uint16_t try_bind(std::uint16_t port) {
    const Socket socket;
    const int yes = 1;
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    auto wanted = address(INADDR_ANY, port);
    if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&wanted), sizeof wanted) != 0) return 0;
    if (::listen(socket.fd(), 1) != 0) return 0;
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
    return ntohs(bound.sin_port);
}

}  // namespace

std::uint16_t free_port(std::uint16_t wanted) {
    const std::uint16_t port = try_bind(wanted);
    return port != 0 || wanted == 0 ? port : try_bind(0);
}

bool port_answers(std::uint16_t port) {
    const Socket socket;
    const auto target = address(INADDR_LOOPBACK, port);
    return ::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0;
}

}  // namespace app::demo
