// ClientSession: the publisher's side of one RTMP connection, as a sans-I/O state machine. It says what OBS
// says, in that order (docs/platforms.md). Bytes go in, bytes and events come out, time is an argument. One
// owner, one thread.
//
//   handshake ──S2──▶ connect ──_result──▶ create_stream ──_result──▶ publish ──Publish.Start──▶ publishing
//                                                        releaseStream and FCPublish go before createStream;
//                                                        their answers are never waited for
//   any ──error, refusal, deadline──▶ failed
#pragma once

#include <chrono>
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

enum class ClientPurpose {
    publish,
    probe,  // asks to publish, sends no media, and leaves: a connection test
    play,
};

struct ClientSettings {
    std::string app;          // all after the host, query included, without a trailing slash
    std::string tc_url;       // the URL without the key
    base::Secret stream_key;  // sent as given, query included; the stream's name for play
    ClientPurpose purpose = ClientPurpose::publish;
    std::uint32_t out_chunk_size = 4096;
    // fourCcList to announce when the stream needs Enhanced RTMP; empty: the five plain fields, as OBS sends
    // them.
    std::vector<std::string> fourcc_list;
    std::chrono::milliseconds handshake_deadline{5'000};
    // For each of connect, createStream and publish.
    std::chrono::milliseconds step_deadline{5'000};
};

enum class ClientStep { handshake, connect, create_stream, publish, publishing, failed };
std::string_view to_string(ClientStep step);

// The peer accepted the publish: media may be sent.
struct PublishAccepted {
    std::uint32_t stream_id = 0;
};
// The peer said no, in words of its own ("NetStream.Publish.BadName: Already publishing"). The session has
// failed. `text` is printable, at most 256 bytes, and never holds the key, even where the peer sent it back.
struct Refused {
    ClientStep step{};
    std::string code;
    std::string text;
};
// The peer acknowledged this many bytes in all (section 5.4.3), wrapping at 2^32.
struct BytesAcknowledged {
    std::uint32_t total = 0;
};
// Enhanced RTMP: connect again, at tc_url if it is not empty, at the next keyframe; keep sending until then.
struct ReconnectRequested {
    std::string tc_url;
    std::string description;
};
// The peer ended the stream on its own accord after it had been accepted.
struct EndedByPeer {
    std::string code;
    std::string text;
};
// Only for ClientPurpose::play.
struct PlayStarted {};
struct PlayedMedia {
    Message message;
};

using ClientEvent = std::variant<PublishAccepted, Refused, BytesAcknowledged, ReconnectRequested, EndedByPeer,
                                 PlayStarted, PlayedMedia>;

class ClientSession {
  public:
    ClientSession(ClientSettings settings, base::MonotonicTime now);
    ~ClientSession();
    ClientSession(ClientSession&&) noexcept;
    ClientSession& operator=(ClientSession&&) noexcept;

    // An error (malformed, limit_exceeded, unsupported) fails the session.
    base::Result<> consume(base::ByteView bytes, base::MonotonicTime now);
    // Call at deadline() or later. An error (timed_out) names the step that took too long, and fails the
    // session.
    base::Result<> tick(base::MonotonicTime now);
    std::optional<base::MonotonicTime> deadline() const;

    std::optional<ClientEvent> next_event();
    base::Bytes take_output();

    // FCUnpublish, deleteStream. The socket may be closed when they are sent.
    void finish();

    ClientStep step() const;
    // What the peer can do, from connect's _result.
    const Capabilities& peer_capabilities() const;
    std::size_t buffered_bytes() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace protocol::rtmp
