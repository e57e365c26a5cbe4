#include "net/dialer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <thread>

#include "net/acceptor.h"
#include "net/backoff.h"

namespace net {
namespace {

using namespace std::chrono_literals;

// A UDP socket on loopback that plays a name server: it answers SERVFAIL, or nothing at all.
class FakeNameServer {
  public:
    explicit FakeNameServer(bool answers) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
        socklen_t length = sizeof at;
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at), &length);
        port_ = ntohs(at.sin_port);
        if (answers) thread_ = std::thread([this] { serve(); });
    }
    ~FakeNameServer() {
        ::shutdown(socket_.get(), SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
    }
    ResolverSettings settings() const {
        return {.deadline = 1'000ms, .servers = "127.0.0.1:" + std::to_string(port_)};
    }

  private:
    void serve() {
        std::uint8_t packet[512];
        sockaddr_in from{};
        socklen_t length = sizeof from;
        while (true) {
            const ssize_t got = ::recvfrom(socket_.get(), packet, sizeof packet, 0,
                                           reinterpret_cast<sockaddr*>(&from), &length);
            if (got < 12) return;
            packet[2] |= 0x80;  // an answer
            packet[3] = 0x82;   // SERVFAIL (RFC 1035, section 4.1.1)
            ::sendto(socket_.get(), packet, static_cast<std::size_t>(got), 0,
                     reinterpret_cast<const sockaddr*>(&from), length);
        }
    }
    UniqueFd socket_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

TlsClientContext client_tls() {
    return std::move(*TlsClientContext::make(""));
}

DialerSettings settings(bool allow_private = true) {
    DialerSettings made;
    made.total = 3'000ms;
    made.dns = 1'500ms;
    made.policy.emplace(
        DestinationPolicy::Settings{.allow_private = allow_private, .ports = *PortList::parse("1-65535")});
    return made;
}

Dialed dial(Dialer& dialer, const DialTarget& target) {
    std::promise<Dialed> promise;
    const auto handle = dialer.dial(target, [&](Dialed dialed) { promise.set_value(std::move(dialed)); });
    return promise.get_future().get();
}

// A port that nothing listens on.
std::uint16_t closed_port() {
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at);
    socklen_t length = sizeof at;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &length);
    return ntohs(at.sin_port);
}

TEST(Dialer, tells_a_closed_port_from_a_forbidden_address) {
    Dialer dialer(settings(), {}, client_tls());
    const Dialed refused = dial(dialer, {"127.0.0.1", closed_port(), false});
    ASSERT_TRUE(refused.failure);
    EXPECT_EQ(refused.failure->problem, DialProblem::refused);
    EXPECT_EQ(refused.failure->step, DialStep::tcp);

    Dialer strict(settings(false), {}, client_tls());
    const Dialed forbidden = dial(strict, {"127.0.0.1", closed_port(), false});
    ASSERT_TRUE(forbidden.failure);
    EXPECT_EQ(forbidden.failure->problem, DialProblem::address_not_allowed);
}

TEST(Dialer, a_name_server_that_fails_or_never_answers_is_told_in_time) {
    for (const bool answers : {true, false}) {
        FakeNameServer names(answers);
        Dialer dialer(settings(), names.settings(), client_tls());
        const auto began = std::chrono::steady_clock::now();
        const Dialed dialed = dial(dialer, {"platform.example", 1935, false});
        ASSERT_TRUE(dialed.failure);
        EXPECT_EQ(dialed.failure->problem, DialProblem::dns_failed);
        EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
    }
}

TEST(Dialer, names_that_hang_hold_up_nobody_else) {
    FakeNameServer names(false);
    Dialer dialer(settings(), names.settings(), client_tls());
    std::vector<Dialer::Handle> hanging;
    for (int i = 0; i < 50; ++i)
        hanging.push_back(dialer.dial({"host" + std::to_string(i) + ".example", 1935, false}, [](Dialed) {}));
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(dial(dialer, {"127.0.0.1", closed_port(), false}).failure->problem, DialProblem::refused);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
}

