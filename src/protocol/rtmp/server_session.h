// ServerSession: the server's side of one RTMP connection as a sans-I/O state machine. Bytes go in, bytes and
// events come out, time is an argument. One owner, one thread.
//
//   handshake ──C2──▶ connecting ──connect──▶ connected ──publish──▶ asking ──accept──▶ publishing ──┐
//                                             ▲   │                    │                              │
//                                             deleteStream │   └──play──▶ asking ───┴─accept──▶ playing
//                                             ───────────┤
//                                             └───────────────────────────────────────────────────────┘
//   any ──error, refusal, deadline──▶ closing: what output is left is to be flushed, then the socket closed
//
// Media is given out only in `publishing`, which only accept_publish() enters; bytes that arrive while the
// gate is still asked wait inside their bounds, they are never given out before the answer.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "protocol/rtmp/capabilities.h"
#include "protocol/rtmp/message.h"

namespace protocol::rtmp {

// What waits while the gate is asked. Encoders wait for Publish.Start; the few that do not send a moment's
// media.
inline constexpr std::size_t max_held = 256 * 1024;
// The application's name with its query, and what one connection may create.
inline constexpr std::size_t max_app = 1024;
inline constexpr std::size_t max_streams = 16;

struct ServerSettings {
    // What we announce for our own sending.
    std::uint32_t out_chunk_size = 4096;
    std::uint32_t window_ack_size = 2'500'000;
    // Absolute deadlines, not per byte.
    std::chrono::milliseconds handshake_deadline{5'000};
    std::chrono::milliseconds publish_deadline{10'000};  // from the end of the handshake to publish or play
};

struct ConnectInfo {
    std::string app;        // "live", as sent, without a query
    std::string app_query;  // what followed "?" in app, or empty
    std::string flash_ver;  // at most 256 bytes of printable text
    Capabilities capabilities;
};

// Answer with accept_publish() or refuse().
struct PublishRequested {
    ConnectInfo connect;
    base::Secret stream_key;  // without a query
    std::string query;        // what followed "?" in the stream name, or empty
};

// Answer with accept_play() or refuse().
struct PlayRequested {
    ConnectInfo connect;
    std::string stream_name;  // without a query
    std::string query;
};

// Audio, video, or data (AMF0; AMF3-typed data messages are given with their AMF0 part). Aggregates are
// split.
struct MediaReceived {
    Message message;
};

// FCUnpublish, deleteStream or closeStream of a publishing stream: the encoder ended it on purpose.
struct PublishEnded {};
struct PlayEnded {};
// The player paused (true) or went on.
struct PausedByPlayer {
    bool paused = false;
};

using ServerEvent =
    std::variant<PublishRequested, PlayRequested, MediaReceived, PublishEnded, PlayEnded, PausedByPlayer>;

class ServerSession {
  public:
    ServerSession(const ServerSettings& settings, base::MonotonicTime now);
    ~ServerSession();
    ServerSession(ServerSession&&) noexcept;
    ServerSession& operator=(ServerSession&&) noexcept;

    // Takes bytes from the peer. After an error the session is closing: flush output(), then close. Events
    // that were complete before the error are still given.
    base::Result<> consume(base::ByteView bytes, base::MonotonicTime now);
    // Call at deadline() or later. An error says which deadline passed.
    base::Result<> tick(base::MonotonicTime now);
    // The next time at which tick() has something to do; nothing when no deadline runs.
    std::optional<base::MonotonicTime> deadline() const;

    std::optional<ServerEvent> next_event();
    // Bytes to send, moved out; empty when there are none.
    base::Bytes take_output();

    // NetStream.Publish.Start. Capabilities and limits after it are a publisher's.
    void accept_publish();
    // StreamBegin, NetStream.Play.Reset, NetStream.Play.Start, |RtmpSampleAccess.
    void accept_play();
    // onStatus of level error with this code ("NetStream.Publish.BadName") and text, then closing.
    void refuse(std::string_view code, std::string_view description);
    // Tells a publisher or player that we end it, on our own accord (NetStream.Unpublish.Success,
    // NetStream.Play.UnpublishNotify, NetConnection.Connect.Closed), then closing.
    void end(std::string_view description);
    // NetConnection.Connect.ReconnectRequest, if the peer said that it understands it; false otherwise.
    bool request_reconnect(std::string_view tc_url, std::string_view description);
    // Measures round trips and wakes silent peers; the answer is taken care of inside.
    void send_ping(base::MonotonicTime now);

    bool closing() const;
    bool publishing() const;
    bool playing() const;
    // Where media goes for a player: message stream id for a MediaWriter.
    std::uint32_t play_stream_id() const;
    const ConnectInfo& connect_info() const;
    // Bytes held for messages that are not complete yet, and for those waiting for the gate.
    std::size_t buffered_bytes() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace protocol::rtmp
