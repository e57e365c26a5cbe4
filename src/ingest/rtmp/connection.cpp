#include "ingest/rtmp/connection.h"

#include <boost/asio/post.hpp>

namespace ingest::rtmp {
namespace {

using protocol::rtmp::ConnectInfo;
using protocol::rtmp::MediaReceived;
using protocol::rtmp::PausedByPlayer;
using protocol::rtmp::PlayEnded;
using protocol::rtmp::PlayRequested;
using protocol::rtmp::PublishEnded;
using protocol::rtmp::PublishRequested;

constexpr std::size_t read_size = 64 * 1024;
// So many reads of one turn, then others have theirs.
constexpr int reads_per_turn = 16;
// How long a peer that we said farewell to may take to read it.
constexpr auto linger_time = std::chrono::seconds(1);
constexpr std::string_view bad_name = "NetStream.Publish.BadName";
constexpr std::string_view stream_not_found = "NetStream.Play.StreamNotFound";

// The value of `name` in a query of `name=value&…`; keys and tokens of ours need no percent decoding.
std::string query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=')
            return std::string(part.substr(name.size() + 1));
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return {};
}

}  // namespace

Connection::Connection(std::shared_ptr<ConnectionContext> context, net::TransportPtr transport,
                       net::ConnectionSlot slot)
    : context_(std::move(context)),
      transport_(std::move(transport)),
      slot_(std::move(slot)),
      peer_(transport_->peer()),
      session_(context_->settings.session, context_->clock.now()),
      last_input_(context_->clock.now()) {
    ++context_->counters.connections;
}

Connection::~Connection() {
    --context_->counters.connections;
}

void Connection::start() {
    transport_->attach(context_->core.io());
    // TLS may have read the first bytes along with the handshake: look before waiting.
    on_readable();
}

void Connection::wait_readable() {
    transport_->wait_readable([self = weak_from_this()] {
        if (const auto connection = self.lock()) connection->on_readable();
    });
}

void Connection::on_readable() {
    // The context's set may let go of this connection in the middle.
    const auto self = shared_from_this();
    context_->read_buffer.resize(read_size);
    for (int turn = 0; turn < reads_per_turn && transport_; ++turn) {
        const net::IoResult got = transport_->read_some(context_->read_buffer);
        if (got.status == net::IoStatus::would_block) return wait_readable();
        if (got.status != net::IoStatus::ok)
            return close(got.status == net::IoStatus::closed ? "the encoder closed the connection"
                                                             : "connection lost: " + got.error);
        last_input_ = context_->clock.now();
        pinged_ = false;
        if (session_.closing())
            continue;  // what comes after our farewell is read, so that it can be delivered
        after_input(session_.consume(base::ByteView(context_->read_buffer).first(got.bytes), last_input_));
    }
    // There may be more, which a TLS socket would not announce again.
    if (transport_)
        boost::asio::post(context_->core.io(), [weak = weak_from_this()] {
            if (const auto connection = weak.lock(); connection && connection->transport_)
                connection->on_readable();
        });
}

void Connection::after_input(base::Result<> consumed) {
    while (transport_) {
        auto event = session_.next_event();
        if (!event) break;
        handle(std::move(*event));
    }
    if (!transport_) return;
    if (publisher_) publish_frames();
    if (!consumed && transport_) {
        ++context_->counters.protocol_errors;
        context_->hits.add(consumed.error());
        end_reason_ = "protocol error: " + consumed.error().message;
        context_->log.warn("rtmp peer broke the protocol",
                           {{"client", peer_}, {"error", consumed.error().message}});
        if (publisher_) publisher_->lost(end_reason_);
        publisher_.reset();
    }
    flush();
}

