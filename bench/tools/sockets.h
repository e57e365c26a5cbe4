// Sockets, signals and process facts for the bench tools: IPv4 alone, non-blocking, epoll.
#pragma once

#include <netinet/in.h>
#include <sys/epoll.h>

#include <cstdint>
#include <string>

#include "net/unique_fd.h"

namespace bench {

// "127.0.0.1:1935". Ends the program with a message when it is not of that form.
sockaddr_in parse_address(const std::string& text);

// A connection that is under way, no delay set. `source` may be 0.0.0.0: the kernel's choice.
net::UniqueFd start_connecting(const sockaddr_in& to, in_addr source);
net::UniqueFd listen_on(const sockaddr_in& at);
net::UniqueFd make_epoll();
// A descriptor that becomes readable for SIGUSR1 (print what was counted), SIGTERM and SIGINT.
net::UniqueFd watch_signals();
int read_signal(int fd);

void epoll_add(int epoll, int fd, std::uint32_t events, std::uint64_t data);
void epoll_change(int epoll, int fd, std::uint32_t events, std::uint64_t data);
// As epoll_wait, but to the nanosecond.
int epoll_wait_until(int epoll, epoll_event* events, int count, std::int64_t until_ns);

// Says on standard output that signals may come now.
void say_ready();
// User and system time of this process.
double cpu_seconds();
[[noreturn]] void give_up(const std::string& why);

}  // namespace bench
