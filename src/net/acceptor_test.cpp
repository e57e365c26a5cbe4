#include "net/acceptor.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <list>
#include <mutex>
#include <thread>

#include "support/certificates.h"

namespace net {
namespace {

using namespace std::chrono_literals;

class AcceptorTest : public testing::Test {
  protected:
    void listen(AcceptorSettings settings, std::unique_ptr<TlsServerContext> tls = nullptr) {
        settings.host = "127.0.0.1";
        auto listening = Acceptor::listen(settings, std::move(tls), {},
                                          [this](TransportPtr transport, ConnectionSlot slot) {
                                              const std::lock_guard lock(mutex_);
                                              accepted_.emplace_back(std::move(transport), std::move(slot));
                                          });
        ASSERT_TRUE(listening) << listening.error().message;
        acceptor_ = std::move(*listening);
    }

    UniqueFd connect() const {
        UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(acceptor_->port());
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
        return socket;
    }
    // Whether the other end closes within this time.
    static bool closed_within(const UniqueFd& socket, std::chrono::milliseconds time) {
        pollfd descriptor{socket.get(), POLLIN, 0};
        char byte = 0;
        return ::poll(&descriptor, 1, static_cast<int>(time.count())) == 1 &&
               ::recv(socket.get(), &byte, 1, 0) <= 0;
    }
    std::size_t accepted() const {
        const std::lock_guard lock(mutex_);
        return accepted_.size();
    }
    bool eventually(const std::function<bool()>& holds) const {
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (!holds() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(2ms);
        return holds();
    }
    void let_one_go() {
        const std::lock_guard lock(mutex_);
        accepted_.pop_front();
    }

    mutable std::mutex mutex_;
    std::list<std::pair<TransportPtr, ConnectionSlot>> accepted_;
    std::unique_ptr<Acceptor> acceptor_;
};

TEST_F(AcceptorTest, is_full_at_max_connections_and_newcomers_wait_for_room) {
    listen({.max_connections = 3});
    std::list<UniqueFd> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(connect());
    EXPECT_TRUE(eventually([&] { return accepted() == 3; }));
    EXPECT_EQ(acceptor_->counters().times_full, 0u);

    clients.push_back(connect());
    EXPECT_TRUE(eventually([&] { return acceptor_->counters().times_full == 1; }));
    EXPECT_FALSE(closed_within(clients.back(), 600ms)) << "it waits, also when it was looked at twice";
    EXPECT_EQ(accepted(), 3u);
    EXPECT_EQ(acceptor_->counters().times_full, 1u);

    let_one_go();
    EXPECT_TRUE(eventually([&] { return acceptor_->counters().accepted == 4; }));
    EXPECT_FALSE(closed_within(clients.back(), 50ms));
}

TEST_F(AcceptorTest, leaves_the_reserved_descriptors_to_the_rest_of_the_server) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    // The lowest free descriptor tells how many are in use. Each connection takes two, one at either end.
    const int used = UniqueFd(::dup(0)).get();
    constexpr rlim_t reserved = AcceptorSettings{}.reserved_descriptors;
    ASSERT_EQ(reserved, 64u);
    const rlimit tight{static_cast<rlim_t>(used) + 40 + reserved, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
    listen({});
    std::list<UniqueFd> clients;
    while (acceptor_->counters().refused_scarce == 0 && clients.size() < 200) {
        const std::size_t taken = accepted();
        clients.push_back(connect());
        eventually([&] { return accepted() > taken || acceptor_->counters().refused_scarce > 0; });
    }
    int highest = 0;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [transport, slot] : accepted_) highest = std::max(highest, transport->fd());
    }
    // At the limit it was used up, and not one more.
    EXPECT_LT(static_cast<rlim_t>(highest) + reserved, tight.rlim_cur);
    EXPECT_GE(static_cast<rlim_t>(highest) + reserved + 3, tight.rlim_cur);
    EXPECT_TRUE(closed_within(clients.back(), 2s));

    clients.pop_back();
    const std::size_t there = accepted();
    clients.pop_front();
    let_one_go();
    clients.push_back(connect());
    EXPECT_TRUE(eventually([&] { return accepted() == there; })) << "there is room again";
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(AcceptorTest, ends_a_tls_handshake_at_its_deadline_however_it_drips) {
    test_support::Certificates certificates;
    const auto files = certificates.signed_for("127.0.0.1");
    auto tls = TlsServerContext::make(files.certificate, files.key);
    ASSERT_TRUE(tls);
    ASSERT_EQ(AcceptorSettings{}.tls_deadline, 5s);
    listen({.tls_deadline = 400ms}, std::make_unique<TlsServerContext>(std::move(*tls)));
    const UniqueFd client = connect();
    const auto began = std::chrono::steady_clock::now();
    // The head of a ClientHello, then a byte of it at a time.
    const std::uint8_t head[] = {0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3};
    EXPECT_EQ(::send(client.get(), head, sizeof head, MSG_NOSIGNAL), static_cast<ssize_t>(sizeof head));
    while (!closed_within(client, 20ms) && std::chrono::steady_clock::now() < began + 10s)
        (void)::send(client.get(), head, 1, MSG_NOSIGNAL);
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, 390ms);
    EXPECT_LT(took, 5s);
    EXPECT_EQ(acceptor_->counters().tls_late, 1u);
    EXPECT_EQ(acceptor_->counters().tls_failed, 1u);
    EXPECT_TRUE(eventually([&] { return acceptor_->counters().open == 0; }));
}

TEST_F(AcceptorTest, gives_every_socket_a_bounded_send_buffer_and_a_user_timeout) {
    listen({});
    const UniqueFd client = connect();
    ASSERT_TRUE(eventually([&] { return accepted() == 1; }));
    const auto option = [&](int level, int name) {
        int value = 0;
        socklen_t size = sizeof value;
        EXPECT_EQ(::getsockopt(accepted_.front().first->fd(), level, name, &value, &size), 0);
        return value;
    };
    // Less where the system allows less.
    EXPECT_LE(option(SOL_SOCKET, SO_SNDBUF), 512 * 1024);
    EXPECT_GE(option(SOL_SOCKET, SO_SNDBUF), 128 * 1024);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 15'000);
    EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
}

TEST(CountedAs, takes_a_network_of_one_client_for_one_client) {
    const auto counted = [](const char* address) {
        return counted_as(boost::asio::ip::make_address(address)).to_string();
    };
    EXPECT_EQ(counted("203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(counted("::ffff:203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(counted("2001:db8:1:2::1"), "2001:db8:1:2::");
    EXPECT_EQ(counted("2001:db8:1:2:ffff:ffff:ffff:ffff"), "2001:db8:1:2::");
    EXPECT_NE(counted("2001:db8:1:3::1"), counted("2001:db8:1:2::1"));
    EXPECT_EQ(counted("fe80::1%1"), "fe80::") << "the interface does not make it another";
}

}  // namespace
}  // namespace net
