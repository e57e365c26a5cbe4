#include "support/fault_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <numeric>

#include "net/unique_fd.h"
#include "protocol/rtmp/client_session.h"
#include "protocol/rtmp/server_session.h"
#include "support/fault_text.h"

namespace test_support {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Admission = Faults::Admission;
using net::UniqueFd;

// A blocking socket with a deadline on every call.
class Peer {
  public:
    explicit Peer(int fd) : fd_(fd) {
        const timeval patience{10, 0};
        (void)::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        (void)::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    }
    int fd() const { return fd_.get(); }

    bool send(base::ByteView bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // How much can be sent before the socket takes no more for a while.
    std::size_t send_until_full() const {
        const base::Bytes piece(16 * 1024, 7);
        std::size_t total = 0;
        pollfd writable{fd(), POLLOUT, 0};
        while (::poll(&writable, 1, 500) == 1) {
            const ssize_t sent = ::send(fd(), piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent > 0) total += static_cast<std::size_t>(sent);
        }
        return total;
    }
    base::Bytes receive(std::size_t count) const {
        base::Bytes got;
        std::uint8_t buffer[16 * 1024];
        while (got.size() < count) {
            const ssize_t more = ::recv(fd(), buffer, std::min(sizeof buffer, count - got.size()), 0);
            if (more <= 0) break;
            got.insert(got.end(), buffer, buffer + more);
        }
        return got;
    }
    // "end", "reset", or "nothing" when neither comes within a short while.
    std::string fate(std::chrono::milliseconds within = 300ms) const {
        pollfd readable{fd(), POLLIN, 0};
        if (::poll(&readable, 1, static_cast<int>(within.count())) == 0) return "nothing";
        std::uint8_t byte = 0;
        const ssize_t got = ::recv(fd(), &byte, 1, 0);
        if (got == 0) return "end";
        return got < 0 && errno == ECONNRESET ? "reset" : "bytes";
    }
    void end() const { ::shutdown(fd(), SHUT_WR); }

  private:
    UniqueFd fd_;
};

class FaultProxyTest : public ::testing::Test {
  protected:
    FaultProxyTest() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_.get(), 16), 0);
        socklen_t size = sizeof address;
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        target_port_ = ntohs(address.sin_port);
    }

    // Nothing when it is refused.
    static std::optional<Peer> connect(std::uint16_t port) {
        Peer peer(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(peer.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            return std::nullopt;
        return peer;
    }
    struct Pair {
        Peer client;
        Peer target;
    };
    Pair pass(const FaultProxy::Door& door) {
        auto client = connect(door.port());
        EXPECT_TRUE(client);
        return {std::move(*client), Peer(::accept(listener_.get(), nullptr, nullptr))};
    }
    static base::Bytes counting(std::size_t size) {
        base::Bytes bytes(size);
        std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
        return bytes;
    }
    static Faults up(const FlowFaults& flow) {
        Faults faults;
        faults.up = flow;
        return faults;
    }

    UniqueFd listener_;
    std::uint16_t target_port_ = 0;
    FaultProxy proxy_;
};

TEST_F(FaultProxyTest, without_faults_bytes_and_ends_pass_both_ways) {
    const auto door = proxy_.open(target_port_);
    const Pair pair = pass(door);
    const auto bytes = counting(100'000);
    ASSERT_TRUE(pair.client.send(bytes));
    EXPECT_EQ(pair.target.receive(bytes.size()), bytes);
    pair.client.end();
    EXPECT_EQ(pair.target.fate(5s), "end");
    // The other way is still open.
    ASSERT_TRUE(pair.target.send(bytes));
    EXPECT_EQ(pair.client.receive(bytes.size()), bytes);
    pair.target.end();
    EXPECT_EQ(pair.client.fate(5s), "end");
    const auto counters = door.counters();
    EXPECT_EQ(counters.accepted.size(), 1u);
    EXPECT_EQ(counters.bytes_up, bytes.size());
    EXPECT_EQ(counters.bytes_down, bytes.size());
}

TEST_F(FaultProxyTest, refuses_and_opens_again_on_the_same_port) {
    auto door = proxy_.open(target_port_, {.admission = Admission::closed_port});
    EXPECT_FALSE(connect(door.port()));
    door.set(Faults{});
    {
        const Pair pair = pass(door);
        ASSERT_TRUE(pair.client.send(counting(10)));
        EXPECT_EQ(pair.target.receive(10).size(), 10u);
        door.set({.admission = Admission::closed_port});
        EXPECT_FALSE(connect(door.port()));
        // Who is in stays in.
        ASSERT_TRUE(pair.client.send(counting(10)));
        EXPECT_EQ(pair.target.receive(10).size(), 10u);
    }
    door.set({.admission = Admission::closed_at_accept});
    EXPECT_EQ(connect(door.port())->fate(5s), "end");
    door.set({.admission = Admission::reset_at_accept});
    EXPECT_EQ(connect(door.port())->fate(5s), "reset");
    EXPECT_EQ(door.counters().accepted.size(), 3u);
}

TEST_F(FaultProxyTest, a_full_backlog_answers_no_connect_until_it_is_lifted) {
    auto door = proxy_.open(target_port_, {.admission = Admission::full_backlog});
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(door.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), -1);
    pollfd connected{fd.get(), POLLOUT, 0};
    EXPECT_EQ(::poll(&connected, 1, 500), 0);
    door.set(Faults{});
    EXPECT_EQ(::poll(&connected, 1, 10'000), 1);
    const Peer target(::accept(listener_.get(), nullptr, nullptr));
    ASSERT_EQ(::send(fd.get(), "hello", 5, 0), 5);
    EXPECT_EQ(target.receive(5).size(), 5u);
    EXPECT_EQ(door.counters().accepted.size(), 1u);
}

TEST_F(FaultProxyTest, delays_and_keeps_the_order) {
    const Pair pair = pass(proxy_.open(target_port_, up({.delay = 200ms, .jitter = 50ms})));
    const auto bytes = counting(20'000);
    const auto began = Clock::now();
    for (std::size_t i = 0; i < bytes.size(); i += 1000)
        ASSERT_TRUE(pair.client.send(base::ByteView(bytes).subspan(i, 1000)));
    EXPECT_EQ(pair.target.receive(bytes.size()), bytes);
    EXPECT_GE(Clock::now() - began, 200ms);
}

TEST_F(FaultProxyTest, keeps_to_a_rate) {
    const Pair pair = pass(proxy_.open(target_port_, up({.bytes_per_second = 200'000})));
    const auto bytes = counting(100'000);
    const auto began = Clock::now();
    ASSERT_TRUE(pair.client.send(bytes));
    EXPECT_EQ(pair.target.receive(bytes.size()), bytes);
    EXPECT_GE(Clock::now() - began, 450ms);
    EXPECT_LE(Clock::now() - began, 3s);
}

TEST_F(FaultProxyTest, stops_reading_and_goes_on_without_a_byte_lost) {
    auto door = proxy_.open(target_port_, up({.stop_reading = true}));
    const Pair pair = pass(door);
    const int send_buffer = 64 * 1024;
    ::setsockopt(pair.client.fd(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    const std::size_t sent = pair.client.send_until_full();
    EXPECT_LT(sent, 512u * 1024);
    EXPECT_EQ(pair.target.fate(), "nothing");
    door.set(Faults{});
    EXPECT_EQ(pair.target.receive(sent).size(), sent);
}

TEST_F(FaultProxyTest, swallows) {
    const Pair pair = pass(proxy_.open(target_port_, up({.swallow = true})));
    EXPECT_TRUE(pair.client.send(counting(4'000'000)));
    EXPECT_EQ(pair.target.fate(), "nothing");
}

TEST_F(FaultProxyTest, holds_at_a_byte_and_lets_go) {
    auto door = proxy_.open(target_port_, up({.hold_at = 1234}));
    const Pair pair = pass(door);
    const auto bytes = counting(5000);
    ASSERT_TRUE(pair.client.send(bytes));
    EXPECT_EQ(pair.target.receive(1234).size(), 1234u);
    EXPECT_EQ(pair.target.fate(), "nothing");
    door.set(Faults{});
    EXPECT_EQ(pair.target.receive(5000 - 1234).size(), 5000u - 1234);
}

TEST_F(FaultProxyTest, resets_after_bytes_after_a_time_and_when_told) {
    auto door = proxy_.open(target_port_, up({.reset_at = 1000}));
    {
        const Pair pair = pass(door);
        ASSERT_TRUE(pair.client.send(counting(999)));
        EXPECT_EQ(pair.target.receive(999).size(), 999u);
        ASSERT_TRUE(pair.client.send(counting(1)));
        EXPECT_EQ(pair.client.fate(5s), "reset");
        EXPECT_EQ(pair.target.receive(1).size(), 1u);
        EXPECT_EQ(pair.target.fate(5s), "reset");
    }
    door.set({.reset_after_time = 200ms});
    {
        const auto began = Clock::now();
        const Pair pair = pass(door);
        EXPECT_EQ(pair.client.fate(5s), "reset");
        EXPECT_GE(Clock::now() - began, 190ms);
    }
    door.set(Faults{});
    const Pair pair = pass(door);
    EXPECT_EQ(pair.client.fate(), "nothing");
    door.reset();
    EXPECT_EQ(pair.client.fate(5s), "reset");
    EXPECT_EQ(pair.target.fate(5s), "reset");
}

TEST_F(FaultProxyTest, half_closes_either_way) {
    Faults faults = up({.end_at = 100});
    const Pair pair = pass(proxy_.open(target_port_, faults));
    ASSERT_TRUE(pair.client.send(counting(200)));
    EXPECT_EQ(pair.target.receive(200).size(), 100u);
    EXPECT_EQ(pair.target.fate(5s), "end");
    ASSERT_TRUE(pair.target.send(counting(50)));
    EXPECT_EQ(pair.client.receive(50).size(), 50u);
    EXPECT_EQ(pair.client.fate(), "nothing");

    faults = {};
    faults.down.end_at = 0;
    const Pair other = pass(proxy_.open(target_port_, faults));
    EXPECT_EQ(other.client.fate(5s), "end");
    ASSERT_TRUE(other.client.send(counting(50)));
    EXPECT_EQ(other.target.receive(50).size(), 50u);
}

TEST_F(FaultProxyTest, slices) {
    const Pair pair = pass(proxy_.open(target_port_, up({.slice = 1})));
    const auto bytes = counting(2000);
    ASSERT_TRUE(pair.client.send(bytes));
    EXPECT_EQ(pair.target.receive(bytes.size()), bytes);
    tcp_info info{};
    socklen_t size = sizeof info;
    ASSERT_EQ(::getsockopt(pair.target.fd(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    // In one piece it would be one; a busy kernel puts many of them together.
    EXPECT_GE(info.tcpi_data_segs_in, 5u);
}

TEST_F(FaultProxyTest, flips_one_bit_at_a_place_or_many_by_chance) {
    const auto bytes = counting(10'000);
    const auto differences = [&](const Faults& faults) {
        const Pair pair = pass(proxy_.open(target_port_, faults));
        EXPECT_TRUE(pair.client.send(bytes));
        const auto got = pair.target.receive(bytes.size());
        EXPECT_EQ(got.size(), bytes.size());
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < got.size(); ++i) {
            if (got[i] == bytes[i]) continue;
            EXPECT_EQ(__builtin_popcount(static_cast<unsigned>(got[i] ^ bytes[i])), 1);
            places.push_back(i);
        }
        return places;
    };
    EXPECT_THAT(differences(up({.flip_at = 4321})), testing::ElementsAre(4321));
    const auto some = differences(up({.flip_probability = 0.01}));
    EXPECT_GT(some.size(), 50u);
    EXPECT_LT(some.size(), 200u);
}

TEST_F(FaultProxyTest, faults_of_one_connection_leave_the_others_alone) {
    auto door = proxy_.open(target_port_);
    door.set(1, up({.reset_at = 10}));
    const Pair first = pass(door);
    const Pair second = pass(door);
    for (const Pair* pair : {&first, &second}) ASSERT_TRUE(pair->client.send(counting(20)));
    EXPECT_EQ(second.client.fate(5s), "reset");
    EXPECT_EQ(first.target.receive(20).size(), 20u);
    EXPECT_EQ(first.client.fate(), "nothing");
}

TEST_F(FaultProxyTest, a_target_that_is_not_there_or_resets_is_passed_on) {
    auto door = proxy_.open(target_port_);
    {
        Pair pair = pass(door);
        const linger now{1, 0};
        ::setsockopt(pair.target.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        pair.target = Peer(-1);
        EXPECT_EQ(pair.client.fate(5s), "reset");
    }
    listener_.reset();
    const auto client = connect(door.port());
    ASSERT_TRUE(client);
    EXPECT_EQ(client->fate(5s), "reset");
}

// The client gets no further than the answer that never comes; without a hang it gets all the way.
TEST(RtmpHang, keeps_back_one_answer_and_lets_it_go_when_lifted) {
    using namespace protocol::rtmp;
    const auto now = Clock::now();
    const std::pair<Hang, ClientStep> table[] = {
        {Hang::none, ClientStep::publishing}, {Hang::s0, ClientStep::handshake},
        {Hang::s1, ClientStep::handshake},    {Hang::s2, ClientStep::handshake},
        {Hang::connect, ClientStep::connect}, {Hang::create_stream, ClientStep::create_stream},
        {Hang::publish, ClientStep::publish},
    };
    for (const std::size_t slice : {1u, 7u, 100'000u})
        for (const auto& [hang_at, step] : table) {
            ClientSettings settings;
            settings.app = "live";
            settings.tc_url = "rtmp://127.0.0.1/live";
            settings.stream_key = base::Secret("key");
            ClientSession client(settings, now);
            ServerSession server({}, now);
            RtmpHang hang;
            hang.set(hang_at);
            const auto talk = [&] {
                for (int round = 0; round < 20; ++round) {
                    ASSERT_TRUE(server.consume(client.take_output(), now));
                    while (const auto event = server.next_event())
                        if (std::holds_alternative<PublishRequested>(*event)) server.accept_publish();
                    const base::Bytes answer = server.take_output();
                    for (std::size_t i = 0; i < answer.size(); i += slice) {
                        const auto part =
                            base::ByteView(answer).subspan(i, std::min(slice, answer.size() - i));
                        ASSERT_TRUE(client.consume(hang.pass(part), now));
                    }
                    ASSERT_TRUE(client.consume(hang.pass({}), now));
                }
            };
            talk();
            EXPECT_EQ(to_string(client.step()), to_string(step)) << slice;
            hang.set(Hang::none);
            talk();
            EXPECT_EQ(client.step(), ClientStep::publishing) << slice;
        }
}

TEST(FaultText, reads_what_the_program_is_told) {
    const std::vector<std::string> words{
        "full_backlog",        "hang=create_stream",       "reset_after_ms=5000", "up.rate=60000",
        "up.delay_ms=20",      "up.jitter_ms=5",           "up.slice=1",          "up.hold_at=7",
        "down.stop_reading=1", "down.swallow=1",           "down.end_at=8",       "down.reset_at=9",
        "down.flip_at=10",     "down.flip_probability=0.5"};
    const auto faults = read_faults(words);
    ASSERT_TRUE(faults);
    EXPECT_EQ(faults->admission, Admission::full_backlog);
    EXPECT_EQ(faults->hang, Hang::create_stream);
    EXPECT_EQ(faults->reset_after_time, 5000ms);
    EXPECT_EQ(faults->up.bytes_per_second, 60'000u);
    EXPECT_EQ(faults->up.delay, 20ms);
    EXPECT_EQ(faults->up.jitter, 5ms);
    EXPECT_EQ(faults->up.slice, 1u);
    EXPECT_EQ(faults->up.hold_at, 7u);
    EXPECT_TRUE(faults->down.stop_reading);
    EXPECT_TRUE(faults->down.swallow);
    EXPECT_EQ(faults->down.end_at, 8u);
    EXPECT_EQ(faults->down.reset_at, 9u);
    EXPECT_EQ(faults->down.flip_at, 10u);
    EXPECT_EQ(faults->down.flip_probability, 0.5);
    for (const char* wrong :
         {"nothing", "rate=1", "up.what=1", "up.rate=x", "up.rate=-1", "hang=s9", "up.rate"})
        EXPECT_FALSE(read_faults(std::vector<std::string>{wrong})) << wrong;
}

}  // namespace
}  // namespace test_support
