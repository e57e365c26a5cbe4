#include "bench/tools/sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/tools/stamp.h"

namespace bench {

void give_up(const std::string& why) {
    fmt::print(stderr, "{}\n", why);
    std::exit(1);
}

sockaddr_in parse_address(const std::string& text) {
    const auto colon = text.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const bool sound = colon != std::string::npos &&
                       ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) == 1 &&
                       std::from_chars(text.data() + colon + 1, end, port).ptr == end;
    if (!sound) give_up("not an IPv4 address and a port: " + text);
    address.sin_port = htons(port);
    return address;
}

net::UniqueFd start_connecting(const sockaddr_in& to, in_addr source) {
    net::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) give_up(fmt::format("socket: {}", std::strerror(errno)));
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (source.s_addr != 0) {
        // The port is chosen at connect(), where it need only be free towards that one server.
        ::setsockopt(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        sockaddr_in from{};
        from.sin_family = AF_INET;
        from.sin_addr = source;
        if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
            give_up(fmt::format("bind: {}", std::strerror(errno)));
    }
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
        give_up(fmt::format("connect: {}", std::strerror(errno)));
    return fd;
}

net::UniqueFd listen_on(const sockaddr_in& at) {
    net::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::listen(fd.get(), 4096) != 0)
        give_up(fmt::format("listen: {}", std::strerror(errno)));
    return fd;
}

net::UniqueFd make_epoll() {
    return net::UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
}

net::UniqueFd watch_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGUSR1, SIGTERM, SIGINT}) ::sigaddset(&set, signal);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    return net::UniqueFd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

int read_signal(int fd) {
    signalfd_siginfo info{};
    return ::read(fd, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

void epoll_add(int epoll, int fd, std::uint32_t events, std::uint64_t data) {
    epoll_event event{events, {.u64 = data}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void epoll_change(int epoll, int fd, std::uint32_t events, std::uint64_t data) {
    epoll_event event{events, {.u64 = data}};
    ::epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

int epoll_wait_until(int epoll, epoll_event* events, int count, std::int64_t until_ns) {
    const std::int64_t left = std::max<std::int64_t>(until_ns - now_ns(), 0);
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    return std::max(0, ::epoll_pwait2(epoll, events, count, &timeout, nullptr));
}

void say_ready() {
    fmt::print("ready\n");
    std::fflush(stdout);
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace bench