TEST(Dialer, gives_no_answer_once_its_handle_is_gone) {
    FakeNameServer names(false);
    std::atomic<bool> answered{false};
    {
        Dialer dialer(settings(), names.settings(), client_tls());
        dialer.dial({"platform.example", 1935, false}, [&](Dialed) { answered = true; }).reset();
        dial(dialer, {"127.0.0.1", closed_port(), false});
    }
    EXPECT_FALSE(answered);
}

class Listening {
  public:
    explicit Listening(AcceptorSettings settings = {}) {
        settings.host = "127.0.0.1";
        auto listening =
            Acceptor::listen(settings, nullptr, {}, [this](TransportPtr transport, ConnectionSlot slot) {
                const std::lock_guard lock(mutex);
                accepted.emplace_back(std::move(transport), std::move(slot));
            });
        EXPECT_TRUE(listening);
        acceptor = std::move(*listening);
    }
    std::mutex mutex;
    std::vector<std::pair<TransportPtr, ConnectionSlot>> accepted;
    std::unique_ptr<Acceptor> acceptor;
};

TEST(Dialer, connects_and_reports_each_step) {
    Listening server;
    Dialer dialer(settings(), {}, client_tls());
    const Dialed dialed = dial(dialer, {"127.0.0.1", server.acceptor->port(), false});
    ASSERT_TRUE(dialed.transport);
    ASSERT_EQ(dialed.steps.size(), 2u);
    EXPECT_EQ(dialed.steps.back().step, DialStep::tcp);
    const auto counters = dialed.transport->counters();
    ASSERT_TRUE(counters);
    EXPECT_EQ(counters->bytes_unacked, 0u);
}

TEST(Dialer, tls_with_a_server_that_never_answers_ends_at_its_deadline) {
    Listening server;
    DialerSettings quick = settings();
    quick.tls = 300ms;
    Dialer dialer(quick, {}, client_tls());
    const Dialed dialed = dial(dialer, {"127.0.0.1", server.acceptor->port(), true});
    ASSERT_TRUE(dialed.failure);
    EXPECT_EQ(dialed.failure->step, DialStep::tls);
    EXPECT_EQ(dialed.failure->problem, DialProblem::timed_out);
}

TEST(Acceptor, keeps_to_its_caps_and_gives_slots_back) {
    Listening server({.max_connections = 10, .max_per_address = 3});
    Dialer dialer(settings(), {}, client_tls());
    std::vector<TransportPtr> clients;
    for (int i = 0; i < 5; ++i)
        clients.push_back(dial(dialer, {"127.0.0.1", server.acceptor->port(), false}).transport);
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (server.acceptor->counters().refused_per_address < 2 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    EXPECT_EQ(server.acceptor->counters().open, 3u);
    EXPECT_EQ(server.acceptor->counters().refused_per_address, 2u);
    {
        const std::lock_guard lock(server.mutex);
        server.accepted.clear();
    }
    EXPECT_EQ(server.acceptor->counters().open, 0u);
    EXPECT_TRUE(dial(dialer, {"127.0.0.1", server.acceptor->port(), false}).transport);
}

TEST(Acceptor, says_what_to_do_when_the_port_is_taken) {
    Listening server;
    const auto second =
        Acceptor::listen({.host = "127.0.0.1", .port = server.acceptor->port()}, nullptr, {}, {});
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("choose another"), std::string::npos) << second.error().message;
}

TEST(Backoff, doubles_to_the_cap_and_stays_within_its_jitter) {
    Backoff low({});
    Backoff high({});
    std::chrono::milliseconds nominal = 1s;
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(low.next(0.0), nominal * 8 / 10);
        const auto most = high.next(0.999999);
        EXPECT_LE(most, nominal * 12 / 10);
        EXPECT_GT(most, nominal * 11 / 10);
        nominal = std::min<std::chrono::milliseconds>(nominal * 2, 30s);
    }
}

}  // namespace
}  // namespace net
