// bench_sink: thousands of platforms in one thread. RTMP on one port, RTMPS on another, and a third that only
// reads and drops, for the floor. Checks of every frame that none is lost and none overtakes another, and how
// old it is. SIGUSR1 prints what was counted, as one line of JSON, and begins new histograms.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <deque>
#include <memory>
#include <unordered_map>

#include "bench/tools/histogram.h"
#include "bench/tools/sink_session.h"
#include "bench/tools/sockets.h"

namespace bench {
namespace {

constexpr std::size_t read_size = 256 * 1024;
constexpr std::size_t remembered = 1 << 14;  // of the straight copy's arrivals
constexpr std::string_view straight_prefix = "straight";

struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

struct Counts {
    std::uint64_t accepted = 0;  // publishes, ever
    std::uint64_t ended = 0;     // of them
    std::uint64_t frames = 0;
    std::uint64_t lost = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t bytes = 0;
    std::uint64_t raw_bytes = 0;
    std::uint64_t reads = 0;
};

// The same frame by two ways: how much later it came by the longer one.
class TwoWays {
  public:
    void straight(std::uint64_t sequence, std::int64_t at) {
        seen_ = true;
        arrivals_[sequence % remembered] = {sequence, at};
        while (!early_.empty() && early_.front().sequence <= sequence) {
            if (early_.front().sequence == sequence) added_.add(early_.front().at - at);
            early_.pop_front();
        }
    }
    void through(std::uint64_t sequence, std::int64_t at) {
        if (!seen_) return;
        const Arrival& straight = arrivals_[sequence % remembered];
        if (straight.sequence == sequence && straight.at != 0)
            added_.add(at - straight.at);
        else
            early_.push_back({sequence, at});
    }
    Histogram& added() { return added_; }

