#include "net/connector.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>

namespace net {
namespace {

// A port of loopback where nobody listens.
class ClosedPort {
  public:
    ClosedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
        socklen_t length = sizeof at;
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at), &length);
        target = {"127.0.0.1", ntohs(at.sin_port), false};
    }
    DialTarget target;

  private:
    UniqueFd socket_;
};

class CoreConnectorTest : public testing::Test {
  protected:
    ~CoreConnectorTest() override { core_.stop(); }

    ClosedPort closed_;
    Core core_{0, "test"};
    Dialer dialer_{{}, {}, std::move(*TlsClientContext::make(""))};
    CoreConnector connector_{core_, dialer_};
};

TEST_F(CoreConnectorTest, answers_on_the_core) {
    std::promise<bool> answered;
    Connector::Handle handle;
    core_.run([&] {
        handle = connector_.dial(closed_.target, [&](const Connected& connected) {
            answered.set_value(core_.on_this_thread() && connected.failure.has_value());
        });
    });
    EXPECT_TRUE(answered.get_future().get());
    core_.run([&] { handle.reset(); });
}

TEST_F(CoreConnectorTest, an_answer_that_is_on_its_way_finds_nobody_once_the_handle_is_gone) {
    bool answered = false;
    core_.run([&] {
        auto handle = connector_.dial(closed_.target, [&](const Connected&) { answered = true; });
        // The dialer takes its turns in order: when this one is answered, the first waits for our core.
        std::promise<void> later;
        const auto second = dialer_.dial(closed_.target, [&](const Dialed&) { later.set_value(); });
        later.get_future().wait();
        handle.reset();
    });
    core_.run([] {});
    EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace net
