#include "api/http/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>

#include "api/http/signal.h"
#include "base/limit_hits.h"

namespace api::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using RequestParser = bhttp::request_parser<bhttp::string_body>;

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_buffer_limit = 64 * 1024;
constexpr std::size_t first_read = 4 * 1024;
// After a refusal the client may still be sending: what it sends is thrown away for a moment, because closing
// at once would reset the connection and take the answer with it.
constexpr std::size_t linger_bytes = 4 * 1024 * 1024;
constexpr std::chrono::milliseconds linger_deadline{2'000};
constexpr std::chrono::milliseconds tls_shutdown_deadline{1'000};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return out;
}

std::string peer_of(const asio::ip::tcp::socket& socket) {
    boost::system::error_code failed;
    const auto endpoint = socket.remote_endpoint(failed);
    if (failed) return {};
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address.to_string();
}

struct Refusal {
    int status;
    base::Error error;
};

// Nothing for a connection that simply ended or timed out: there is nobody to answer.
std::optional<Refusal> refusal_for(const boost::system::error_code& failed, const ServerSettings& settings) {
    using base::ErrorCode;
    if (failed == bhttp::error::end_of_stream || failed == beast::error::timeout) return std::nullopt;
    if (failed == bhttp::error::body_limit)
        return Refusal{413, base::about_limit("http_body_bytes",
                                              {ErrorCode::too_large,
                                               "The body is larger than " +
                                                   std::to_string(settings.max_body_bytes) + " bytes.",
                                               "",
                                               {{"limit", std::to_string(settings.max_body_bytes)}}})};
    if (failed == bhttp::error::header_limit || failed == bhttp::error::buffer_overflow)
        return Refusal{431, base::about_limit("http_header_bytes",
                                              {ErrorCode::bad_request,
                                               "The request's headers are larger than " +
                                                   std::to_string(settings.max_header_bytes) + " bytes.",
                                               "headers_too_large"})};
    if (failed.category() == bhttp::make_error_code(bhttp::error::bad_value).category() &&
        failed != bhttp::error::partial_message)
        return Refusal{
            400, {ErrorCode::bad_request, "The bytes sent are not an HTTP request.", "malformed_request"}};
    return std::nullopt;
}

Request to_request(const bhttp::request<bhttp::string_body>& message, std::string peer, bool secure) {
    Request request;
    request.method = method_of(std::string_view(message.method_string()));
    const std::string_view target(message.target());
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    for (const auto& field : message)
        request.headers.push_back({lower(std::string_view(field.name_string())), std::string(field.value())});
    request.peer_address = std::move(peer);
    request.secure = secure;
    return request;
}

template <class Stream>
class StreamConnection final : public Connection,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
  public:
    StreamConnection(Stream stream, const ServerSettings& settings, RequestSink& sink,
                     std::function<void()> closed)
        : stream_(std::move(stream)),
          settings_(settings),
          sink_(sink),
          closed_(std::move(closed)),
          buffer_(read_buffer_limit) {}

    ~StreamConnection() override { closed_(); }

    void start() override {
        asio::co_spawn(
            stream_.get_executor(), [self = this->shared_from_this()] { return self->run(); },
            asio::detached);
    }

    void drain() override {
        draining_ = true;
        if (idle_) lowest().cancel();
        if (streaming_) streaming_->raise();
    }

    void abort() override { lowest().close(); }

  private:
    static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;

    beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

    asio::awaitable<void> run() {
        peer_ = peer_of(lowest().socket());
        if constexpr (is_tls) {
            lowest().expires_after(settings_.tls_deadline);
            const auto [failed] = co_await stream_.async_handshake(asio::ssl::stream_base::server, awaiting);
            count_if_late(failed, "http_tls_seconds");
            if (failed) co_return;
        }
        bool first = true;
        while (co_await first_byte(first ? settings_.header_deadline : settings_.idle_deadline)) {
            first = false;
            if (!co_await serve_one()) break;
        }
        co_await close();
    }

    // Waits until a request begins. Part of it may have come with the one before.
    asio::awaitable<bool> first_byte(std::chrono::milliseconds within) {
        if (buffer_.size() > 0) co_return !draining_;
        if (draining_) co_return false;
        idle_ = true;
        lowest().expires_after(within);
        const auto [failed, count] = co_await stream_.async_read_some(buffer_.prepare(first_read), awaiting);
        idle_ = false;
        buffer_.commit(count);
        // Between two requests a connection may rest until it is closed; that is how it should be.
        if (!served_) count_if_late(failed, "http_header_seconds");
        co_return !failed && !draining_;
    }

    // One request and its answer. False when the connection ends here.
    asio::awaitable<bool> serve_one() {
        RequestParser parser;
        parser.header_limit(static_cast<std::uint32_t>(settings_.max_header_bytes));
        parser.body_limit(settings_.max_body_bytes);

        lowest().expires_after(settings_.header_deadline);
        const auto [head_failed, head_count] =
            co_await bhttp::async_read_header(stream_, buffer_, parser, awaiting);
        count_if_late(head_failed, "http_header_seconds");
        if (head_failed) co_return co_await refuse(head_failed);
        const auto& message = parser.get();
        const bool chunkable = message.version() >= 11;
        if (message.count(bhttp::field::host) > 1 || (chunkable && message.count(bhttp::field::host) == 0))
            co_return co_await refuse(bhttp::error::bad_value);

        lowest().expires_after(settings_.body_deadline);
        if (beast::iequals(message[bhttp::field::expect], "100-continue") && !parser.is_done()) {
            constexpr std::string_view continue_answer = "HTTP/1.1 100 Continue\r\n\r\n";
            const auto [failed, count] =
                co_await asio::async_write(stream_, asio::buffer(continue_answer), awaiting);
            if (failed) co_return false;
        }
        const auto [body_failed, body_count] = co_await bhttp::async_read(stream_, buffer_, parser, awaiting);
        count_if_late(body_failed, "http_body_seconds");
        if (body_failed) co_return co_await refuse(body_failed);
        served_ = true;

        Request request = to_request(message, peer_, is_tls);
        request.body = std::move(parser.get().body());
        const bool head_only = request.method == Method::head;
        bool keep_alive = parser.keep_alive();

        Response response = co_await ask(std::move(request));
        keep_alive = keep_alive && !response.close && !draining_;
        if (response.source && !head_only) {
            co_await write_stream(response, chunkable);
            co_return false;
        }
        co_return co_await write(response, keep_alive, head_only) && keep_alive;
    }

    asio::awaitable<Response> ask(Request request) {
        auto signal = std::make_shared<Signal>(stream_.get_executor());
        sink_.handle(std::move(request),
                     Reply([remote = signal->remote, waiting = std::weak_ptr(signal)](Response response) {
                         remote->post([waiting, response = std::move(response)]() mutable {
                             const auto still = waiting.lock();
                             if (!still) return;
                             still->response = std::move(response);
                             still->raise();
                         });
                     }));
        while (!signal->ready) co_await signal->timer.async_wait(awaiting);
        co_return std::move(*signal->response);
    }

    asio::awaitable<bool> write(const Response& response, bool keep_alive, bool head_only) {
        const std::string head =
            render_head(response, Framing::length, keep_alive, std::chrono::system_clock::now());
        const std::array<asio::const_buffer, 2> parts{
            asio::buffer(head), asio::buffer(head_only ? std::string_view() : response.body)};
        lowest().expires_after(settings_.write_deadline);
        const auto [failed, count] = co_await asio::async_write(stream_, parts, awaiting);
        count_if_late(failed, "http_write_seconds");
        co_return !failed;
    }

    asio::awaitable<bool> write_text(const std::string& text) {
        lowest().expires_after(settings_.write_deadline);
        const auto [failed, count] = co_await asio::async_write(stream_, asio::buffer(text), awaiting);
        count_if_late(failed, "http_write_seconds");
        co_return !failed;
    }

    // Sends what the source has as it comes, and notices when the client goes away meanwhile.
    asio::awaitable<void> write_stream(Response& response, bool chunked) {
        auto signal = std::make_shared<Signal>(stream_.get_executor());
        streaming_ = signal;
        streamed_ = true;
        lowest().expires_never();
        asio::co_spawn(
            stream_.get_executor(), [self = this->shared_from_this()] { return self->watch_peer(); },
            asio::detached);
        response.source->start([remote = signal->remote, waiting = std::weak_ptr(signal)] {
            remote->post([waiting] {
                if (const auto still = waiting.lock()) still->raise();
            });
        });

        const std::string head = render_head(response, chunked ? Framing::chunked : Framing::until_close,
                                             false, std::chrono::system_clock::now());
        bool open = co_await write_text(head);
        while (open && !peer_gone_ && !draining_) {
            signal->ready = false;
            BodySource::Piece piece = response.source->pull(std::chrono::steady_clock::now());
            if (!piece.bytes.empty()) {
                if (chunked) piece.bytes = chunk(piece.bytes);
                open = co_await write_text(piece.bytes);
            }
            if (piece.end || !open) break;
            if (signal->ready || peer_gone_ || draining_) continue;
            signal->timer.expires_at(piece.next_pull);
            co_await signal->timer.async_wait(awaiting);
        }
        if (open && chunked && !peer_gone_) {
            const std::string last_chunk = "0\r\n\r\n";
            co_await write_text(last_chunk);
        }
        streaming_.reset();
    }

    static std::string chunk(const std::string& bytes) {
        char size[20];
        const int digits = std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
        return std::string(size, static_cast<std::size_t>(digits)) + bytes + "\r\n";
    }

    asio::awaitable<void> watch_peer() {
        std::array<char, 512> ignored;
        for (;;) {
            const auto [failed, count] = co_await stream_.async_read_some(asio::buffer(ignored), awaiting);
            if (failed) break;
        }
        peer_gone_ = true;
        if (streaming_) streaming_->raise();
    }

    // Tells the client why, where there is something to tell; the connection is of no use afterwards.
    asio::awaitable<bool> refuse(boost::system::error_code failed) {
        if (auto refusal = refusal_for(failed, settings_)) {
            settings_.hits->add(refusal->error);
            const Response response = sink_.refuse(refusal->status, refusal->error, peer_);
            linger_ = co_await write(response, false, false);
        }
        co_return false;
    }

    void count_if_late(const boost::system::error_code& failed, std::string_view deadline) const {
        if (failed == beast::error::timeout) settings_.hits->add(deadline);
    }

    asio::awaitable<void> close() {
        if constexpr (is_tls) {
            lowest().expires_after(tls_shutdown_deadline);
            // A stream of events is still being read from, and its last chunk said goodbye already.
            if (!streamed_) co_await stream_.async_shutdown(awaiting);
        } else {
            boost::system::error_code ignored;
            lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
            if (linger_) co_await discard_rest();
        }
        lowest().close();
    }

    asio::awaitable<void> discard_rest() {
        buffer_.clear();
        lowest().expires_after(linger_deadline);
        for (std::size_t total = 0; total < linger_bytes;) {
            const auto [failed, count] =
                co_await stream_.async_read_some(buffer_.prepare(first_read), awaiting);
            if (failed) break;
            total += count;
        }
    }

    Stream stream_;
    const ServerSettings& settings_;
    RequestSink& sink_;
    std::function<void()> closed_;
    beast::flat_buffer buffer_;
    std::string peer_;
    std::shared_ptr<Signal> streaming_;
    bool idle_ = false;
    bool served_ = false;
    bool draining_ = false;
    bool streamed_ = false;
    bool peer_gone_ = false;
    bool linger_ = false;
};

}  // namespace

std::shared_ptr<Connection> make_connection(asio::ip::tcp::socket socket, const ServerSettings& settings,
                                            RequestSink& sink, asio::ssl::context* tls,
                                            std::function<void()> closed) {
    if (tls)
        return std::make_shared<StreamConnection<TlsStream>>(TlsStream(std::move(socket), *tls), settings,
                                                             sink, std::move(closed));
    return std::make_shared<StreamConnection<PlainStream>>(PlainStream(std::move(socket)), settings, sink,
                                                           std::move(closed));
}

}  // namespace api::http