  private:
    struct Arrival {
        std::uint64_t sequence = 0;
        std::int64_t at = 0;
    };
    bool seen_ = false;
    std::vector<Arrival> arrivals_ = std::vector<Arrival>(remembered);
    std::deque<Arrival> early_;
    Histogram added_;
};

class Sink {
  public:
    Sink(const std::string& rtmp, const std::string& rtmps, const std::string& raw,
         const std::string& certificate, const std::string& key) {
        listen(rtmp, Kind::rtmp);
        listen(rtmps, Kind::rtmps);
        listen(raw, Kind::raw);
        if (rtmps.empty()) return;
        tls_.reset(SSL_CTX_new(TLS_server_method()));
        if (SSL_CTX_use_certificate_chain_file(tls_.get(), certificate.c_str()) != 1 ||
            SSL_CTX_use_PrivateKey_file(tls_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
            give_up("the certificate or its key cannot be read");
    }

    void run() {
        epoll_add(epoll_.get(), signals_.get(), EPOLLIN, signal_event);
        say_ready();
        std::array<epoll_event, 512> events;
        while (true) {
            const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) {
                const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
                if (data == signal_event) {
                    if (read_signal(signals_.get()) != SIGUSR1) return;
                    report();
                } else if (data >= listener_events) {
                    accept_all(listeners_[data - listener_events]);
                } else {
                    serve(static_cast<int>(data));
                }
            }
        }
    }

  private:
    enum class Kind { rtmp, rtmps, raw };
    struct Listener {
        net::UniqueFd fd;
        Kind kind{};
    };
    struct Connection {
        net::UniqueFd fd;
        std::unique_ptr<SSL, SslDeleter> ssl;
        std::unique_ptr<SinkSession> session;  // null on the raw port
        bool counted = false;
        bool straight = false;
        std::uint64_t next = 0;  // the sequence that is due; 0 before the first frame
    };
    static constexpr std::uint64_t signal_event = ~std::uint64_t{0};
    static constexpr std::uint64_t listener_events = std::uint64_t{1} << 40;

    void listen(const std::string& at, Kind kind) {
        if (at.empty()) return;
        listeners_.push_back({listen_on(parse_address(at)), kind});
        epoll_add(epoll_.get(), listeners_.back().fd.get(), EPOLLIN, listener_events + listeners_.size() - 1);
    }

    void accept_all(const Listener& listener) {
        while (true) {
            net::UniqueFd fd(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!fd) return;
            const int number = fd.get();
            auto connection = std::make_unique<Connection>();
            connection->fd = std::move(fd);
            if (listener.kind != Kind::raw)
                connection->session = std::make_unique<SinkSession>(
                    [this, of = connection.get()](const Stamp& stamp) { frame(*of, stamp); });
            if (listener.kind == Kind::rtmps) {
                connection->ssl.reset(SSL_new(tls_.get()));
                SSL_set_fd(connection->ssl.get(), number);
                SSL_set_accept_state(connection->ssl.get());
            }
            connections_[number] = std::move(connection);
            epoll_add(epoll_.get(), number, EPOLLIN, static_cast<std::uint64_t>(number));
        }
    }

    // Bytes read, 0 when there are none for now, less at the connection's end.
    ssize_t read(Connection& connection) {
        if (!connection.ssl) {
            const ssize_t got = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
            if (got > 0) return got;
            return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
        }
        ERR_clear_error();
        std::size_t filled = 0;
        while (buffer_.size() - filled >= SSL3_RT_MAX_PLAIN_LENGTH) {
            const int got = SSL_read(connection.ssl.get(), buffer_.data() + filled, SSL3_RT_MAX_PLAIN_LENGTH);
            if (got > 0) {
                filled += static_cast<std::size_t>(got);
                continue;
            }
            const int error = SSL_get_error(connection.ssl.get(), got);
            const bool later = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
            return filled > 0 ? static_cast<ssize_t>(filled) : later ? 0 : -1;
        }
        return static_cast<ssize_t>(filled);
    }

    void serve(int number) {
        const auto found = connections_.find(number);
        if (found == connections_.end()) return;
        Connection& connection = *found->second;
        // Once: the next round of epoll comes back while there is more, and others get their turn. TLS may
        // hold plain bytes that the socket does not announce.
        do {
            const ssize_t got = read(connection);
            if (got < 0) return close(found);
            if (got == 0) return;
            ++counts_.reads;
            const auto size = static_cast<std::size_t>(got);
            if (!connection.session) {
                counts_.raw_bytes += size;
                continue;
            }
            counts_.bytes += size;
            now_ = now_ns();
            if (!connection.session->feed(base::ByteView(buffer_).first(size))) return close(found);
            const base::Bytes answer = connection.session->take_output();
            if (!answer.empty() && !write(connection, answer)) return close(found);
            if (connection.session->publishing() && !connection.counted) {
                connection.counted = true;
                connection.straight = connection.session->key().starts_with(straight_prefix);
                ++counts_.accepted;
            }
        } while (connection.ssl && SSL_pending(connection.ssl.get()) > 0);
    }

    static bool write(Connection& connection, const base::Bytes& bytes) {
        // Answers are small: a socket that does not take one is broken.
        if (connection.ssl)
            return SSL_write(connection.ssl.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
        return ::send(connection.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }

    void frame(Connection& connection, const Stamp& stamp) {
        if (connection.straight) {
            straight_age_.add(now_ - stamp.sent_ns);
            return two_ways_.straight(stamp.sequence, now_);
        }
        ++counts_.frames;
        if (connection.next != 0 && stamp.sequence > connection.next)
            counts_.lost += stamp.sequence - connection.next;
        if (stamp.sequence < connection.next) ++counts_.out_of_order;
        connection.next = stamp.sequence + 1;
        age_.add(now_ - stamp.sent_ns);
        two_ways_.through(stamp.sequence, now_);
    }

    void close(std::unordered_map<int, std::unique_ptr<Connection>>::iterator which) {
        if (which->second->counted) ++counts_.ended;
        if (which->second->counted && !which->second->straight) ended_next_.push_back(which->second->next);
        connections_.erase(which);
    }

    void report() {
        // Where each publish has got to: after the publisher's end all must stand at the same frame.
        std::uint64_t least = ~std::uint64_t{0};
        std::uint64_t most = 0;
        std::size_t publishing = 0;
        const auto reached = [&](std::uint64_t next) {
            least = std::min(least, next);
            most = std::max(most, next);
        };
        for (const auto& [number, connection] : connections_) {
            if (!connection->counted || connection->straight) continue;
            ++publishing;
            reached(connection->next);
        }
        for (const std::uint64_t next : ended_next_) reached(next);
        if (least > most) least = most;
        fmt::print(
            R"({{"at_ns":{},"connections":{},"publishing":{},"accepted":{},"ended":{},"frames":{},"lost":{},)"
            R"("out_of_order":{},"bytes":{},"raw_bytes":{},"reads":{},"next_least":{},"next_most":{},)"
            R"("age":{},"straight_age":{},"added":{},"cpu_s":{:.3f}}})"
            "\n",
            now_ns(), connections_.size(), publishing, counts_.accepted, counts_.ended, counts_.frames,
            counts_.lost, counts_.out_of_order, counts_.bytes, counts_.raw_bytes, counts_.reads, least, most,
            age_.json(), straight_age_.json(), two_ways_.added().json(), cpu_seconds());
        std::fflush(stdout);
        age_.clear();
        straight_age_.clear();
        two_ways_.added().clear();
    }

    net::UniqueFd signals_ = watch_signals();
    net::UniqueFd epoll_ = make_epoll();
    std::unique_ptr<SSL_CTX, SslDeleter> tls_;
    std::vector<Listener> listeners_;
    std::unordered_map<int, std::unique_ptr<Connection>> connections_;
    base::Bytes buffer_ = base::Bytes(read_size);
    std::int64_t now_ = 0;
    Counts counts_;
    Histogram age_;
    Histogram straight_age_;
    TwoWays two_ways_;
    std::vector<std::uint64_t> ended_next_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    CLI::App app("Takes RTMP publishes and judges their frames");
    std::string rtmp;
    std::string rtmps;
    std::string raw;
    std::string certificate;
    std::string key;
    app.add_option("--rtmp", rtmp, "address:port");
    app.add_option("--rtmps", rtmps, "address:port");
    app.add_option("--raw", raw, "address:port of a port that only reads");
    app.add_option("--certificate", certificate, "PEM file");
    app.add_option("--key", key, "PEM file");
    CLI11_PARSE(app, argc, argv);
    ::signal(SIGPIPE, SIG_IGN);
    bench::Sink sink(rtmp, rtmps, raw, certificate, key);
    sink.run();
    return 0;
}
