#include "net/acceptor.h"

#include <openssl/err.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <map>
#include <mutex>

#include "net/io_pool.h"

namespace net {
namespace {

using boost::asio::ip::tcp;

constexpr auto pause_when_full = std::chrono::milliseconds(250);
constexpr int backlog = 1024;

std::string to_text(const tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
           std::to_string(endpoint.port());
}

// Live connections by address. Slots may outlive the acceptor, so both hold it.
class Census {
  public:
    std::size_t open() const { return open_.load(); }

    // Null when this address has `limit` connections already.
    static ConnectionSlot enter(const std::shared_ptr<Census>& census,
                                const boost::asio::ip::address& address, std::size_t limit) {
        {
            const std::lock_guard lock(census->mutex_);
            std::size_t& count = census->by_address_[address];
            if (count >= limit) return nullptr;
            ++count;
        }
        ++census->open_;
        return {census.get(), [census, address](void*) { census->leave(address); }};
    }

  private:
    void leave(const boost::asio::ip::address& address) {
        --open_;
        const std::lock_guard lock(mutex_);
        const auto entry = by_address_.find(address);
        if (entry != by_address_.end() && --entry->second == 0) by_address_.erase(entry);
    }

    std::atomic<std::size_t> open_{0};
    std::mutex mutex_;
    std::map<boost::asio::ip::address, std::size_t> by_address_;
};

}  // namespace

boost::asio::ip::address counted_as(const boost::asio::ip::address& address) {
    if (!address.is_v6()) return address;
    boost::asio::ip::address_v6 v6 = address.to_v6();
    if (v6.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6);
    auto bytes = v6.to_bytes();
    std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), std::uint8_t{0});
    return boost::asio::ip::address_v6(bytes);
}

