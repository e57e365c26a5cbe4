// The inside of ServerSession: the state machine in server_session.cpp, the commands of peers in
// server_commands.cpp.
#pragma once

#include <set>
#include <utility>

#include "protocol/rtmp/event_queue.h"
#include "protocol/rtmp/handshake.h"
#include "protocol/rtmp/message_channel.h"
#include "protocol/rtmp/server_session.h"
#include "protocol/rtmp/text.h"

namespace protocol::rtmp {

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

}  // namespace protocol::rtmp
