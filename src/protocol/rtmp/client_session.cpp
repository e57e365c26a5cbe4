#include "protocol/rtmp/client_session.h"

#include <algorithm>
#include <array>
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

// As OBS numbers them: createStream is the fourth command whatever else was sent before it.
constexpr double connect_transaction = 1;
constexpr double release_transaction = 2;
constexpr double fc_publish_transaction = 3;
constexpr double create_stream_transaction = 4;
constexpr double publish_transaction = 5;
constexpr double fc_unpublish_transaction = 6;
constexpr double delete_stream_transaction = 7;

// OBS's librtmp sends publish on the chunk stream of audio.
constexpr std::uint32_t publish_chunk_stream = chunk_stream::audio;
constexpr std::uint32_t play_window = 2'500'000;
constexpr std::uint32_t play_buffer_ms = 3'000;
constexpr std::size_t max_tc_url = 2048;

constexpr std::string_view encoder_name = "FMLE/3.0 (compatible; FMSc/1.0)";

// The peer said no to this stream, whenever it says so.
constexpr std::array<std::string_view, 8> refusal_codes = {"NetStream.Failed",
                                                           "NetStream.Play.Failed",
                                                           "NetConnection.Connect.InvalidApp",
                                                           "NetStream.Publish.Rejected",
                                                           "NetStream.Publish.Denied",
                                                           "NetStream.Publish.BadName",
                                                           "NetStream.Play.StreamNotFound",
                                                           "NetConnection.Connect.Rejected"};
// The peer is done with us.
constexpr std::array<std::string_view, 6> end_codes = {
    "NetConnection.Connect.Closed", "NetStream.Unpublish.Success",       "NetStream.Play.UnpublishNotify",
    "NetStream.Play.Stop",          "NetConnection.Connect.AppShutdown", "NetStream.Play.Complete"};

