#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <mutex>
#include <thread>

#include "base/gather_list.h"
#include "net/acceptor.h"
#include "net/dialer.h"
#include "support/certificates.h"

namespace net {
namespace {

using namespace std::chrono_literals;

class TlsTest : public testing::Test {
  protected:
    // Serves TLS with these files and dials it; what was accepted is kept.
    Dialed connect(const test_support::Certificates::Files& files, const std::string& host = "127.0.0.1") {
        auto tls = TlsServerContext::make(files.certificate, files.key);
        EXPECT_TRUE(tls);
        auto listening =
            Acceptor::listen({.host = "127.0.0.1"}, std::make_unique<TlsServerContext>(std::move(*tls)), {},
                             [this](TransportPtr transport, ConnectionSlot slot) {
                                 accepted_.set_value({std::move(transport), std::move(slot)});
                             });
        EXPECT_TRUE(listening);
        acceptor_ = std::move(*listening);
        dialer_ = std::make_unique<Dialer>(DialerSettings{.total = 3'000ms}, ResolverSettings{},
                                           std::move(*TlsClientContext::make(certificates_.authority())));
        std::promise<Dialed> promise;
        const auto handle = dialer_->dial({host, acceptor_->port(), true},
                                          [&](Dialed dialed) { promise.set_value(std::move(dialed)); });
        return promise.get_future().get();
    }

    test_support::Certificates certificates_;
    std::promise<std::pair<TransportPtr, ConnectionSlot>> accepted_;
    std::unique_ptr<Acceptor> acceptor_;
    std::unique_ptr<Dialer> dialer_;
};

TEST_F(TlsTest, accepts_a_certificate_of_a_known_authority_for_this_host) {
    const Dialed dialed = connect(certificates_.signed_for("127.0.0.1"));
    ASSERT_TRUE(dialed.transport) << dialed.failure->message;
    EXPECT_TRUE(dialed.transport->secure());
}

TEST_F(TlsTest, refuses_every_other_certificate_and_says_why) {
    struct Case {
        test_support::Certificates::Files files;
        const char* says;
    };
    for (const Case& one : {Case{certificates_.signed_for("127.0.0.2"), "another host"},
                            Case{certificates_.signed_for("127.0.0.1", -7'200, -3'600), "expired"},
                            Case{certificates_.signed_for("127.0.0.1", 3'600, 7'200), "not valid yet"},
                            Case{certificates_.self_signed_for("127.0.0.1"), "signed by itself"}}) {
        accepted_ = {};
        const Dialed dialed = connect(one.files);
        ASSERT_TRUE(dialed.failure) << one.says;
        EXPECT_EQ(dialed.failure->problem, DialProblem::tls_failed);
        EXPECT_NE(dialed.failure->message.find(one.says), std::string::npos) << dialed.failure->message;
    }
}

TEST_F(TlsTest, delivers_every_byte_in_order_to_a_reader_that_dawdles) {
    Dialed dialed = connect(certificates_.signed_for("127.0.0.1"));
    ASSERT_TRUE(dialed.transport);
    auto [receiver, slot] = accepted_.get_future().get();

    // Parts of all sizes, so that records begin and end inside them.
    std::vector<base::Bytes> pieces;
    base::Bytes expected;
    for (std::size_t i = 0; i < 700; ++i) {
        pieces.emplace_back(1 + i * 37 % 20'000, static_cast<std::uint8_t>(i));
        base::append(expected, pieces.back());
    }
    base::GatherList list;
    for (const base::Bytes& piece : pieces) list.add_view(piece);

    base::Bytes got;
    std::thread reader([&, receiving = std::move(receiver)] {
        base::Bytes buffer(9'000);
        while (got.size() < expected.size()) {
            pollfd descriptor{receiving->fd(), POLLIN, 0};
            const IoResult read = receiving->read_some(buffer);
            if (read.status == IoStatus::would_block) {
                if (::poll(&descriptor, 1, 5'000) <= 0) return;
            } else if (read.status != IoStatus::ok) {
                return;
            }
            got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(read.bytes));
        }
    });
    int blocked = 0;
    while (!list.empty() || dialed.transport->has_pending()) {
        const IoResult sent =
            list.empty() ? dialed.transport->flush_pending() : dialed.transport->write_some(list.parts());
        if (sent.status == IoStatus::would_block) {
            ++blocked;
            pollfd descriptor{dialed.transport->fd(), POLLOUT, 0};
            ASSERT_GT(::poll(&descriptor, 1, 5'000), 0);
            continue;
        }
        ASSERT_EQ(sent.status, IoStatus::ok) << sent.error;
        list.consume(sent.bytes);
    }
    reader.join();
    EXPECT_GT(blocked, 0) << "the socket never filled up: this test shows nothing";
    EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace net
