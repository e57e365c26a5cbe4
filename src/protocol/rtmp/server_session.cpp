#include "protocol/rtmp/server_session.h"

#include "base/limit_hits.h"
#include "protocol/rtmp/aggregate.h"
#include "protocol/rtmp/server_session_impl.h"

namespace protocol::rtmp {
namespace {

using base::ErrorCode;
using base::fail;

}  // namespace

base::Result<> ServerSession::Impl::consume(base::ByteView bytes, base::MonotonicTime now) {
    if (failure_) return close(*std::exchange(failure_, std::nullopt));
    if (state_ == State::closing) return {};
    now_ = now;
    if (state_ == State::handshake) {
        const auto used = handshake_.consume(bytes);
        if (!used) return close(used.error());
        if (!handshake_.done()) return {};
        bytes = bytes.subspan(*used);
        state_ = State::connecting;
        deadline_ = now + settings_.publish_deadline;
    }
    channel_.received(bytes.size(), now);
    auto result = asking() ? hold(bytes) : parse(bytes);
    return result ? result : close(std::move(result.error()));
}

base::Result<> ServerSession::Impl::tick(base::MonotonicTime now) {
    now_ = now;
    if (failure_) return close(*std::exchange(failure_, std::nullopt));
    const auto due = deadline();
    if (!due || now < *due) return {};
    if (state_ == State::handshake)
        return close(
            base::about_limit("rtmp_handshake_seconds",
                              {ErrorCode::timed_out, "The RTMP handshake was not complete in time."}));
    const std::string what = state_ == State::connecting
                                 ? "The peer did not connect in time."
                                 : "The peer connected and did not publish or play in time.";
    return close(base::about_limit("rtmp_publish_seconds", {ErrorCode::timed_out, what}));
}

std::optional<base::MonotonicTime> ServerSession::Impl::deadline() const {
    if (failure_) return now_;
    switch (state_) {
        case State::handshake:
        case State::connecting:
        case State::connected:
            return deadline_;
        default:
            return std::nullopt;
    }
}

base::Result<> ServerSession::Impl::close(base::Error error) {
    state_ = State::closing;
    held_ = base::Bytes();
    return fail(std::move(error));
}

base::Result<> ServerSession::Impl::parse(base::ByteView bytes) {
    while (true) {
        auto progress = channel_.read(bytes);
        if (!progress) return fail(std::move(progress.error()));
        bytes = bytes.subspan(progress->used);
        if (!progress->message) return {};
        if (auto ok = on_message(std::move(*progress->message)); !ok) return ok;
        if (state_ == State::closing) return {};
        if (asking()) return hold(bytes);
    }
}

base::Result<> ServerSession::Impl::hold(base::ByteView bytes) {
    if (bytes.size() > max_held - held_.size())
        return base::past_limit("rtmp_held_bytes", "the peer sent too much before it was let in");
    base::append(held_, bytes);
    return {};
}

void ServerSession::Impl::resume() {
    const base::Bytes held = std::exchange(held_, {});
    if (auto ok = parse(held); !ok) {
        failure_ = std::move(ok.error());
        state_ = State::closing;
    }
}

void ServerSession::Impl::go_to_connected() {
    state_ = State::connected;
    media_stream_ = 0;
    deadline_ = now_ + settings_.publish_deadline;
}

base::Result<> ServerSession::Impl::on_message(Message message) {
    auto handled = channel_.handle(message);
    if (!handled) return fail(std::move(handled.error()));
    if (*handled) return {};
    switch (message.type) {
        case MessageType::audio:
        case MessageType::video:
        case MessageType::data_amf0:
        case MessageType::data_amf3:
            if (state_ == State::publishing) events_.push(MediaReceived{as_amf0_data(std::move(message))});
            return {};
        case MessageType::aggregate: {
            if (state_ != State::publishing) return {};
            auto parts = split_aggregate(message);
            if (!parts) return fail(std::move(parts.error()));
            for (Message& part : *parts) events_.push(MediaReceived{as_amf0_data(std::move(part))});
            return {};
        }
        case MessageType::command_amf0:
        case MessageType::command_amf3:
            return on_command(message);
        default:
            return {};  // shared objects and what we do not know
    }
}

void ServerSession::Impl::accept_publish() {
    if (state_ != State::asking_publish) return;
    state_ = State::publishing;
    channel_.set_limits(limits_of_publisher);
    constexpr std::string_view start = "NetStream.Publish.Start";
    if (std::exchange(fc_publish_, false)) {
        const Status status{"status", std::string(start), "Publishing."};
        channel_.send_command({"onFCPublish", 0, AmfNull{}, {status_object(status)}});
    }
    channel_.send_user_control({UserEvent::stream_begin, media_stream_});
    send_status("status", start, "Publishing.", media_stream_);
    resume();
}

void ServerSession::Impl::accept_play() {
    if (state_ != State::asking_play) return;
    state_ = State::playing;
    channel_.send_user_control({UserEvent::stream_begin, media_stream_});
    send_status("status", "NetStream.Play.Reset", "Playing from the start.", media_stream_);
    send_status("status", "NetStream.Play.Start", "Playing.", media_stream_);
    channel_.send_data({"|RtmpSampleAccess", true, true}, media_stream_);
    resume();
}

void ServerSession::Impl::refuse(std::string_view code, std::string_view description) {
    if (state_ == State::closing || state_ == State::handshake) {
        state_ = State::closing;
        return;
    }
    send_status("error", code, description, media_stream_);
    state_ = State::closing;
    held_ = base::Bytes();
}

void ServerSession::Impl::end(std::string_view description) {
    if (state_ == State::publishing) {
        send_status("status", "NetStream.Unpublish.Success", description, media_stream_);
    } else if (state_ == State::playing) {
        channel_.send_user_control({UserEvent::stream_eof, media_stream_});
        send_status("status", "NetStream.Play.UnpublishNotify", description, media_stream_);
    }
    if (state_ != State::closing && state_ != State::handshake && state_ != State::connecting)
        send_status("status", "NetConnection.Connect.Closed", description, 0);
    state_ = State::closing;
    held_ = base::Bytes();
}

bool ServerSession::Impl::request_reconnect(std::string_view tc_url, std::string_view description) {
    if (!serving() || (connect_.capabilities.caps_ex & caps_ex::reconnect) == 0) return false;
    AmfObject information{{"level", "status"}, {"code", "NetConnection.Connect.ReconnectRequest"}};
    if (!tc_url.empty()) information.set("tcUrl", tc_url);
    if (!description.empty()) information.set("description", description);
    channel_.send_command({"onStatus", 0, AmfNull{}, {std::move(information)}});
    return true;
}

void ServerSession::Impl::send_ping(base::MonotonicTime now) {
    if (state_ == State::handshake || state_ == State::connecting || state_ == State::closing) return;
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    channel_.send_user_control({UserEvent::ping_request, static_cast<std::uint32_t>(millis)});
}

void ServerSession::Impl::answer_error(const Command& command, std::string_view code,
                                       std::string_view description) {
    if (command.transaction != 0) channel_.send_command(error_of(command.transaction, code, description));
}

void ServerSession::Impl::send_status(std::string_view level, std::string_view code,
                                      std::string_view description, std::uint32_t stream_id) {
    channel_.send_command(on_status({std::string(level), std::string(code), std::string(description)}),
                          stream_id);
}

ServerSession::ServerSession(const ServerSettings& settings, base::MonotonicTime now)
    : impl_(std::make_unique<Impl>(settings, now)) {}
ServerSession::~ServerSession() = default;
ServerSession::ServerSession(ServerSession&&) noexcept = default;
ServerSession& ServerSession::operator=(ServerSession&&) noexcept = default;

base::Result<> ServerSession::consume(base::ByteView bytes, base::MonotonicTime now) {
    return impl_->consume(bytes, now);
}
base::Result<> ServerSession::tick(base::MonotonicTime now) {
    return impl_->tick(now);
}
std::optional<base::MonotonicTime> ServerSession::deadline() const {
    return impl_->deadline();
}
std::optional<ServerEvent> ServerSession::next_event() {
    return impl_->next_event();
}
base::Bytes ServerSession::take_output() {
    return impl_->take_output();
}
void ServerSession::accept_publish() {
    impl_->accept_publish();
}
void ServerSession::accept_play() {
    impl_->accept_play();
}
void ServerSession::refuse(std::string_view code, std::string_view description) {
    impl_->refuse(code, description);
}
void ServerSession::end(std::string_view description) {
    impl_->end(description);
}
bool ServerSession::request_reconnect(std::string_view tc_url, std::string_view description) {
    return impl_->request_reconnect(tc_url, description);
}
void ServerSession::send_ping(base::MonotonicTime now) {
    impl_->send_ping(now);
}
bool ServerSession::closing() const {
    return impl_->state() == Impl::State::closing;
}
bool ServerSession::publishing() const {
    return impl_->state() == Impl::State::publishing;
}
bool ServerSession::playing() const {
    return impl_->state() == Impl::State::playing;
}
std::uint32_t ServerSession::play_stream_id() const {
    return impl_->media_stream();
}
const ConnectInfo& ServerSession::connect_info() const {
    return impl_->connect_info();
}
std::size_t ServerSession::buffered_bytes() const {
    return impl_->buffered_bytes();
}

}  // namespace protocol::rtmp
