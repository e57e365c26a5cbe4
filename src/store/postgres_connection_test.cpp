// Who takes connections for PostgreSQL and is not it, or not any more: a pooler whose server is away.
#include "store/postgres_connection.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace store {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Lets everybody in, and treats the first statement as it is told.
class Pooler {
  public:
    enum class Statement { hangs, refused };

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
            // Who does not hear that it is over keeps the connection.
            timeval patience{0, 200'000};
            ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            if (serve(peer))
                ::close(peer);
            else
                peers_.push_back(peer);
        }
    }
    // True when the other side has ended the connection.
    bool serve(int peer) {
        char words[1024];
        if (::recv(peer, words, sizeof words, 0) <= 0) return true;
        const std::string over = {'Z', 0, 0, 0, 5, 'I'};
        send(peer, std::string{'R', 0, 0, 0, 8, 0, 0, 0, 0} + over);
        ++logins_;
        if (::recv(peer, words, sizeof words, 0) <= 0) return true;
        if (statement_ == Statement::hangs) return false;
        std::string fields;
        for (const std::string_view field : {"SERROR", "C08P01", "Mquery_wait_timeout", ""})
            fields.append(field).push_back('\0');
        send(peer, std::string{'E', 0, 0, 0, static_cast<char>(fields.size() + 4)} + fields + over);
        // The goodbye, and the end behind it.
        ssize_t more = 1;
        while (more > 0) more = ::recv(peer, words, sizeof words, 0);
        return more == 0;
    }
    static void send(int peer, const std::string& bytes) {
        EXPECT_EQ(::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
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
    Pooler pooler(Pooler::Statement::refused);
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
