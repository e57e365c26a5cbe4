#include "api/http/server.h"

#include <sys/resource.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "api/http/connection.h"
#include "api/http/worker_pool.h"
#include "net/acceptor.h"

namespace api::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
// After a failed accept (no file descriptors left, for one) the listener rests, so that it does not spin.
constexpr std::chrono::milliseconds accept_pause{100};
// How exactly deadlines end.
constexpr std::chrono::milliseconds beat_interval{50};
constexpr std::string_view full_answer =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

base::Result<Tcp::endpoint> parse_listen(std::string_view text) {
    const auto wrong = [&] {
        return base::fail(base::ErrorCode::invalid_argument,
                          "The HTTP address \"" + std::string(text) +
                              "\" is not HOST:PORT with a numeric host, such as 0.0.0.0:8000 or [::]:8000.");
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong();
    std::string host(text.substr(0, colon));
    const std::string port(text.substr(colon + 1));
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    boost::system::error_code failed;
    const auto address = asio::ip::make_address(host, failed);
    if (failed || port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string::npos)
        return wrong();
    const unsigned long number = std::stoul(port);
    if (number > 65535) return wrong();
    return Tcp::endpoint(address, static_cast<std::uint16_t>(number));
}

}  // namespace

struct Server::Impl {
    Impl(ServerSettings with, RequestSink& to, base::Logger logger)
        : settings(std::move(with)), sink(to), log(std::move(logger)) {
        rlimit limit{};
        if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) descriptor_limit = limit.rlim_cur;
    }

    base::Result<> open();
    base::Result<> load_certificate();
    asio::awaitable<void> accept_all();
    asio::awaitable<void> look_at_deadlines();
    void admit(Tcp::socket socket);
    void no_stranger(std::uint64_t id, const std::string& address);
    void forget(std::uint64_t id, const std::string& address);

    const ServerSettings settings;
    RequestSink& sink;
    base::Logger log;
    std::size_t descriptor_limit = 1024;

    // Only the io thread touches these; `count` is for everybody.
    struct Entry {
        std::weak_ptr<Connection> connection;
        bool stranger = true;
    };
    std::unordered_map<std::uint64_t, Entry> connections;
    struct FromAddress {
        std::size_t all = 0;
        std::size_t strangers = 0;
    };
    std::map<std::string, FromAddress> per_address;
    std::uint64_t next_id = 1;

    mutable std::mutex mutex;
    std::condition_variable emptied;
    std::size_t count = 0;

    // The loop goes before what its last connections still report to.
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> keep_running{io.get_executor()};
    std::optional<asio::ssl::context> tls;
    Tcp::acceptor acceptor{io};
    asio::steady_timer pause{io};
    asio::steady_timer beat{io};
    WorkerPool readers{settings.reader_threads, settings.reader_queue};
    std::thread thread;
    std::uint16_t port = 0;
    bool stopping = false;
};

base::Result<> Server::Impl::load_certificate() {
    if (settings.certificate_file.empty() && settings.key_file.empty()) return {};
    tls.emplace(asio::ssl::context::tls_server);
    boost::system::error_code failed;
    tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                         asio::ssl::context::no_tlsv1_1,
                     failed);
    tls->use_certificate_chain_file(settings.certificate_file, failed);
    if (failed)
        return base::fail(base::ErrorCode::unavailable, "The HTTPS certificate " + settings.certificate_file +
                                                            " cannot be used: " + failed.message() +
                                                            ". It must be a readable PEM chain.");
    tls->use_private_key_file(settings.key_file, asio::ssl::context::pem, failed);
    if (failed)
        return base::fail(base::ErrorCode::unavailable, "The HTTPS key " + settings.key_file +
                                                            " cannot be used: " + failed.message() +
                                                            ". It must be the PEM key of the certificate.");
    return {};
}

