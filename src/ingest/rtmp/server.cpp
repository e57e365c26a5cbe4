#include "ingest/rtmp/server.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>

#include "ingest/rtmp/connection.h"

namespace ingest::rtmp {
namespace {

constexpr auto tick_every = std::chrono::milliseconds(200);

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
  public:
    Impl(const ServerSettings& settings, net::IoPool& pool, std::shared_ptr<StreamDesk> desk,
         PublishGate& gate, const hub::Registry& registry, const base::Clock& clock, base::Logger log,
         base::LimitHits& hits, OnPlayer on_player)
        : settings_(settings), pool_(pool), desk_(std::move(desk)), clock_(clock), log_(std::move(log)) {
        for (std::size_t i = 0; i < pool.size(); ++i) {
            auto context = std::make_shared<ConnectionContext>(ConnectionContext{settings_,
                                                                                 pool.core(i),
                                                                                 desk_,
                                                                                 gate,
                                                                                 registry,
                                                                                 clock,
                                                                                 log_,
                                                                                 on_player,
                                                                                 counters_,
                                                                                 hits,
                                                                                 {},
                                                                                 {}});
            cores_.push_back(
                {std::move(context), std::make_unique<boost::asio::steady_timer>(pool.core(i).io())});
        }
    }

    base::Result<> start() {
        const auto on_accept = [self = weak_from_this()](net::TransportPtr transport,
                                                         net::ConnectionSlot slot) {
            if (const auto server = self.lock()) server->adopt(std::move(transport), std::move(slot));
        };
        auto plain = net::Acceptor::listen(settings_.rtmp, nullptr, log_, on_accept);
        if (!plain) return base::fail(std::move(plain).error().within("RTMP"));
        rtmp_ = std::move(*plain);
        if (settings_.rtmps) {
            auto tls = net::TlsServerContext::make(settings_.certificate_file, settings_.key_file);
            if (!tls) return base::fail(std::move(tls).error().within("RTMPS"));
            auto secure = net::Acceptor::listen(
                *settings_.rtmps, std::make_unique<net::TlsServerContext>(std::move(*tls)), log_, on_accept);
            if (!secure) return base::fail(std::move(secure).error().within("RTMPS"));
            rtmps_ = std::move(*secure);
        }
        for (std::size_t i = 0; i < cores_.size(); ++i)
            boost::asio::post(pool_.core(i).io(), [self = shared_from_this(), i] { self->tick(i); });
        return {};
    }

    void stop() {
        if (stopping_.exchange(true)) return;
        if (rtmp_) rtmp_->stop();
        if (rtmps_) rtmps_->stop();
        for (PerCore& core : cores_) {
            // Waited for, so that nobody uses what the caller destroys next.
            std::promise<void> done;
            boost::asio::post(core.context->core.io(), [&core, &done] {
                core.timer->cancel();
                const auto connections = core.context->connections;
                for (const auto& connection : connections)
                    connection->go_away("the server is stopping: connect again soon");
                core.context->connections.clear();
                done.set_value();
            });
            done.get_future().wait();
        }
    }

    std::uint16_t rtmp_port() const { return rtmp_->port(); }
    std::uint16_t rtmps_port() const { return rtmps_ ? rtmps_->port() : std::uint16_t{0}; }

    ServerCounters counters() const {
        ServerCounters all;
        all.rtmp = rtmp_->counters();
        if (rtmps_) all.rtmps = rtmps_->counters();
        all.protocol_errors = counters_.protocol_errors;
        all.deadlines_passed = counters_.deadlines_passed;
        all.publish_refused = counters_.publish_refused;
        all.connections = counters_.connections;
        return all;
    }

  private:
    struct PerCore {
        std::shared_ptr<ConnectionContext> context;
        std::unique_ptr<boost::asio::steady_timer> timer;
    };

    void adopt(net::TransportPtr transport, net::ConnectionSlot slot) {
        const std::size_t index = next_core_++ % cores_.size();
        auto owned = std::make_shared<std::pair<net::TransportPtr, net::ConnectionSlot>>(std::move(transport),
                                                                                         std::move(slot));
        boost::asio::post(pool_.core(index).io(), [self = shared_from_this(), index, owned] {
            if (self->stopping_) return;
            const auto& context = self->cores_[index].context;
            auto connection =
                std::make_shared<Connection>(context, std::move(owned->first), std::move(owned->second));
            context->connections.insert(connection);
            connection->start();
        });
    }

    void tick(std::size_t index) {
        if (stopping_) return;
        PerCore& core = cores_[index];
        const base::MonotonicTime now = clock_.now();
        // A copy, because a tick may close some.
        const std::vector<std::shared_ptr<Connection>> connections(core.context->connections.begin(),
                                                                   core.context->connections.end());
        for (const auto& connection : connections) connection->tick(now);
        core.timer->expires_at(net::next_beat(pool_.core(index).now(), tick_every));
        core.timer->async_wait([self = weak_from_this(), index](const boost::system::error_code& cancelled) {
            if (const auto server = self.lock(); server && !cancelled) server->tick(index);
        });
    }

    ServerSettings settings_;
    net::IoPool& pool_;
    std::shared_ptr<StreamDesk> desk_;
    const base::Clock& clock_;
    base::Logger log_;
    SharedCounters counters_;
    std::vector<PerCore> cores_;
    std::atomic<std::size_t> next_core_{0};
    std::atomic<bool> stopping_{false};
    std::unique_ptr<net::Acceptor> rtmp_;
    std::unique_ptr<net::Acceptor> rtmps_;
};

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
    stop();
}

base::Result<std::unique_ptr<Server>> Server::start(const ServerSettings& settings, net::IoPool& pool,
                                                    std::shared_ptr<StreamDesk> desk, PublishGate& gate,
                                                    const hub::Registry& registry, const base::Clock& clock,
                                                    base::Logger log, base::LimitHits& hits,
                                                    OnPlayer on_player) {
    auto impl = std::make_shared<Impl>(settings, pool, std::move(desk), gate, registry, clock, std::move(log),
                                       hits, std::move(on_player));
    auto server = std::unique_ptr<Server>(new Server(impl));
    if (auto started = impl->start(); !started) return base::fail(std::move(started).error());
    return server;
}

std::uint16_t Server::rtmp_port() const {
    return impl_->rtmp_port();
}
std::uint16_t Server::rtmps_port() const {
    return impl_->rtmps_port();
}
ServerCounters Server::counters() const {
    return impl_->counters();
}
void Server::stop() {
    impl_->stop();
}

}  // namespace ingest::rtmp