// Everything but counters() runs on core_; the thread is joined before the object goes, so handlers hold
// `this`.
class Acceptor::Impl {
  public:
    Impl(const AcceptorSettings& settings, std::unique_ptr<TlsServerContext> tls, base::Logger log,
         OnAccept on_accept)
        : settings_(settings),
          tls_(std::move(tls)),
          log_(std::move(log)),
          on_accept_(std::move(on_accept)),
          core_(0, "accept"),
          acceptor_(core_.io()),
          pause_(core_.io()) {
        rlimit limit{};
        if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) descriptor_limit_ = limit.rlim_cur;
    }

    base::Result<> bind() {
        boost::system::error_code error;
        const auto address = boost::asio::ip::make_address(settings_.host, error);
        if (error)
            return base::fail(
                base::ErrorCode::invalid_argument,
                "'" + settings_.host + "' is not an IP address to listen on: use 0.0.0.0 for all");
        const tcp::endpoint endpoint(address, settings_.port);
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(backlog, error);
        if (!error) acceptor_.non_blocking(true, error);
        if (error)
            return base::fail(base::ErrorCode::conflict,
                              "cannot listen on " + to_text(endpoint) + ": " + error.message() +
                                  ". Stop what uses the port, or choose another one");
        port_ = acceptor_.local_endpoint(error).port();
        return {};
    }

    void start() {
        boost::asio::post(core_.io(), [this] { wait(); });
    }

    void stop() {
        core_.stop();
        boost::system::error_code ignored;
        acceptor_.close(ignored);
    }

    std::uint16_t port() const { return port_; }

    AcceptorCounters counters() const {
        return {accepted_,   times_full_, refused_scarce_, refused_per_address_,
                tls_failed_, tls_late_,   census_->open()};
    }

    ~Impl() { stop(); }

  private:
    struct Shake {
        UniqueFd fd;
        SslPtr ssl;
        std::string peer;
        ConnectionSlot slot;
        tcp::socket socket;
        boost::asio::steady_timer deadline;
        bool done = false;
    };

    void wait() {
        acceptor_.async_wait(tcp::acceptor::wait_read, [this](const auto& failed) {
            if (!failed) take_all();
        });
    }

    void take_all() {
        // A bounded round, so that handshakes under way have their turn in a flood.
        for (int round = 0; round < 64; ++round) {
            if (census_->open() >= settings_.max_connections) {
                if (round > 0) break;  // who knows whether there is anybody else
                if (!resting_) ++times_full_;
                return rest();
            }
            tcp::endpoint from;
            socklen_t length = static_cast<socklen_t>(from.capacity());
            UniqueFd fd(
                ::accept4(acceptor_.native_handle(), from.data(), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!fd) {
                if (errno == EAGAIN || errno == EWOULDBLOCK) break;
                if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                    ++refused_scarce_;
                    return rest();
                }
                continue;  // the newcomer went away in the queue
            }
            from.resize(length);
            if (!admit(std::move(fd), from)) return rest();
        }
        resting_ = false;
        wait();
    }

    // False when there are no descriptors to spare, so that accepting should rest for a moment.
    bool admit(UniqueFd fd, const tcp::endpoint& from) {
        if (static_cast<std::size_t>(fd.get()) + settings_.reserved_descriptors >= descriptor_limit_) {
            ++refused_scarce_;
            return false;
        }
        ConnectionSlot slot = Census::enter(census_, counted_as(from.address()), settings_.max_per_address);
        if (!slot) {
            ++refused_per_address_;
            return true;
        }
        ++accepted_;
        set_media_options(fd.get(), settings_.socket);
        if (!tls_) {
            on_accept_(std::make_unique<Transport>(std::move(fd), nullptr, to_text(from)), std::move(slot));
            return true;
        }
        auto ssl = tls_->accept(fd.get());
        if (!ssl) return true;
        boost::system::error_code error;
        tcp::socket socket(core_.io());
        socket.assign(from.protocol(), fd.get(), error);
        if (error) return true;
        auto shake =
            std::make_shared<Shake>(Shake{std::move(fd), std::move(*ssl), to_text(from), std::move(slot),
                                          std::move(socket), boost::asio::steady_timer(core_.io())});
        shake->deadline.expires_after(settings_.tls_deadline);
        shake->deadline.async_wait([this, shake](const boost::system::error_code& cancelled) {
            if (cancelled || shake->done) return;
            ++tls_late_;
            drop(*shake);
        });
        shake_hands(shake);
        return true;
    }

    void shake_hands(const std::shared_ptr<Shake>& shake) {
        ERR_clear_error();
        const int done = SSL_do_handshake(shake->ssl.get());
        if (done == 1) {
            shake->done = true;
            shake->deadline.cancel();
            shake->socket.release();
            on_accept_(std::make_unique<Transport>(std::move(shake->fd), std::move(shake->ssl), shake->peer),
                       std::move(shake->slot));
            return;
        }
        const int want = SSL_get_error(shake->ssl.get(), done);
        if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) return drop(*shake);
        shake->socket.async_wait(
            want == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write,
            [this, shake](const boost::system::error_code& failed) {
                if (!failed && !shake->done) shake_hands(shake);
            });
    }

    void drop(Shake& shake) {
        if (shake.done) return;
        shake.done = true;
        ++tls_failed_;
        shake.deadline.cancel();
        boost::system::error_code ignored;
        shake.socket.release(ignored);
        shake.ssl.reset();
        shake.fd.reset();
        shake.slot.reset();
    }

    void rest() {
        if (!std::exchange(resting_, true))
            log_.warn("no room for more connections; newcomers wait", {{"port", port_}});
        pause_.expires_after(pause_when_full);
        pause_.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled) wait();
        });
    }

    AcceptorSettings settings_;
    std::unique_ptr<TlsServerContext> tls_;
    base::Logger log_;
    OnAccept on_accept_;
    Core core_;
    tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::shared_ptr<Census> census_ = std::make_shared<Census>();
    std::size_t descriptor_limit_ = 1024;
    std::uint16_t port_ = 0;
    bool resting_ = false;  // since there was no room
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> times_full_{0};
    std::atomic<std::uint64_t> refused_scarce_{0};
    std::atomic<std::uint64_t> refused_per_address_{0};
    std::atomic<std::uint64_t> tls_failed_{0};
    std::atomic<std::uint64_t> tls_late_{0};
};

Acceptor::Acceptor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Acceptor::~Acceptor() = default;

base::Result<std::unique_ptr<Acceptor>> Acceptor::listen(const AcceptorSettings& settings,
                                                         std::unique_ptr<TlsServerContext> tls,
                                                         base::Logger log, OnAccept on_accept) {
    auto impl = std::make_unique<Impl>(settings, std::move(tls), std::move(log), std::move(on_accept));
    if (auto bound = impl->bind(); !bound) return base::fail(std::move(bound).error());
    impl->start();
    return std::unique_ptr<Acceptor>(new Acceptor(std::move(impl)));
}

std::uint16_t Acceptor::port() const {
    return impl_->port();
}
AcceptorCounters Acceptor::counters() const {
    return impl_->counters();
}
void Acceptor::stop() {
    impl_->stop();
}

}  // namespace net
