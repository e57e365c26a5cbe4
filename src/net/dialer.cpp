#include "net/dialer.h"

#include <openssl/err.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace net {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

}  // namespace

std::string_view to_string(DialStep step) {
    switch (step) {
        case DialStep::dns:
            return "dns";
        case DialStep::address:
            return "address";
        case DialStep::tcp:
            return "tcp";
        case DialStep::tls:
            return "tls";
    }
    return "dns";
}

// One attempt: a chain of steps on the dialer's thread. The handle that the caller holds and the steps that
// are under way own it together; `abandoned_` is the only thing that another thread touches.
class Dialer::Attempt : public std::enable_shared_from_this<Dialer::Attempt> {
  public:
    Attempt(Dialer& dialer, DialTarget target, std::function<void(Dialed)> answer)
        : dialer_(dialer),
          target_(std::move(target)),
          answer_(std::move(answer)),
          io_(dialer.core_.io()),
          socket_(io_),
          total_timer_(io_),
          step_timer_(io_) {}

    void start() {
        step_started_ = Clock::now();
        total_timer_.expires_after(dialer_.settings_.total);
        total_timer_.async_wait([self = weak_from_this()](const boost::system::error_code& cancelled) {
            if (const auto attempt = self.lock(); attempt && !cancelled) attempt->out_of_time();
        });
        const auto& policy = dialer_.settings_.policy;
        if (policy && !policy->port_allowed(target_.port)) return refuse(Verdict::port_not_allowed);
        watch(dialer_.settings_.dns);
        dialer_.resolver_.resolve(target_.host, [self = shared_from_this()](auto found) {
            boost::asio::post(
                self->io_, [self, found = std::move(found)]() mutable { self->resolved(std::move(found)); });
        });
    }

    void abandon() { abandoned_ = true; }

  private:
    // Fails the current step, or moves on to the next address, when it takes longer than `limit`.
    void watch(std::chrono::milliseconds limit) {
        step_timer_.expires_after(limit);
        step_timer_.async_wait([self = weak_from_this()](const boost::system::error_code& cancelled) {
            if (const auto attempt = self.lock(); attempt && !cancelled) attempt->step_out_of_time();
        });
    }

    void resolved(base::Result<std::vector<boost::asio::ip::address>> found) {
        if (done_ || step_ != DialStep::dns) return;
        step_timer_.cancel();
        if (!found)
            return fail(DialProblem::dns_failed,
                        "cannot find " + target_.host + ": " + found.error().message);
        finish_step(DialStep::address);
        Verdict last_verdict = Verdict::address_not_allowed;
        for (const auto& address : *found) {
            const auto& policy = dialer_.settings_.policy;
            const Verdict verdict = policy ? policy->judge({address, target_.port}) : Verdict::allowed;
            if (verdict == Verdict::allowed)
                addresses_.push_back(address);
            else
                last_verdict = verdict;
        }
        if (addresses_.empty()) return refuse(last_verdict);
        step_ = DialStep::tcp;
        step_started_ = Clock::now();
        connect_next();
    }

    // The same words for every kind of address: they must not tell what is there.
    void refuse(Verdict verdict) {
        step_ = DialStep::address;
        std::string why;
        switch (verdict) {
            case Verdict::this_server:
                why = where() + " is this server itself: the stream would come back to where it came from";
                break;
            case Verdict::port_not_allowed:
                why = "this server does not connect to port " + std::to_string(target_.port) +
                      " (setting destination_ports)";
                break;
            case Verdict::address_not_allowed:
            case Verdict::allowed:
                why = target_.host +
                      " is a private or reserved address, which this server does not connect to (setting "
                      "allow_private_addresses)";
                break;
        }
        fail(DialProblem::address_not_allowed, std::move(why));
    }

    void connect_next() {
        const tcp::endpoint endpoint(addresses_[next_address_++], target_.port);
        boost::system::error_code ignored;
        socket_.close(ignored);
        boost::system::error_code error;
        socket_.open(endpoint.protocol(), error);
        if (error) return fail(DialProblem::unreachable, "cannot open a socket: " + error.message());
        set_media_options(socket_.native_handle(), dialer_.settings_.socket);
        const bool last = next_address_ == addresses_.size();
        watch(last ? dialer_.settings_.total : dialer_.settings_.address);
        peer_ = endpoint.address().is_v6()
                    ? "[" + endpoint.address().to_string() + "]:" + std::to_string(target_.port)
                    : endpoint.address().to_string() + ":" + std::to_string(target_.port);
        socket_.async_connect(
            endpoint, [self = shared_from_this(), turn = next_address_](const auto& failed) {
                if (self->done_ || turn != self->next_address_ || self->step_ != DialStep::tcp) return;
                self->connected(failed);
            });
    }