template <std::size_t n>
bool holds(const std::array<std::string_view, n>& codes, std::string_view code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

std::string_view to_string(ClientStep step) {
    switch (step) {
        case ClientStep::handshake:
            return "handshake";
        case ClientStep::connect:
            return "connect";
        case ClientStep::create_stream:
            return "createStream";
        case ClientStep::publish:
            return "publish";
        case ClientStep::publishing:
            return "publishing";
        case ClientStep::failed:
            return "failed";
    }
    return "failed";
}

class ClientSession::Impl {
  public:
    Impl(ClientSettings settings, base::MonotonicTime now)
        : settings_(std::move(settings)), deadline_(now + settings_.handshake_deadline) {}

    base::Result<> consume(base::ByteView bytes, base::MonotonicTime now);
    base::Result<> tick(base::MonotonicTime now);
    std::optional<base::MonotonicTime> deadline() const { return deadline_; }
    void finish();

    base::Bytes take_output() {
        base::Bytes output = handshake_.take_output();
        if (output.empty()) return channel_.take_output();
        base::append(output, channel_.take_output());
        return output;
    }
    std::optional<ClientEvent> next_event() { return events_.pop(); }
    ClientStep step() const { return step_; }
    const Capabilities& peer_capabilities() const { return peer_; }
    std::size_t buffered_bytes() const { return channel_.buffered_bytes(); }

  private:
    bool plays() const { return settings_.purpose == ClientPurpose::play; }
    base::Result<> fail_with(base::Error error);
    base::Result<> parse(base::ByteView bytes);
    void enter(ClientStep step);

    void send_connect();
    void send_create_stream();
    void send_publish();
    void send_play();

    base::Result<> on_message(Message message);
    base::Result<> on_command(const Message& message);
    base::Result<> on_result(const Command& command);
    void on_error(const Command& command);
    void on_status_command(const Command& command);
    void on_accepted();

    void refused(const Status& status);
    // The peer left: a refusal before it had accepted, an end after.
    void left(const Status& status);
    std::string clean(std::string_view text) const { return printable_without(text, settings_.stream_key); }

    ClientSettings settings_;
    ClientStep step_ = ClientStep::handshake;
    base::MonotonicTime now_{};
    std::optional<base::MonotonicTime> deadline_;

    ClientHandshake handshake_;
    MessageChannel channel_{limits_of_destination};
    EventQueue<ClientEvent> events_;
    Capabilities peer_;
    std::uint32_t stream_id_ = 0;
    bool finished_ = false;
};

base::Result<> ClientSession::Impl::consume(base::ByteView bytes, base::MonotonicTime now) {
    if (step_ == ClientStep::failed) return {};
    now_ = now;
    if (step_ == ClientStep::handshake) {
        const auto used = handshake_.consume(bytes);
        if (!used) return fail_with(used.error());
        if (!handshake_.done()) return {};
        bytes = bytes.subspan(*used);
        send_connect();
    }
    channel_.received(bytes.size(), now);
    auto result = parse(bytes);
    // One event for a slice, however many acknowledgements it held.
    if (const auto total = channel_.take_acknowledged()) events_.push(BytesAcknowledged{*total});
    return result ? result : fail_with(std::move(result.error()));
}

base::Result<> ClientSession::Impl::parse(base::ByteView bytes) {
    while (step_ != ClientStep::failed) {
        auto progress = channel_.read(bytes);
        if (!progress) return fail(std::move(progress.error()));
        bytes = bytes.subspan(progress->used);
        if (!progress->message) break;
        if (auto ok = on_message(std::move(*progress->message)); !ok) return ok;
    }
    return {};
}

base::Result<> ClientSession::Impl::tick(base::MonotonicTime now) {
    if (!deadline_ || now < *deadline_) return {};
    const std::string step(to_string(step_));
    return fail_with(
        {ErrorCode::timed_out, "The server did not answer in time at the RTMP step " + step + "."});
}

base::Result<> ClientSession::Impl::fail_with(base::Error error) {
    step_ = ClientStep::failed;
    deadline_.reset();
    return fail(std::move(error));
}

void ClientSession::Impl::enter(ClientStep step) {
    step_ = step;
    deadline_.reset();
    if (step != ClientStep::publishing && step != ClientStep::failed)
        deadline_ = now_ + settings_.step_deadline;
}

void ClientSession::Impl::send_connect() {
    enter(ClientStep::connect);
    channel_.announce_chunk_size(settings_.out_chunk_size);
    AmfObject object{{"app", settings_.app},
                     {"type", "nonprivate"},
                     {"flashVer", encoder_name},
                     {"swfUrl", settings_.tc_url},
                     {"tcUrl", settings_.tc_url}};
    if (!settings_.fourcc_list.empty()) {
        Capabilities ours;
        ours.fourcc_list = settings_.fourcc_list;
        ours.caps_ex = caps_ex::reconnect;
        write_capabilities(object, ours);
    }
    channel_.send_command({"connect", connect_transaction, std::move(object), {}});
}

void ClientSession::Impl::send_create_stream() {
    enter(ClientStep::create_stream);
    if (plays()) {
        channel_.announce_window(play_window);
    } else {
        const std::string& key = settings_.stream_key.reveal();
        channel_.send_command({"releaseStream", release_transaction, AmfNull{}, {key}});
        channel_.send_command({"FCPublish", fc_publish_transaction, AmfNull{}, {key}});
    }
    channel_.send_command({"createStream", create_stream_transaction, AmfNull{}, {}});
}

void ClientSession::Impl::send_publish() {
    enter(ClientStep::publish);
    const std::string& key = settings_.stream_key.reveal();
    channel_.send_command({"publish", publish_transaction, AmfNull{}, {key, "live"}}, stream_id_,
                          publish_chunk_stream);
}

void ClientSession::Impl::send_play() {
    enter(ClientStep::publish);
    constexpr double live_or_recorded = -2;
    const std::string& name = settings_.stream_key.reveal();
    channel_.send_command({"play", publish_transaction, AmfNull{}, {name, live_or_recorded}}, stream_id_,
                          chunk_stream::publish);
    channel_.send_user_control({UserEvent::set_buffer_length, stream_id_, play_buffer_ms});
}

void ClientSession::Impl::finish() {
    const bool speaking = step_ != ClientStep::handshake && step_ != ClientStep::failed;
    if (!speaking || std::exchange(finished_, true)) return;
    if (step_ == ClientStep::publish || step_ == ClientStep::publishing) {
        const std::string& key = settings_.stream_key.reveal();
        if (!plays()) channel_.send_command({"FCUnpublish", fc_unpublish_transaction, AmfNull{}, {key}});
        channel_.send_command({"deleteStream", delete_stream_transaction, AmfNull{}, {stream_id_}});
    }
    deadline_.reset();
}

base::Result<> ClientSession::Impl::on_message(Message message) {
    auto handled = channel_.handle(message);
    if (!handled) return fail(std::move(handled.error()));
    if (*handled) return {};
    const bool playing = plays() && step_ == ClientStep::publishing;
    switch (message.type) {
        case MessageType::audio:
        case MessageType::video:
        case MessageType::data_amf0:
        case MessageType::data_amf3:
            if (playing) events_.push(PlayedMedia{as_amf0_data(std::move(message))});
            return {};
        case MessageType::aggregate: {
            if (!playing) return {};
            auto parts = split_aggregate(message);
            if (!parts) return fail(std::move(parts.error()));
            for (Message& part : *parts) events_.push(PlayedMedia{as_amf0_data(std::move(part))});
            return {};
        }
        case MessageType::command_amf0:
        case MessageType::command_amf3:
            return on_command(message);
        default:
            return {};
    }
}

base::Result<> ClientSession::Impl::on_command(const Message& message) {
    if (auto ok = channel_.spend_request(); !ok) return ok;
    auto [command, result] = read_command(message);
    // What we cannot read we need not understand, as long as it is no answer that we wait for.
    if (!result && (result.error().code != ErrorCode::unsupported || command.name == "_result"))
        return result;

    if (command.name == "_result") return on_result(command);
    if (command.name == "_error") on_error(command);
    if (command.name == "onStatus") on_status_command(command);
    if (command.name == "close") left({"error", "close", "The server closed the connection."});
    return {};  // onBWDone, onFCPublish and the like
}

base::Result<> ClientSession::Impl::on_result(const Command& command) {
    if (step_ == ClientStep::connect && command.transaction == connect_transaction) {
        // Enhanced RTMP puts them into the first object; some servers use the second.
        if (const AmfObject* properties = command.object.object()) peer_ = read_capabilities(*properties);
        if (const AmfObject* information = command.information(); information && !peer_.enhanced())
            peer_ = read_capabilities(*information);
        send_create_stream();
    } else if (step_ == ClientStep::create_stream && command.transaction == create_stream_transaction) {
        const double* number = command.number(0);
        if (!number || !(*number >= 0 && *number <= 0xffffffff))
            return fail(ErrorCode::malformed, "The server's answer to createStream names no stream.");
        stream_id_ = static_cast<std::uint32_t>(*number);
        plays() ? send_play() : send_publish();
    }
    return {};
}

void ClientSession::Impl::on_error(const Command& command) {
    const bool on_connect = step_ == ClientStep::connect && command.transaction == connect_transaction;
    const bool on_create =
        step_ == ClientStep::create_stream && command.transaction == create_stream_transaction;
    const bool on_publish = step_ == ClientStep::publish && command.transaction == publish_transaction;
    // Errors of releaseStream and FCPublish mean nothing: many servers do not know them.
    if (!on_connect && !on_create && !on_publish) return;

    Status status = read_status(command);
    if (status.code.empty()) status.code = "_error";
    const auto asks = [&](std::string_view mode) {
        return status.description.find(mode) != std::string::npos;
    };
    if (on_connect && (asks("authmod=adobe") || asks("authmod=llnw")))
        status.description = "The server asks for a user name and password (" +
                             std::string(asks("authmod=adobe") ? "Adobe" : "Limelight") +
                             " authentication), which is not supported. Use a stream key without it.";
    refused(status);
}

void ClientSession::Impl::on_status_command(const Command& command) {
    const Status status = read_status(command);
    if (status.code == "NetConnection.Connect.ReconnectRequest") {
        const AmfObject* information = command.information();
        const std::string* tc_url = information ? information->text("tcUrl") : nullptr;
        const bool usable = tc_url && tc_url->size() <= max_tc_url;
        events_.push(ReconnectRequested{usable ? *tc_url : std::string(), clean(status.description)});
        return;
    }
    if (holds(refusal_codes, status.code)) return refused(status);
    if (status.level == "error" || holds(end_codes, status.code)) return left(status);
    const std::string_view awaited = plays() ? "NetStream.Play.Start" : "NetStream.Publish.Start";
    if (step_ == ClientStep::publish && status.code == awaited) on_accepted();
}

void ClientSession::Impl::on_accepted() {
    enter(ClientStep::publishing);
    if (plays()) {
        channel_.set_limits(limits_of_publisher);
        events_.push(PlayStarted{});
    } else {
        events_.push(PublishAccepted{stream_id_});
    }
}

void ClientSession::Impl::refused(const Status& status) {
    events_.push(Refused{step_, clean(status.code), clean(status.description)});
    enter(ClientStep::failed);
}

void ClientSession::Impl::left(const Status& status) {
    if (step_ != ClientStep::publishing) return refused(status);
    // The answer to our own finish().
    if (finished_) return;
    events_.push(EndedByPeer{clean(status.code), clean(status.description)});
    enter(ClientStep::failed);
}

ClientSession::ClientSession(ClientSettings settings, base::MonotonicTime now)
    : impl_(std::make_unique<Impl>(std::move(settings), now)) {}
ClientSession::~ClientSession() = default;
ClientSession::ClientSession(ClientSession&&) noexcept = default;
ClientSession& ClientSession::operator=(ClientSession&&) noexcept = default;

base::Result<> ClientSession::consume(base::ByteView bytes, base::MonotonicTime now) {
    return impl_->consume(bytes, now);
}
base::Result<> ClientSession::tick(base::MonotonicTime now) {
    return impl_->tick(now);
}
std::optional<base::MonotonicTime> ClientSession::deadline() const {
    return impl_->deadline();
}
std::optional<ClientEvent> ClientSession::next_event() {
    return impl_->next_event();
}
base::Bytes ClientSession::take_output() {
    return impl_->take_output();
}
void ClientSession::finish() {
    impl_->finish();
}
ClientStep ClientSession::step() const {
    return impl_->step();
}
const Capabilities& ClientSession::peer_capabilities() const {
    return impl_->peer_capabilities();
}
std::size_t ClientSession::buffered_bytes() const {
    return impl_->buffered_bytes();
}

}  // namespace protocol::rtmp
