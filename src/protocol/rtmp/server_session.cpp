#include "protocol/rtmp/server_session.h"

#include <algorithm>
#include <set>
#include <utility>

#include "protocol/rtmp/aggregate.h"
#include "protocol/rtmp/capability_fields.h"
#include "protocol/rtmp/event_queue.h"
#include "protocol/rtmp/handshake.h"
#include "protocol/rtmp/message_channel.h"
#include "protocol/rtmp/text.h"

namespace protocol::rtmp {
namespace {

using base::ErrorCode;
using base::fail;

// What waits while the gate is asked. Encoders wait for Publish.Start; the few that do not send a moment's
// media.
constexpr std::size_t max_held = 256 * 1024;
constexpr std::size_t max_app = 1024;
constexpr std::size_t max_streams = 16;  // createStream, of one connection

constexpr std::string_view server_software = "FMS/3,5,7,7009";
constexpr double server_capabilities = 31;

constexpr std::string_view connect_success = "NetConnection.Connect.Success";
constexpr std::string_view connect_rejected = "NetConnection.Connect.Rejected";
constexpr std::string_view call_failed = "NetConnection.Call.Failed";

}  // namespace

class ServerSession::Impl {
  public:
    Impl(const ServerSettings& settings, base::MonotonicTime now)
        : settings_(settings), now_(now), deadline_(now + settings.handshake_deadline) {}

    base::Result<> consume(base::ByteView bytes, base::MonotonicTime now);
    base::Result<> tick(base::MonotonicTime now);
    std::optional<base::MonotonicTime> deadline() const;

    void accept_publish();
    void accept_play();
    void refuse(std::string_view code, std::string_view description);
    void end(std::string_view description);
    bool request_reconnect(std::string_view tc_url, std::string_view description);
    void send_ping(base::MonotonicTime now);

    base::Bytes take_output() {
        base::Bytes output = handshake_.take_output();
        if (output.empty()) return channel_.take_output();
        base::append(output, channel_.take_output());
        return output;
    }

    enum class State {
        handshake,
        connecting,
        connected,
        asking_publish,
        asking_play,
        publishing,
        playing,
        closing
    };

    State state() const { return state_; }
    std::uint32_t media_stream() const { return media_stream_; }
    const ConnectInfo& connect_info() const { return connect_; }
    std::size_t buffered_bytes() const { return channel_.buffered_bytes() + held_.size(); }
    std::optional<ServerEvent> next_event() { return events_.pop(); }

  private:
    using Handler = base::Result<> (Impl::*)(const Command&, std::uint32_t stream_id);
    static Handler find_handler(std::string_view command);

    bool asking() const { return state_ == State::asking_publish || state_ == State::asking_play; }
    bool serving() const { return state_ == State::publishing || state_ == State::playing; }

    base::Result<> close(base::Error error);
    base::Result<> parse(base::ByteView bytes);
    base::Result<> hold(base::ByteView bytes);
    void resume();
    void go_to_connected();

    base::Result<> on_message(Message message);
    base::Result<> on_command(const Message& message);
    base::Result<> on_connect(const Command& command, std::uint32_t stream_id);
    base::Result<> on_create_stream(const Command& command, std::uint32_t stream_id);
    base::Result<> on_release_stream(const Command& command, std::uint32_t stream_id);
    base::Result<> on_fc_publish(const Command& command, std::uint32_t stream_id);
    base::Result<> on_publish(const Command& command, std::uint32_t stream_id);
    base::Result<> on_play(const Command& command, std::uint32_t stream_id);
    base::Result<> on_pause(const Command& command, std::uint32_t stream_id);
    base::Result<> on_fc_unpublish(const Command& command, std::uint32_t stream_id);
    base::Result<> on_delete_stream(const Command& command, std::uint32_t stream_id);
    base::Result<> on_close_stream(const Command& command, std::uint32_t stream_id);
    base::Result<> on_get_stream_length(const Command& command, std::uint32_t stream_id);
    base::Result<> on_check_bandwidth(const Command& command, std::uint32_t stream_id);

    // The stream name of publish or play; nothing, and the peer told so, when it cannot be taken.
    std::optional<NameAndQuery> requested_name(const Command& command, std::uint32_t stream_id,
                                               std::string_view refusal_code);
    void end_stream(std::uint32_t stream_id);
    void answer_error(const Command& command, std::string_view code, std::string_view description);
    void send_status(std::string_view level, std::string_view code, std::string_view description,
                     std::uint32_t stream_id);

    ServerSettings settings_;
    State state_ = State::handshake;
    base::MonotonicTime now_;
    base::MonotonicTime deadline_;
    // What went wrong while held bytes were read, until consume() or tick() can say it.
    std::optional<base::Error> failure_;