    void connected(const boost::system::error_code& failed) {
        step_timer_.cancel();
        if (failed && next_address_ < addresses_.size()) return connect_next();
        if (failed == boost::asio::error::connection_refused)
            return fail(DialProblem::refused, where() + " refused the connection: nothing listens there");
        if (failed == boost::asio::error::timed_out)
            return fail(DialProblem::timed_out, where() + " did not answer");
        if (failed)
            return fail(DialProblem::unreachable, where() + " cannot be reached: " + failed.message());
        finish_step(DialStep::tls);
        boost::system::error_code ignored;
        socket_.native_non_blocking(true, ignored);
        if (!target_.tls) return succeed();
        auto ssl = dialer_.tls_.connect(socket_.native_handle(), target_.host);
        if (!ssl) return fail(DialProblem::tls_failed, ssl.error().message);
        ssl_ = std::move(*ssl);
        watch(dialer_.settings_.tls);
        shake_hands();
    }

    void shake_hands() {
        ERR_clear_error();
        const int done = SSL_do_handshake(ssl_.get());
        if (done == 1) {
            finish_step(DialStep::tls);
            return succeed();
        }
        const int want = SSL_get_error(ssl_.get(), done);
        if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) {
            const bool dropped = want == SSL_ERROR_SYSCALL || want == SSL_ERROR_ZERO_RETURN;
            return fail(DialProblem::tls_failed, where() + ": TLS failed: " +
                                                     (dropped ? "the server closed the connection"
                                                              : describe_tls_failure(ssl_.get())));
        }
        socket_.async_wait(want == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write,
                           [self = shared_from_this()](const boost::system::error_code& failed) {
                               if (!self->done_ && !failed) self->shake_hands();
                           });
    }

    void step_out_of_time() {
        if (done_) return;
        if (step_ == DialStep::tcp && next_address_ < addresses_.size()) return connect_next();
        out_of_time();
    }

    void out_of_time() {
        if (done_) return;
        switch (step_) {
            case DialStep::dns:
            case DialStep::address:
                return fail(DialProblem::dns_failed,
                            "cannot find " + target_.host + ": the name server did not answer");
            case DialStep::tcp:
                return fail(DialProblem::timed_out, where() + " did not answer");
            case DialStep::tls:
                return fail(DialProblem::timed_out, where() + " did not finish the TLS handshake");
        }
    }

    std::string where() const { return target_.host + ":" + std::to_string(target_.port); }

    void finish_step(DialStep next) {
        dialed_.steps.push_back({step_, since(step_started_)});
        step_ = next;
        step_started_ = Clock::now();
    }

    void succeed() {
        auto fd = UniqueFd(socket_.release());
        dialed_.transport = std::make_unique<Transport>(std::move(fd), std::move(ssl_), peer_);
        finish();
    }

    void fail(DialProblem problem, std::string message) {
        dialed_.steps.push_back({step_, since(step_started_)});
        dialed_.failure = DialFailure{step_, problem, std::move(message)};
        ssl_.reset();
        boost::system::error_code ignored;
        socket_.close(ignored);
        finish();
    }

    void finish() {
        done_ = true;
        total_timer_.cancel();
        step_timer_.cancel();
        const auto answer = std::move(answer_);
        if (!abandoned_) answer(std::move(dialed_));
    }

    Dialer& dialer_;
    DialTarget target_;
    std::function<void(Dialed)> answer_;
    boost::asio::io_context& io_;
    tcp::socket socket_;
    boost::asio::steady_timer total_timer_;
    boost::asio::steady_timer step_timer_;
    SslPtr ssl_;
    std::vector<boost::asio::ip::address> addresses_;
    std::size_t next_address_ = 0;
    std::string peer_;
    DialStep step_ = DialStep::dns;
    Clock::time_point step_started_;
    Dialed dialed_;
    bool done_ = false;
    std::atomic<bool> abandoned_{false};
};

Dialer::Dialer(DialerSettings settings, const ResolverSettings& resolver, TlsClientContext tls)
    : settings_(std::move(settings)), tls_(std::move(tls)), core_(0, "dialer"), resolver_(resolver) {}

Dialer::~Dialer() {
    core_.stop();
}

Dialer::Handle Dialer::dial(const DialTarget& target, std::function<void(Dialed)> answer) {
    auto attempt = std::make_shared<Attempt>(*this, target, std::move(answer));
    boost::asio::post(core_.io(), [attempt] { attempt->start(); });
    // What the caller holds is a guard around the attempt: when it goes, the answer is not called any more.
    return {attempt.get(), [attempt](Attempt* abandoned) { abandoned->abandon(); }};
}

}  // namespace net
