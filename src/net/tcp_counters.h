// The kernel's own account of a TCP connection (struct tcp_info): what was really acknowledged, and how fast.
#pragma once

#include <cstdint>
#include <optional>

namespace net {

struct TcpCounters {
    std::uint64_t bytes_acked = 0;
    // Handed to the kernel and not acknowledged yet, sent or not.
    std::uint64_t bytes_unacked = 0;
    double rtt_ms = 0;
    std::uint64_t retransmits = 0;
};

// Nothing when the kernel does not tell. Any thread.
std::optional<TcpCounters> tcp_counters(int fd);

}  // namespace net
