// Who takes connections for PostgreSQL and is not it, or not any more: a pooler whose server is away.
#include "store/postgres_connection.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

namespace store {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Lets everybody in, and treats the first statement as it is told.
class Pooler {
  public:
    enum class Statement { hangs, ends };

    explicit Pooler(Statement statement)
        : statement_(statement), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        EXPECT_EQ(::listen(listener_, 64), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~Pooler() {
        stopping_ = true;
        thread_.join();
        for (const int peer : peers_) ::close(peer);
        ::close(listener_);
    }
    base::Secret url() const {
        return base::Secret("postgresql://u:p@127.0.0.1:" + std::to_string(port_) +
                            "/d?sslmode=disable&gssencmode=disable");
    }
    int logins() const { return logins_; }

  private:
    void run() {
        pollfd look{listener_, POLLIN, 0};
        while (!stopping_) {
            if (::poll(&look, 1, 20) != 1) continue;
            const int peer = ::accept(listener_, nullptr, nullptr);
            if (peer < 0) continue;
            serve(peer);
            if (statement_ == Statement::hangs)
                peers_.push_back(peer);
            else
                ::close(peer);
        }
    }
    void serve(int peer) {
        char words[1024];
        if (::recv(peer, words, sizeof words, 0) <= 0) return;
        // AuthenticationOk, ReadyForQuery.
        static constexpr char welcome[] = "R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
        if (::send(peer, welcome, sizeof welcome - 1, MSG_NOSIGNAL) < 0) return;
        ++logins_;
        (void)::recv(peer, words, sizeof words, 0);
    }

    const Statement statement_;
    const int listener_;
    int port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> logins_ = 0;
    std::vector<int> peers_;
    std::thread thread_;
};

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator entries("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::string failure_of(const ConnectionFactory& connect) {
    try {
        (void)connect();
    } catch (const Failure& failure) {
        return failure.error.message;
    }
    return "none";
}

TEST(PostgresConnection, FirstStatementThatFailsCostsNoDescriptor) {
    Pooler pooler(Pooler::Statement::ends);
    const auto factory = postgres_factory(pooler.url());
    EXPECT_THAT(failure_of(factory), testing::HasSubstr("cannot be reached"));
    const std::size_t before = open_descriptors();
    constexpr int rounds = 20;
    for (int i = 0; i < rounds; ++i)
        EXPECT_THAT(failure_of(factory), testing::HasSubstr("cannot be reached"));
    EXPECT_EQ(pooler.logins(), rounds + 1);
    // Its end of the last one may be open yet.
    EXPECT_LT(open_descriptors(), before + rounds / 2);
}

TEST(PostgresConnection, FirstStatementThatIsNotAnsweredIsGivenUp) {
    Pooler pooler(Pooler::Statement::hangs);
    const auto factory = postgres_factory(pooler.url());
    const auto began = Clock::now();
    EXPECT_THAT(failure_of(factory), testing::HasSubstr("cannot be reached"));
    EXPECT_LT(Clock::now() - began, 10s);
    EXPECT_EQ(pooler.logins(), 1);
}

}  // namespace
}  // namespace store