    ServerHandshake handshake_;
    MessageChannel channel_{limits_before_publish};
    EventQueue<ServerEvent> events_;
    base::Bytes held_;

    ConnectInfo connect_;
    std::set<std::uint32_t> streams_;
    std::uint32_t last_stream_ = 0;
    std::uint32_t media_stream_ = 0;  // the one that publishes or plays
    bool fc_publish_ = false;
};

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
    const std::string what = state_ == State::handshake ? "The RTMP handshake was not complete in time."
                             : state_ == State::connecting
                                 ? "The peer did not connect in time."
                                 : "The peer connected and did not publish or play in time.";
    return close({ErrorCode::timed_out, what});
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
    held_ = {};
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
        return fail(ErrorCode::limit_exceeded, "the peer sent too much before it was let in");
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

ServerSession::Impl::Handler ServerSession::Impl::find_handler(std::string_view command) {
    static constexpr std::pair<std::string_view, Handler> handlers[] = {
        {"connect", &Impl::on_connect},
        {"createStream", &Impl::on_create_stream},
        {"releaseStream", &Impl::on_release_stream},
        {"FCPublish", &Impl::on_fc_publish},
        {"publish", &Impl::on_publish},
        {"play", &Impl::on_play},
        {"pause", &Impl::on_pause},
        {"pauseRaw", &Impl::on_pause},
        {"FCUnpublish", &Impl::on_fc_unpublish},
        {"deleteStream", &Impl::on_delete_stream},
        {"closeStream", &Impl::on_close_stream},
        {"getStreamLength", &Impl::on_get_stream_length},
        {"_checkbw", &Impl::on_check_bandwidth},
    };
    for (const auto& [name, handler] : handlers)
        if (name == command) return handler;
    return nullptr;
}

base::Result<> ServerSession::Impl::on_command(const Message& message) {
    if (auto ok = channel_.spend_request(); !ok) return ok;
    auto [command, result] = read_command(message);
    if (!result) {
        if (result.error().code != ErrorCode::unsupported || command.name.empty()) return result;
        answer_error(command, call_failed, result.error().message);
        return {};
    }
    // Answers to what we asked ourselves; an answer to an answer would go round in circles.
    if (command.name == "_result" || command.name == "_error" || command.name == "onStatus") return {};

    const Handler handler = find_handler(command.name);
    if (!handler) {
        answer_error(command, call_failed, "Unknown command " + printable(command.name, 64) + ".");
        return {};
    }
    if (state_ == State::connecting && handler != &Impl::on_connect) {
        answer_error(command, call_failed, "Connect first.");
        return {};
    }
    return (this->*handler)(command, message.stream_id);
}

// Section 7.2.1.1, answered in the order of docs/platforms.md.
base::Result<> ServerSession::Impl::on_connect(const Command& command, std::uint32_t) {
    if (state_ != State::connecting) {
        answer_error(command, connect_rejected, "This connection is connected already.");
        return {};
    }
    const AmfObject* object = command.object.object();
    const std::string* app = object ? object->text("app") : nullptr;
    if (!app || app->size() > max_app) {
        channel_.send_command(error_of(command.transaction, connect_rejected,
                                       "The connect command names no application, or too long a one."));
        state_ = State::closing;
        return {};
    }
    auto [name, query] = cut_query(*app);
    while (name.ends_with('/')) name.remove_suffix(1);
    connect_.app = name;
    connect_.app_query = query;
    if (const std::string* software = object->text("flashVer")) connect_.flash_ver = printable(*software);
    connect_.capabilities = read_capabilities(*object);

    channel_.announce_window(settings_.window_ack_size);
    channel_.send_control(MessageType::set_peer_bandwidth,
                          write_peer_bandwidth(settings_.window_ack_size, BandwidthLimit::dynamic));
    channel_.announce_chunk_size(settings_.out_chunk_size);

    AmfObject properties{{"fmsVer", server_software}, {"capabilities", server_capabilities}, {"mode", 1}};
    // Clients that do not speak Enhanced RTMP get the answer they have always had.
    if (connect_.capabilities.enhanced()) write_capabilities(properties, forwarding_capabilities());
    AmfObject information = status_object({"status", std::string(connect_success), "Connection succeeded."});
    information.set("objectEncoding", object->number("objectEncoding") == 3.0 ? 3 : 0);
    channel_.send_command(result_of(command.transaction, std::move(properties), std::move(information)));
    state_ = State::connected;
    return {};
}

base::Result<> ServerSession::Impl::on_create_stream(const Command& command, std::uint32_t) {
    if (streams_.size() >= max_streams) {
        answer_error(command, call_failed, "This connection has too many streams.");
        return {};
    }
    streams_.insert(++last_stream_);
    channel_.send_command(result_of(command.transaction, AmfNull{}, last_stream_));
    return {};
}

base::Result<> ServerSession::Impl::on_release_stream(const Command& command, std::uint32_t) {
    if (command.transaction != 0)
        channel_.send_command(result_of(command.transaction, AmfNull{}, AmfUndefined{}));
    return {};
}

// What Flash Media Live Encoder says before publish; its answer, onFCPublish, must not come before the
// gate's.
base::Result<> ServerSession::Impl::on_fc_publish(const Command& command, std::uint32_t stream_id) {
    fc_publish_ = true;
    return on_release_stream(command, stream_id);
}

std::optional<NameAndQuery> ServerSession::Impl::requested_name(const Command& command,
                                                                std::uint32_t stream_id,
                                                                std::string_view refusal_code) {
    std::string_view problem;
    const std::string* name = command.text(0);
    if (state_ != State::connected)
        problem = "This connection publishes or plays already.";
    else if (!streams_.contains(stream_id))
        problem = "No such stream: createStream comes first.";
    else if (!name)
        problem = "The stream has no name.";
    else if (name->size() > max_stream_name)
        problem = "The stream's name is too long.";
    if (problem.empty()) return cut_query(*name);
    send_status("error", refusal_code, problem, stream_id);
    return std::nullopt;
}

// Section 7.2.2.6.
base::Result<> ServerSession::Impl::on_publish(const Command& command, std::uint32_t stream_id) {
    const auto name = requested_name(command, stream_id, "NetStream.Publish.BadName");
    if (!name) return {};
    media_stream_ = stream_id;
    state_ = State::asking_publish;
    events_.push(PublishRequested{connect_, base::Secret(std::string(name->name)), std::string(name->query)});
    return {};
}

// Section 7.2.2.1. Start, duration and reset mean nothing for a live stream.
base::Result<> ServerSession::Impl::on_play(const Command& command, std::uint32_t stream_id) {
    const auto name = requested_name(command, stream_id, "NetStream.Play.Failed");
    if (!name) return {};
    media_stream_ = stream_id;
    state_ = State::asking_play;
    events_.push(PlayRequested{connect_, std::string(name->name), std::string(name->query)});
    return {};
}

// Section 7.2.2.9.
base::Result<> ServerSession::Impl::on_pause(const Command& command, std::uint32_t stream_id) {
    if (state_ != State::playing || stream_id != media_stream_) return {};
    const bool* pause = command.arguments.empty() ? nullptr : command.arguments[0].boolean();
    if (!pause) return {};
    events_.push(PausedByPlayer{*pause});
    if (*pause)
        send_status("status", "NetStream.Pause.Notify", "Paused.", stream_id);
    else
        send_status("status", "NetStream.Unpause.Notify", "Playing again.", stream_id);
    return {};
}

base::Result<> ServerSession::Impl::on_fc_unpublish(const Command& command, std::uint32_t stream_id) {
    if (state_ == State::publishing) {
        const Status status{"status", "NetStream.Unpublish.Success", "The stream has ended."};
        channel_.send_command({"onFCUnpublish", 0, AmfNull{}, {status_object(status)}});
        end_stream(media_stream_);
    }
    return on_release_stream(command, stream_id);
}

base::Result<> ServerSession::Impl::on_delete_stream(const Command& command, std::uint32_t) {
    const double* number = command.number(0);
    if (!number || !(*number >= 1 && *number <= last_stream_)) return {};
    const auto stream_id = static_cast<std::uint32_t>(*number);
    end_stream(stream_id);
    streams_.erase(stream_id);
    return {};
}

base::Result<> ServerSession::Impl::on_close_stream(const Command&, std::uint32_t stream_id) {
    end_stream(stream_id);
    return {};
}

base::Result<> ServerSession::Impl::on_get_stream_length(const Command& command, std::uint32_t) {
    channel_.send_command(result_of(command.transaction, AmfNull{}, 0));  // live: no length
    return {};
}

base::Result<> ServerSession::Impl::on_check_bandwidth(const Command& command, std::uint32_t) {
    channel_.send_command(result_of(command.transaction, AmfNull{}, AmfUndefined{}));
    return {};
}

void ServerSession::Impl::end_stream(std::uint32_t stream_id) {
    if (!serving() || stream_id != media_stream_) return;
    if (state_ == State::publishing) {
        send_status("status", "NetStream.Unpublish.Success", "The stream has ended.", stream_id);
        events_.push(PublishEnded{});
    } else {
        events_.push(PlayEnded{});
    }
    go_to_connected();
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
    held_ = {};
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
    held_ = {};
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