base::Result<> Server::Impl::open() {
    auto endpoint = parse_listen(settings.listen);
    if (!endpoint) return tl::unexpected(endpoint.error());
    if (auto loaded = load_certificate(); !loaded) return loaded;
    boost::system::error_code failed;
    acceptor.open(endpoint->protocol(), failed);
    if (!failed) acceptor.set_option(Tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor.bind(*endpoint, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed)
        return base::fail(base::ErrorCode::unavailable,
                          "The HTTP address " + settings.listen + " cannot be used: " + failed.message() +
                              ". Stop what uses it, or choose another with --http HOST:PORT.");
    port = acceptor.local_endpoint(failed).port();
    return {};
}

asio::awaitable<void> Server::Impl::accept_all() {
    while (!stopping) {
        auto [failed, socket] = co_await acceptor.async_accept(awaiting);
        if (stopping) break;
        if (!failed) {
            admit(std::move(socket));
            continue;
        }
        log.warn("http accept failed", {{"reason", failed.message()}});
        pause.expires_after(accept_pause);
        co_await pause.async_wait(awaiting);
    }
}

void Server::Impl::admit(Tcp::socket socket) {
    boost::system::error_code ignored;
    const auto peer = socket.remote_endpoint(ignored).address();
    const std::string address = net::counted_as(peer).to_string();
    const auto from_there = per_address.find(address);
    const bool too_many = from_there != per_address.end() &&
                          (from_there->second.all >= settings.max_connections_per_address ||
                           from_there->second.strangers >= settings.max_strangers_per_address) &&
                          !(settings.uncapped && settings.uncapped(peer.to_string()));
    const bool scarce =
        static_cast<std::size_t>(socket.native_handle()) + settings.reserved_descriptors >= descriptor_limit;
    if (too_many || scarce || connections.size() >= settings.max_connections) {
        settings.hits->add(too_many ? "http_connections_per_address"
                           : scarce ? "reserved_descriptors"
                                    : "http_connections");
        // A new socket's send buffer takes these bytes at once; where it does not, the client sees a close.
        socket.non_blocking(true, ignored);
        if (!tls) socket.write_some(asio::buffer(full_answer), ignored);
        return;
    }
    socket.set_option(Tcp::no_delay(true), ignored);
    const std::uint64_t id = next_id++;
    FromAddress& there = per_address[address];
    ++there.all;
    ++there.strangers;
    {
        const std::lock_guard lock(mutex);
        ++count;
    }
    const Surroundings surroundings{settings, sink, readers, tls ? tls->native_handle() : nullptr};
    auto connection = make_connection(std::move(socket), surroundings,
                                      {.served = [this, id, address] { no_stranger(id, address); },
                                       .closed = [this, id, address] { forget(id, address); }});
    connections.emplace(id, Entry{connection});
    if (connections.size() == 1) beat.cancel();
    connection->start();
}

void Server::Impl::no_stranger(std::uint64_t id, const std::string& address) {
    const auto found = connections.find(id);
    if (found != connections.end() && std::exchange(found->second.stranger, false))
        --per_address[address].strangers;
}

void Server::Impl::forget(std::uint64_t id, const std::string& address) {
    no_stranger(id, address);
    connections.erase(id);
    if (const auto entry = per_address.find(address); entry != per_address.end() && --entry->second.all == 0)
        per_address.erase(entry);
    const std::lock_guard lock(mutex);
    --count;
    emptied.notify_all();
}

// Rests while there is nobody.
asio::awaitable<void> Server::Impl::look_at_deadlines() {
    while (!stopping || !connections.empty()) {
        beat.expires_at(connections.empty() ? base::MonotonicTime::max()
                                            : std::chrono::steady_clock::now() + beat_interval);
        co_await beat.async_wait(awaiting);
        const base::MonotonicTime now = std::chrono::steady_clock::now();
        for (const auto& [id, entry] : connections)
            if (const auto connection = entry.connection.lock()) connection->tick(now);
    }
}

Server::Server(ServerSettings settings, RequestSink& sink, base::Logger log)
    : impl_(std::make_unique<Impl>(std::move(settings), sink, std::move(log))) {}

Server::~Server() {
    stop();
}

base::Result<> Server::start() {
    if (auto opened = impl_->open(); !opened) return opened;
    // The kernel's sendfile and TLS ask for it; nothing else of a client that has gone.
    std::signal(SIGPIPE, SIG_IGN);
    asio::co_spawn(impl_->io, impl_->accept_all(), asio::detached);
    asio::co_spawn(impl_->io, impl_->look_at_deadlines(), asio::detached);
    impl_->thread = std::thread([this] { impl_->io.run(); });
    return {};
}

void Server::stop() {
    if (!impl_->thread.joinable()) return;
    asio::post(impl_->io, [this] {
        impl_->stopping = true;
        boost::system::error_code ignored;
        impl_->acceptor.close(ignored);
        impl_->pause.cancel();
        impl_->beat.cancel();
        for (const auto& [id, entry] : impl_->connections)
            if (const auto connection = entry.connection.lock()) connection->drain();
    });
    {
        std::unique_lock lock(impl_->mutex);
        impl_->emptied.wait_for(lock, impl_->settings.stop_deadline, [this] { return impl_->count == 0; });
    }
    asio::post(impl_->io, [this] {
        for (const auto& [id, entry] : impl_->connections)
            if (const auto connection = entry.connection.lock()) connection->abort();
        impl_->keep_running.reset();
    });
    {
        // Connections whose handler never answers would hold the loop for ever.
        std::unique_lock lock(impl_->mutex);
        impl_->emptied.wait_for(lock, std::chrono::seconds(1), [this] { return impl_->count == 0; });
    }
    impl_->io.stop();
    impl_->thread.join();
    impl_->readers.stop();
}

std::uint16_t Server::port() const {
    return impl_->port;
}

std::size_t Server::connection_count() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->count;
}

}  // namespace api::http
