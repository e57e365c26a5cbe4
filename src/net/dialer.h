// Dialer: DNS, address policy, TCP and TLS towards a host, each with a deadline, on a thread of its own, so
// that no media thread ever waits for a name server or computes a handshake. Any thread may call it.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/destination_policy.h"
#include "net/io_pool.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "net/transport.h"

namespace net {

enum class DialStep { dns, address, tcp, tls };
std::string_view to_string(DialStep step);

struct DialTarget {
    std::string host;
    std::uint16_t port = 0;
    bool tls = false;
};

enum class DialProblem { dns_failed, address_not_allowed, refused, timed_out, unreachable, tls_failed };

struct DialFailure {
    DialStep step{};
    DialProblem problem{};
    std::string message;  // plain words; holds the host at most
};

struct DialTiming {
    DialStep step{};
    std::chrono::milliseconds took{0};
};

struct Dialed {
    TransportPtr transport;  // null on failure
    std::optional<DialFailure> failure;
    // The steps that were done, the failed one last.
    std::vector<DialTiming> steps;
};

struct DialerSettings {
    // For everything together; no step may take longer than it either.
    std::chrono::milliseconds total{10'000};
    std::chrono::milliseconds dns{3'000};
    // For one address, while there are others to try.
    std::chrono::milliseconds address{4'000};
    std::chrono::milliseconds tls{5'000};
    // Decides about ports and resolved addresses, right before they are connected to. None: all are allowed.
    std::optional<DestinationPolicy> policy = {};
    SocketOptions socket = {};
};

class Dialer {
  public:
    Dialer(DialerSettings settings, const ResolverSettings& resolver, TlsClientContext tls);
    // Attempts still open are dropped without a call.
    ~Dialer();

    // Abandons its attempt when it goes: the answer is then never called.
    class Attempt;
    using Handle = std::shared_ptr<Attempt>;
    // `answer` is called once, on the dialer's thread, unless the handle is released before.
    [[nodiscard]] Handle dial(const DialTarget& target, std::function<void(Dialed)> answer);

  private:
    DialerSettings settings_;
    TlsClientContext tls_;
    Core core_;
    Resolver resolver_;  // after core_: its last answers are posted there
};

}  // namespace net