void Connection::handle(protocol::rtmp::ServerEvent event) {
    if (auto* media = std::get_if<MediaReceived>(&event)) {
        if (auto demuxed = demuxer_.demux(media->message, frames_); !demuxed) {
            ++context_->counters.protocol_errors;
            context_->hits.add(demuxed.error());
            end_reason_ = "the encoder sent media that cannot be carried: " + demuxed.error().message;
            context_->log.warn("rtmp peer sent media that cannot be carried",
                               {{"client", peer_}, {"error", demuxed.error().message}});
            publish_frames();
            end(end_reason_);
        }
    } else if (auto* publish = std::get_if<PublishRequested>(&event)) {
        ask_to_publish(std::move(*publish));
    } else if (auto* play = std::get_if<PlayRequested>(&event)) {
        ask_to_play(std::move(*play));
    } else if (std::holds_alternative<PublishEnded>(event)) {
        publish_frames();
        if (publisher_) publisher_->lost("the encoder ended the stream");
        publisher_.reset();
    }
}

bool Connection::app_accepted(const ConnectInfo& info) {
    if (info.app == context_->settings.app) return true;
    ++context_->counters.publish_refused;
    session_.refuse(refusal_code_, "there is no application of that name here: use rtmp://this-server/" +
                                       context_->settings.app + " and the stream key");
    return false;
}

void Connection::ask_to_publish(PublishRequested request) {
    refusal_code_ = bad_name;
    if (!app_accepted(request.connect)) return;
    gate_deadline_ = context_->clock.now() + context_->settings.gate_deadline;
    PublishRequest question{std::move(request.stream_key), peer_, request.connect.flash_ver,
                            transport_->secure() ? "rtmps" : "rtmp"};
    context_->gate.authorise(std::move(question), [self = weak_from_this(), context = context_](auto answer) {
        boost::asio::post(context->core.io(), [self, answer = std::move(answer)]() mutable {
            if (const auto connection = self.lock()) connection->publish_answered(std::move(answer));
        });
    });
}

void Connection::publish_answered(base::Result<PublishGrant> answer) {
    if (!transport_ || !gate_deadline_) return;
    gate_deadline_.reset();
    if (answer) {
        const PublisherInfo info{peer_, session_.connect_info().flash_ver,
                                 transport_->secure() ? "rtmps" : "rtmp"};
        auto opened = context_->desk->open(
            *answer, info, [self = weak_from_this(), context = context_](std::string why) {
                boost::asio::post(context->core.io(), [self, why = std::move(why)]() mutable {
                    if (const auto connection = self.lock()) connection->end(why);
                });
            });
        if (opened) {
            publisher_ = std::move(*opened);
            session_.accept_publish();
            return after_input({});
        }
        answer = base::fail(std::move(opened).error());
    }
    ++context_->counters.publish_refused;
    context_->hits.add(answer.error());
    context_->log.info("publish refused", {{"client", peer_}, {"reason", answer.error().message}});
    session_.refuse(refusal_code_, answer.error().message);
    flush();
}

void Connection::ask_to_play(PlayRequested request) {
    refusal_code_ = stream_not_found;
    if (!app_accepted(request.connect)) return;
    gate_deadline_ = context_->clock.now() + context_->settings.gate_deadline;
    PlayRequest question{std::move(request.stream_name), query_value(request.query, "token"), peer_};
    context_->gate.authorise(std::move(question), [self = weak_from_this(), context = context_](auto answer) {
        boost::asio::post(context->core.io(), [self, answer = std::move(answer)]() mutable {
            if (const auto connection = self.lock()) connection->play_answered(std::move(answer));
        });
    });
}

void Connection::play_answered(base::Result<PlayGrant> answer) {
    if (!transport_ || !gate_deadline_) return;
    gate_deadline_.reset();
    std::shared_ptr<hub::Stream> stream;
    if (answer) stream = context_->registry.find(answer->stream_id);
    if (!stream || !context_->on_player) {
        session_.refuse(refusal_code_, answer ? "the stream has not started" : answer.error().message);
        return flush();
    }
    session_.accept_play();
    const auto self = shared_from_this();
    context_->connections.erase(self);
    context_->on_player({context_->core, std::move(transport_), std::move(slot_), std::move(session_),
                         std::move(stream), std::move(answer->permit)});
}

