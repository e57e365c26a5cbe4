#include "net/transport.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "base/bytes.h"

namespace net {
namespace {

class TransportTest : public testing::Test {
  protected:
    TransportTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        peer_ = UniqueFd(ends[0]);
        transport_ = std::make_unique<Transport>(UniqueFd(ends[1]), nullptr, "peer");
        transport_->attach(io_);
    }

    void peer_sends(std::string_view text) {
        ASSERT_EQ(::send(peer_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    }
    // What one read gives, "-" when it would block, "." at the end.
    std::string read() {
        const IoResult got = transport_->read_some(buffer_);
        if (got.status == IoStatus::would_block) return "-";
        if (got.status == IoStatus::closed) return ".";
        EXPECT_EQ(got.status, IoStatus::ok) << got.error;
        return std::string(base::as_text(base::ByteView(buffer_).first(got.bytes)));
    }
    // Whether a wait says that there is something to read, now.
    bool announced() {
        bool ready = false;
        transport_->wait_readable([&] { ready = true; });
        io_.restart();
        io_.poll();
        return ready;
    }

    boost::asio::io_context io_;
    UniqueFd peer_;
    TransportPtr transport_;
    std::array<std::uint8_t, 4> buffer_{};
};

TEST_F(TransportTest, read_that_was_not_filled_spares_the_one_that_would_block) {
    peer_sends("abc");
    EXPECT_EQ(read(), "abc");
    // There all the same by now: it waits for the announcement.
    peer_sends("de");
    EXPECT_EQ(read(), "-");
    EXPECT_TRUE(announced());
    EXPECT_EQ(read(), "de");
}

TEST_F(TransportTest, read_that_was_filled_asks_again) {
    peer_sends("abcdefgh");
    EXPECT_EQ(read(), "abcd");
    EXPECT_EQ(read(), "efgh");
    EXPECT_EQ(read(), "-");
}

TEST_F(TransportTest, announcement_is_followed_by_a_real_read_even_when_the_last_one_was_not_filled) {
    peer_sends("a");
    EXPECT_EQ(read(), "a");
    peer_sends("b");
    EXPECT_TRUE(announced());
    EXPECT_EQ(read(), "b");
}

TEST_F(TransportTest, end_after_a_read_that_was_not_filled_is_announced) {
    peer_sends("a");
    EXPECT_EQ(read(), "a");
    peer_.reset();
    EXPECT_EQ(read(), "-");
    EXPECT_TRUE(announced());
    EXPECT_EQ(read(), ".");
}

}  // namespace
}  // namespace net
