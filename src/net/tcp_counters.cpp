#include "net/tcp_counters.h"

// Not netinet/tcp.h, whose tcp_info ends before the byte counters; the two headers cannot be used together,
// so this file stands apart from everything that includes Asio.
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

namespace net {

std::optional<TcpCounters> tcp_counters(int fd) {
    tcp_info info{};
    socklen_t length = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
    if (length < offsetof(tcp_info, tcpi_bytes_received)) return std::nullopt;
    TcpCounters counters;
    counters.bytes_acked = info.tcpi_bytes_acked;
    counters.rtt_ms = info.tcpi_rtt / 1000.0;
    counters.retransmits = info.tcpi_total_retrans;
    int unacked = 0;
    if (::ioctl(fd, SIOCOUTQ, &unacked) == 0 && unacked > 0)
        counters.bytes_unacked = static_cast<std::uint64_t>(unacked);
    return counters;
}

}  // namespace net