void Connection::publish_frames() {
    if (auto fps = demuxer_.take_declared_fps(); fps && publisher_) publisher_->set_declared_fps(*fps);
    if (frames_.empty() || !publisher_) return frames_.clear();
    const bool ours = publisher_->publish(std::exchange(frames_, {}), last_input_);
    // Replaced: the cut that says why is on its way to this thread.
    if (!ours) publisher_.reset();
}

void Connection::end(const std::string& reason) {
    if (!transport_ || session_.closing()) return;
    end_reason_ = reason;
    session_.end(reason);
    if (publisher_) publisher_->lost(reason);
    publisher_.reset();
    flush();
}

void Connection::go_away(const std::string& reason) {
    if (session_.publishing()) session_.request_reconnect("", reason);
    end(reason);
}

void Connection::flush() {
    if (!transport_) return;
    base::Bytes more = session_.take_output();
    if (unsent_from_ == unsent_.size()) {
        unsent_ = std::move(more);
        unsent_from_ = 0;
    } else {
        base::append(unsent_, more);
    }
    while (unsent_from_ < unsent_.size() || transport_->has_pending()) {
        const iovec rest{unsent_.data() + unsent_from_, unsent_.size() - unsent_from_};
        const net::IoResult sent =
            rest.iov_len > 0 ? transport_->write_some(std::span(&rest, 1)) : transport_->flush_pending();
        if (sent.status == net::IoStatus::ok) {
            unsent_from_ += sent.bytes;
            continue;
        }
        if (sent.status != net::IoStatus::would_block) return close("connection lost: " + sent.error);
        if (unsent_.size() - unsent_from_ > context_->settings.max_unsent) {
            context_->hits.add("rtmp_unsent_bytes");
            return close("the peer does not read our answers");
        }
        if (!std::exchange(waiting_writable_, true)) {
            transport_->wait_writable([self = weak_from_this()] {
                const auto connection = self.lock();
                if (!connection) return;
                connection->waiting_writable_ = false;
                connection->flush();
            });
        }
        return;
    }
    unsent_ = {};
    unsent_from_ = 0;
    if (session_.closing()) linger();
}

void Connection::linger() {
    if (std::exchange(write_side_ended_, true)) return;
    transport_->shutdown_write();
    close_at_ = context_->clock.now() + linger_time;
}

void Connection::tick(base::MonotonicTime now) {
    if (!transport_) return;
    if (close_at_ && now >= *close_at_) return close(end_reason_);
    if (session_.closing()) {
        if (!close_at_) close_at_ = now + linger_time;
        return;
    }
    if (gate_deadline_ && now >= *gate_deadline_) {
        gate_deadline_.reset();
        context_->hits.add("rtmp_gate_seconds");
        session_.refuse(refusal_code_, "the server is busy: try again in a moment");
        return flush();
    }
    if (auto due = session_.deadline(); due && now >= *due) {
        if (auto ticked = session_.tick(now); !ticked) {
            ++context_->counters.deadlines_passed;
            context_->hits.add(ticked.error());
            end_reason_ = ticked.error().message;
            return close(end_reason_);
        }
        flush();
    }
    if (!publisher_ || !transport_) return;
    const auto silent = now - last_input_;
    if (silent >= context_->settings.silent_publisher) {
        context_->hits.add("rtmp_silent_publisher_seconds");
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silent).count();
        publisher_->lost("nothing came from the encoder for " + std::to_string(seconds) + " s");
        publisher_.reset();
        return close("silent");
    }
    if (silent >= context_->settings.silent_publisher / 2 && !std::exchange(pinged_, true)) {
        session_.send_ping(now);
        flush();
    }
}

void Connection::close(const std::string& reason) {
    if (!transport_) return;
    const auto self = shared_from_this();
    if (publisher_) publisher_->lost(session_.closing() ? end_reason_ : reason);
    publisher_.reset();
    transport_->close();
    transport_.reset();
    slot_.reset();
    context_->connections.erase(self);
}

}  // namespace ingest::rtmp
