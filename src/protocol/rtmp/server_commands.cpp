// What a ServerSession does with the commands of its peer (specification 1.0, section 7.2).
#include "protocol/rtmp/capability_fields.h"
#include "protocol/rtmp/server_session_impl.h"

namespace protocol::rtmp {
namespace {

using base::ErrorCode;

constexpr std::string_view server_software = "FMS/3,5,7,7009";
constexpr double server_capabilities = 31;

constexpr std::string_view connect_success = "NetConnection.Connect.Success";
constexpr std::string_view connect_rejected = "NetConnection.Connect.Rejected";
constexpr std::string_view call_failed = "NetConnection.Call.Failed";

}  // namespace

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
    if (name && problem.empty()) return cut_query(*name);
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

}  // namespace protocol::rtmp
