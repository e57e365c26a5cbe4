#include "api/http/connection.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

#include "api/http/disk_read.h"
#include "api/http/refusal.h"
#include "api/http/remote.h"
#include "api/http/request_parser.h"
#include "api/http/stream_framing.h"
#include "api/http/wire.h"
#include "base/limit_hits.h"

namespace api::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Code = boost::system::error_code;

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_buffer_limit = 64 * 1024;
constexpr std::size_t first_read = 4 * 1024;
constexpr std::size_t body_read = 16 * 1024;
// After a refusal the client may still be sending: what it sends is thrown away for a moment, because closing
// at once would reset the connection and take the answer with it.
constexpr std::size_t linger_bytes = 4 * 1024 * 1024;
constexpr std::chrono::milliseconds linger_deadline{2'000};
// How often is looked whether somebody who waits for an answer is still there. Who closes only their side of
// the connection after the question still gets an answer that is quick.
constexpr std::chrono::milliseconds look_interval{1'000};

class ClientConnection final : public Connection, public std::enable_shared_from_this<ClientConnection> {
  public:
    ClientConnection(asio::ip::tcp::socket socket, const Surroundings& server, ConnectionEvents events)
        : settings_(server.settings),
          sink_(server.sink),
          readers_(server.readers),
          events_(std::move(events)),
          executor_(socket.get_executor()),
          remote_(std::make_shared<Remote>(executor_)),
          wake_(executor_, base::MonotonicTime::max()),
          wire_(std::move(socket), server.tls, deadline_, settings_.write_deadline),
          buffer_(read_buffer_limit) {}

    ~ClientConnection() override {
        remote_->close();
        events_.closed();
    }

    void start() override {
        asio::co_spawn(
            executor_, [self = shared_from_this()] { return self->run(); }, asio::detached);
    }

    void tick(base::MonotonicTime now) override {
        if (deadline_.look(now)) {
            wire_.cancel();
            wake_.cancel();
        } else if (asking_ && now >= next_look_) {
            next_look_ = now + look_interval;
            if (!wire_.peer_closed()) return;
            peer_gone_ = true;
            wake_.cancel();
        }
    }

    void drain() override {
        draining_ = true;
        if (idle_) wire_.cancel();
        wake_.cancel();
    }

    void abort() override { wire_.close(); }

  private:
    asio::awaitable<void> run() {
        peer_ = wire_.peer();
        if (wire_.secure()) {
            deadline_.set(settings_.tls_deadline);
            const Code failed = co_await wire_.handshake();
            if (failed) {
                count_if_late("http_tls_seconds");
                co_return wire_.close();
            }
        }
        while (co_await first_byte())
            if (!co_await serve_one()) break;
        co_await close();
    }

    // Waits until a request begins. Part of it may have come with the one before.
    asio::awaitable<bool> first_byte() {
        if (buffer_.size() > 0) co_return !draining_;
        if (draining_) co_return false;
        idle_ = true;
        deadline_.set(served_ ? settings_.idle_deadline : settings_.header_deadline);
        const Code failed = co_await fill(first_read);
        idle_ = false;
        // Between two requests a connection may rest until it is closed; that is how it should be.
        if (failed && !served_) count_if_late("http_header_seconds");
        co_return !failed && !draining_;
    }

    asio::awaitable<Code> fill(std::size_t size) {
        const auto [failed, count] = co_await wire_.read_some(buffer_.prepare(size));
        buffer_.commit(count);
        co_return failed;
    }

    // One request and its answer. False when the connection ends here.
    asio::awaitable<bool> serve_one() {
        RequestParser parser(settings_);
        deadline_.set(settings_.header_deadline);
        parser.eager(false);
        Code failed = co_await parse(parser, first_read);
        if (failed) count_if_late("http_header_seconds");
        if (!failed && !parser.has_its_host()) failed = bhttp::error::bad_value;
        if (failed) co_return co_await refuse(failed);

        if (!parser.is_done()) {
            deadline_.set(settings_.body_deadline);
            if (parser.expects_continue()) {
                failed = co_await wire_.write("HTTP/1.1 100 Continue\r\n\r\n");
                if (failed) co_return false;
                deadline_.set(settings_.body_deadline);
            }
            parser.eager(true);
            failed = co_await parse(parser, body_read);
            if (failed) {
                count_if_late("http_body_seconds");
                co_return co_await refuse(failed);
            }
        }
        if (!std::exchange(served_, true)) events_.served();

        Request& request = parser.request();
        request.peer_address = peer_;
        request.secure = wire_.secure();
        const bool head_only = request.method == Method::head;
        const bool chunkable = !request.http_1_0;
        const bool may_stay = parser.keep_alive();
        std::optional<Response> response = co_await ask(std::move(request));
        if (!response) co_return false;
        const bool keep_alive = may_stay && !response->close && !draining_;
        if (response->source && !head_only) {
            co_await write_source(*response, chunkable);
            co_return false;
        }
        co_return co_await write(*response, keep_alive, head_only) && keep_alive;
    }

    // Until the header is done; with an eager parser until all of it is.
    asio::awaitable<Code> parse(RequestParser& parser, std::size_t read_size) {
        for (;;) {
            if (buffer_.size() > 0) {
                Code failed;
                buffer_.consume(parser.put(asio::const_buffer(buffer_.data()), failed));
                if (failed && failed != bhttp::error::need_more) co_return failed;
                if (parser.eager() ? parser.is_done() : parser.is_header_done()) break;
                if (!failed) continue;
            }
            if (buffer_.size() + read_size > read_buffer_limit) co_return bhttp::error::buffer_overflow;
            const Code failed = co_await fill(read_size);
            if (failed == asio::error::eof)
                co_return parser.got_some() ? bhttp::error::partial_message : bhttp::error::end_of_stream;
            if (failed) co_return failed;
        }
        // A connection that waits, or rests, keeps no more than it began with.
        if (buffer_.size() == 0 && buffer_.capacity() > first_read) buffer_.shrink_to_fit();
        co_return Code();
    }

    // Nothing when the client has gone meanwhile.
    asio::awaitable<std::optional<Response>> ask(Request request) {
        const auto answer = std::make_shared<Awaited<Response>>();
        deadline_.clear();
        next_look_ = std::chrono::steady_clock::now() + look_interval;
        asking_ = true;
        sink_.handle(std::move(request), Reply([remote = remote_, self = weak_from_this(),
                                                slot = std::weak_ptr(answer)](Response response) {
                         remote->run([self, slot, response = std::move(response)]() mutable {
                             const auto waiting = slot.lock();
                             const auto connection = self.lock();
                             if (!waiting || !connection) return;
                             waiting->value = std::move(response);
                             connection->wake_.cancel();
                         });
                     }));
        if (!answer->value && buffer_.size() == 0) buffer_.shrink_to_fit();
        while (!answer->value && !peer_gone_) co_await wake_.async_wait(awaiting);
        asking_ = false;
        co_return std::move(answer->value);
    }

    asio::awaitable<bool> write(Response& response, bool keep_alive, bool head_only) {
        // One that is streamed has no length before it has ended.
        const Framing framing = response.source ? Framing::chunked : Framing::length;
        const std::string head = render_head(response, framing, keep_alive, std::chrono::system_clock::now());
        const std::string_view body = head_only || response.file.file ? std::string_view()
                                      : response.text                 ? std::string_view(*response.text)
                                                                      : std::string_view(response.body);
        const bool file_follows = !head_only && response.file.file && response.file.size > 0;
        std::array<iovec, 2> parts{
            {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}}};
        Code failed = co_await wire_.write(parts, file_follows);
        if (!failed && file_follows) {
            if (response.file.resident)
                failed = co_await wire_.send(response.file);
            else
                failed = co_await send_from_disk(response.file);
        }
        if (failed) count_if_late("http_write_seconds");
        co_return !failed;
    }

    // Pieces are read elsewhere, and only when the socket has room: a slow disk holds nobody else up, and a
    // slow reader holds no memory.
    asio::awaitable<Code> send_from_disk(const base::FileSlice& slice) {
        std::uint64_t done = 0;
        std::size_t size = DiskRead::first_size;
        while (done < slice.size) {
            const auto read = std::make_shared<Awaited<DiskRead>>();
            const auto arrived = [remote = remote_, self = weak_from_this(),
                                  slot = std::weak_ptr(read)](DiskRead piece) {
                remote->run([self, slot, piece = std::move(piece)]() mutable {
                    const auto waiting = slot.lock();
                    const auto connection = self.lock();
                    if (!waiting || !connection) return;
                    waiting->value = std::move(piece);
                    connection->wake_.cancel();
                });
            };
            const auto wanted = [slot = std::weak_ptr(read)] { return !slot.expired(); };
            if (!read_from_disk(readers_, slice.part(done, std::min<std::uint64_t>(size, slice.size - done)),
                                wanted, arrived))
                co_return asio::error::no_buffer_space;
            while (!read->value && !deadline_.passed()) co_await wake_.async_wait(awaiting);
            if (!read->value) co_return asio::error::timed_out;
            if (!read->value->whole) co_return asio::error::eof;

            base::Bytes bytes = std::move(read->value->bytes);
            const auto [failed, sent] = wire_.write_now(bytes);
            if (failed) co_return failed;
            done += sent;
            size = DiskRead::next_size(sent);
            if (sent == bytes.size()) continue;
            bytes = base::Bytes();
            const Code waited = co_await wire_.writable();
            if (waited) co_return waited;
        }
        co_return Code();
    }

    // Sends what the source has as it comes, and notices when the client goes away meanwhile.
    asio::awaitable<void> write_source(Response& response, bool chunkable) {
        streaming_.emplace(response.status == 101 ? Framing::websocket
                           : chunkable            ? Framing::chunked
                                                  : Framing::until_close);
        const std::string head =
            render_head(response, streaming_->how(), false, std::chrono::system_clock::now());
        Code failed = co_await wire_.write(head);
        if (!failed) failed = co_await pump(*response.source);
        if (failed) count_if_late("http_write_seconds");
        const auto ending = cut_off_ ? Ending::cut_off : draining_ ? Ending::stopping : Ending::whole;
        if (!failed && !peer_gone_) co_await wire_.write(streaming_->goodbye(ending));
    }

    bool stream_over() const { return peer_gone_ || draining_ || streaming_->over(); }

    asio::awaitable<Code> pump(base::ByteSource& source) {
        asio::co_spawn(
            executor_, [self = shared_from_this()] { return self->hear_peer(); }, asio::detached);
        const auto news = std::make_shared<Awaited<bool>>();
        source.start([remote = remote_, self = weak_from_this(), slot = std::weak_ptr(news)] {
            remote->run([self, slot] {
                const auto waiting = slot.lock();
                const auto connection = self.lock();
                if (!waiting || !connection) return;
                waiting->value = true;
                connection->wake_.cancel();
            });
        });
        base::GatherList pulled;
        base::GatherList framed;
        while (!stream_over()) {
            news->value.reset();
            pulled.clear();
            framed.clear();
            const auto pull = source.pull(std::chrono::steady_clock::now(), pulled);
            streaming_->add(pulled, framed);
            const Code failed = co_await wire_.write(framed);
            if (failed) co_return failed;
            cut_off_ = pull.end && pull.cut_off;
            if (pull.end) break;
            if (news->value || streaming_->has_to_answer() || stream_over()) continue;
            deadline_.clear();
            wake_.expires_at(pull.next);
            co_await wake_.async_wait(awaiting);
        }
        co_return Code();
    }

    asio::awaitable<void> hear_peer() {
        std::array<char, 512> bytes;
        while (!streaming_->over()) {
            const auto [failed, count] = co_await wire_.read_some(asio::buffer(bytes));
            if (failed) {
                peer_gone_ = true;
                break;
            }
            streaming_->hear(base::as_bytes({bytes.data(), count}));
            if (streaming_->how() == Framing::websocket) wake_.cancel();
        }
        wake_.cancel();
    }

    // Tells the client why, where there is something to tell; the connection is of no use afterwards.
    asio::awaitable<bool> refuse(Code failed) {
        if (auto refusal = refusal_for(failed, settings_)) {
            settings_.hits->add(refusal->error);
            Response response = sink_.refuse(refusal->status, refusal->error, peer_);
            linger_ = co_await write(response, false, false);
        }
        co_return false;
    }

    void count_if_late(std::string_view deadline) const {
        if (deadline_.passed()) settings_.hits->add(deadline);
    }

    asio::awaitable<void> close() {
        wire_.finish();
        if (linger_) {
            deadline_.set(linger_deadline);
            co_await wire_.discard(linger_bytes);
        }
        deadline_.clear();
        wire_.close();
    }

    const ServerSettings& settings_;
    RequestSink& sink_;
    WorkerPool& readers_;
    const ConnectionEvents events_;
    const asio::any_io_executor executor_;
    const std::shared_ptr<Remote> remote_;
    asio::steady_timer wake_;
    Deadline deadline_;
    Wire wire_;
    beast::flat_buffer buffer_;
    std::string peer_;
    base::MonotonicTime next_look_{};
    std::optional<StreamFraming> streaming_;
    bool cut_off_ = false;
    bool asking_ = false;
    bool idle_ = false;
    bool served_ = false;
    bool draining_ = false;
    bool peer_gone_ = false;
    bool linger_ = false;
};

}  // namespace

std::shared_ptr<Connection> make_connection(asio::ip::tcp::socket socket, const Surroundings& server,
                                            ConnectionEvents events) {
    return std::make_shared<ClientConnection>(std::move(socket), server, std::move(events));
}

}  // namespace api::http
