// What peers say to a session, good and hostile, from their first byte, for tests and fuzz corpora.
#pragma once

#include <string>
#include <vector>

#include "protocol/rtmp/chunk_cases.h"
#include "protocol/rtmp/client_session.h"
#include "protocol/rtmp/command.h"
#include "protocol/rtmp/handshake_cases.h"
#include "protocol/rtmp/server_session.h"

namespace protocol::rtmp {

// Bytes of one side after its handshake, in chunks of 128 bytes until told otherwise.
class PeerScript {
  public:
    PeerScript& command(const Command& command, std::uint32_t stream_id = 0, bool amf3 = false) {
        base::Bytes body = write_command(command);
        if (amf3) body.insert(body.begin(), 0);
        return message(amf3 ? MessageType::command_amf3 : MessageType::command_amf0, body, stream_id);
    }
    PeerScript& message(MessageType type, base::ByteView body, std::uint32_t stream_id = 0,
                        std::uint32_t timestamp = 0) {
        write_message(bytes_, {chunk_stream::command, type, stream_id, timestamp}, body, chunk_size_);
        return *this;
    }
    PeerScript& number(MessageType type, std::uint32_t value) {
        message(type, write_number(value));
        if (type == MessageType::set_chunk_size) chunk_size_ = value;
        return *this;
    }
    PeerScript& status(std::string level, std::string code, std::string description = {}) {
        return command(on_status({std::move(level), std::move(code), std::move(description)}), 1);
    }
    PeerScript& raw(base::ByteView bytes) {
        base::append(bytes_, bytes);
        return *this;
    }
    const base::Bytes& bytes() const { return bytes_; }

  private:
    base::Bytes bytes_;
    std::uint32_t chunk_size_ = default_chunk_size;
};

// A script for a ServerSession: the handshake first.
inline PeerScript encoder() {
    return PeerScript().raw(client_hello(plain_packet(0)));
}

inline Command connect_command(AmfObject object = {{"app", "live"}, {"flashVer", "FMLE/3.0"}}) {
    return {"connect", 1, std::move(object), {}};
}
inline PeerScript connected_encoder() {
    return encoder().command(connect_command());
}
inline PeerScript publishing_encoder(std::string name = "key?a=1") {
    return connected_encoder()
        .command({"releaseStream", 2, AmfNull{}, {name}})
        .command({"FCPublish", 3, AmfNull{}, {name}})
        .command({"createStream", 4, AmfNull{}, {}})
        .command({"publish", 5, AmfNull{}, {name, "live"}}, 1);
}
inline PeerScript playing_player() {
    return connected_encoder()
        .command({"createStream", 2, AmfNull{}, {}})
        .command({"play", 0, AmfNull{}, {"view", -2}}, 1);
}

inline base::Bytes aggregate_of(const std::vector<PlainMessage>& messages) {
    base::Bytes bytes;
    base::ByteWriter out(bytes);
    for (const PlainMessage& message : messages) {
        out.u8(static_cast<std::uint8_t>(message.type)).u24(message.body.size());
        out.u24(message.timestamp & 0xffffff).u8(message.timestamp >> 24).u24(0);
        out.bytes(message.body).u32(11 + message.body.size());
    }
    return bytes;
}

struct ServerCase {
    std::string name;
    base::Bytes bytes;
    // As describe() tells them; a publish or play is answered with yes, but for the key "bad".
    std::vector<std::string> events = {};
    std::optional<base::ErrorCode> error = {};
};

inline std::vector<ServerCase> server_cases() {
    using base::ErrorCode;
    const auto repeat = [](PeerScript script, int count, const Command& command) {
        for (int i = 0; i < count; ++i) script.command(command);
        return script;
    };
    const base::Bytes picture = filled(300);
    const base::Bytes sound = filled(7);
    const std::string asked = "publish live key a=1";
    const AmfObject amf3_connect{{"app", "live"}, {"objectEncoding", 3}};
    base::Bytes amf3_data{0};
    write_amf(amf3_data, "onMetaData");
    base::Bytes amf3_argument = write_command({"unknown", 7, AmfNull{}, {}});
    base::append(amf3_argument, base::from_hex("110a0b01"));
    base::Bytes cut_command = write_command({"createStream", 4, AmfNull{}, {"name"}});
    cut_command.pop_back();

    std::vector<PlainMessage> many(1024, {MessageType::audio, 0, 0, {}});
    const base::Bytes aggregate_at_limit = aggregate_of(many);
    many.push_back(many.front());
    const base::Bytes aggregate_past_limit = aggregate_of(many);

    return {
        {"publish, as OBS does",
         publishing_encoder()
             .number(MessageType::set_chunk_size, 4096)
             .message(MessageType::data_amf0, filled(20), 1)
             .message(MessageType::audio, sound, 1, 10)
             .message(MessageType::video, picture, 1, 20)
             .command({"FCUnpublish", 6, AmfNull{}, {"key"}})
             .command({"deleteStream", 7, AmfNull{}, {1}})
             .bytes(),
         {asked, "data 0 20", "audio 10 7", "video 20 300", "publish ended"}},
        {"publish with a digest",
         PeerScript()
             .raw(client_hello(signed_packet(DigestScheme::before_key, HandshakeSide::client, 1)))
             .command(connect_command())
             .command({"createStream", 2, AmfNull{}, {}})
             .command({"publish", 3, AmfNull{}, {"key"}}, 1)
             .bytes(),
         {"publish live key "}},
        {"application with a query",
         encoder()
             .command(connect_command({{"app", "live/?x=1?y"}}))
             .command({"createStream", 2, AmfNull{}, {}})
             .command({"publish", 3, AmfNull{}, {"key"}}, 1)
             .bytes(),
         {"publish live key "}},
        {"AMF3 commands and data",
         encoder()
             .command(connect_command(amf3_connect), 0, true)
             .command({"createStream", 2, AmfNull{}, {}}, 0, true)
             .command({"publish", 3, AmfNull{}, {"key"}}, 1, true)
             .message(MessageType::data_amf3, amf3_data, 1)
             .bytes(),
         {"publish live key ", "data 0 13"}},
        {"publish, closeStream, publish again",
         publishing_encoder()
             .command({"closeStream", 0, AmfNull{}, {}}, 1)
             .command({"publish", 6, AmfNull{}, {"key"}}, 1)
             .bytes(),
         {asked, "publish ended", "publish live key "}},
        {"publish twice",
         publishing_encoder()
             .command({"publish", 6, AmfNull{}, {"other"}}, 1)
             .message(MessageType::audio, sound, 1)
             .bytes(),
         {asked, "audio 0 7"}},
        {"publish without createStream",
         connected_encoder().command({"publish", 2, AmfNull{}, {"key"}}, 1).bytes()},
        {"publish on another stream", connected_encoder()
                                          .command({"createStream", 2, AmfNull{}, {}})
                                          .command({"publish", 3, AmfNull{}, {"key"}}, 2)
                                          .bytes()},
        {"publish without a name", connected_encoder()
                                       .command({"createStream", 2, AmfNull{}, {}})
                                       .command({"publish", 3, AmfNull{}, {AmfNull{}}}, 1)
                                       .bytes()},
        {"name at its limit",
         publishing_encoder(std::string(1024, 'k')).bytes(),
         {"publish live " + std::string(1024, 'k') + " "}},
        {"name past its limit", publishing_encoder(std::string(1025, 'k')).bytes()},
        {"refused",
         publishing_encoder("bad").message(MessageType::audio, sound, 1).bytes(),
         {"publish live bad "}},
        {"commands before connect", encoder()
                                        .command({"createStream", 2, AmfNull{}, {}})
                                        .command({"publish", 3, AmfNull{}, {"key"}}, 1)
                                        .bytes()},
        {"connect twice", publishing_encoder().command(connect_command()).bytes(), {asked}},
        {"application at its limit",
         encoder()
             .command(connect_command({{"app", std::string(1024, 'a')}}))
             .command({"createStream", 2, AmfNull{}, {}})
             .command({"publish", 3, AmfNull{}, {"key"}}, 1)
             .bytes(),
         {"publish " + std::string(1024, 'a') + " key "}},
        {"application past its limit", encoder()
                                           .command(connect_command({{"app", std::string(1025, 'a')}}))
                                           .command({"createStream", 2, AmfNull{}, {}})
                                           .command({"publish", 3, AmfNull{}, {"key"}}, 1)
                                           .bytes()},
        {"connect without an application", encoder().command(connect_command({{"app", AmfNull{}}})).bytes()},
        {"media before publish", connected_encoder()
                                     .message(MessageType::audio, sound, 1)
                                     .message(MessageType::aggregate, sound, 1)
                                     .bytes()},
        {"aggregate",
         publishing_encoder()
             .message(MessageType::aggregate,
                      aggregate_of({{MessageType::audio, 0, 0xfffffff0, sound},
                                    {MessageType::video, 0, 0x00000010, picture},
                                    {MessageType::set_chunk_size, 0, 0, filled(4)}}),
                      1, 1000)
             .bytes(),
         {asked, "audio 1000 7", "video 1032 300"}},
        {"play, pause, go on, stop",
         playing_player()
             .command({"pause", 0, AmfNull{}, {true, 0}}, 1)
             .command({"pause", 0, AmfNull{}, {false, 0}}, 1)
             .command({"deleteStream", 0, AmfNull{}, {1}})
             .bytes(),
         {"play live view ", "paused", "went on", "play ended"}},
        {"player asks for the length", connected_encoder()
                                           .command({"createStream", 2, AmfNull{}, {}})
                                           .command({"getStreamLength", 3, AmfNull{}, {"view"}})
                                           .command({"_checkbw", 4, AmfNull{}, {}})
                                           .bytes()},
        {"unknown commands and answers", connected_encoder()
                                             .command({"nonsense", 9, AmfNull{}, {}})
                                             .command({"nonsense", 0, AmfNull{}, {}})
                                             .command({"_result", 9, AmfNull{}, {}})
                                             .command({"_error", 9, AmfNull{}, {}})
                                             .bytes()},
        {"an argument that we cannot read",
         connected_encoder().message(MessageType::command_amf0, amf3_argument).bytes()},
        {"unknown message types", connected_encoder()
                                      .message(static_cast<MessageType>(0), sound)
                                      .message(static_cast<MessageType>(19), sound)
                                      .message(static_cast<MessageType>(255), sound)
                                      .bytes()},
        {"control messages",
         connected_encoder()
             .number(MessageType::window_ack_size, 0)
             .number(MessageType::window_ack_size, 0xffffffff)
             .number(MessageType::window_ack_size, 4096)
             .number(MessageType::acknowledgement, 1)
             .message(MessageType::set_peer_bandwidth, write_peer_bandwidth(1000, BandwidthLimit::dynamic))
             .message(MessageType::user_control, write_user_control({UserEvent::ping_request, 5}))
             .message(MessageType::user_control, write_user_control({UserEvent::set_buffer_length, 1, 300}))
             .message(MessageType::user_control, base::from_hex("001f"))
             .bytes()},
        {"deleteStream of what never was",
         publishing_encoder()
             .command({"deleteStream", 0, AmfNull{}, {0}})
             .command({"deleteStream", 0, AmfNull{}, {-1}})
             .command({"deleteStream", 0, AmfNull{}, {1e300}})
             .command({"deleteStream", 0, AmfNull{}, {AmfNull{}}})
             .bytes(),
         {asked}},
        {"aggregate at its limit",
         publishing_encoder().message(MessageType::aggregate, aggregate_at_limit, 1).bytes(),
         [&] {
             std::vector<std::string> events{asked};
             events.resize(1 + 1024, "audio 0 0");
             return events;
         }()},

        {"aggregate past its limit",
         publishing_encoder().message(MessageType::aggregate, aggregate_past_limit, 1).bytes(),
         {asked},
         ErrorCode::limit_exceeded},
        {"aggregate cut",
         publishing_encoder().message(MessageType::aggregate, filled(10), 1).bytes(),
         {asked},
         ErrorCode::malformed},
        {"aggregate whose part is longer than the whole",
         publishing_encoder()
             .message(MessageType::aggregate, base::from_hex("08ffffff0000000000000000"), 1)
             .bytes(),
         {asked},
         ErrorCode::malformed},
        {"HTTP", padded("GET / HTTP/1.1\r\n\r\n"), {}, ErrorCode::unsupported},
        {"command without a name",
         connected_encoder().message(MessageType::command_amf0, base::from_hex("05")).bytes(),
         {},
         ErrorCode::malformed},
        {"empty command",
         connected_encoder().message(MessageType::command_amf0, {}).bytes(),
         {},
         ErrorCode::malformed},
        {"command cut",
         connected_encoder().message(MessageType::command_amf0, cut_command).bytes(),
         {},
         ErrorCode::malformed},
        {"command nested too deeply",
         connected_encoder()
             .message(MessageType::command_amf0,
                      [] {
                          base::Bytes body = write_command({"connect", 1, AmfNull{}, {}});
                          base::append(body, base::from_hex("0a00000001"));
                          for (int i = 0; i < 20; ++i) base::append(body, base::from_hex("0a00000001"));
                          return body;
                      }())
             .bytes(),
         {},
         ErrorCode::limit_exceeded},
        {"acknowledgement cut",
         connected_encoder().message(MessageType::acknowledgement, filled(3)).bytes(),
         {},
         ErrorCode::malformed},
        {"user control cut",
         connected_encoder().message(MessageType::user_control, filled(1)).bytes(),
         {},
         ErrorCode::malformed},
        {"ping cut",
         connected_encoder().message(MessageType::user_control, base::from_hex("00060000")).bytes(),
         {},
         ErrorCode::malformed},
        {"message past the limit before publish",
         connected_encoder()
             .raw(base::from_hex("03000000"
                                 "040001"
                                 "14"
                                 "00000000"))
             .bytes(),
         {},
         ErrorCode::limit_exceeded},
        {"commands at their limit",
         repeat(connected_encoder(), 99, {"createStream", 0, AmfNull{}, {}}).bytes()},
        {"commands past their limit",
         repeat(connected_encoder(), 100, {"createStream", 0, AmfNull{}, {}}).bytes(),
         {},
         ErrorCode::limit_exceeded},
    };
}

// A script for a ClientSession: S0 S1 S2 first.
inline PeerScript server(const HandshakePacket& s1 = plain_packet(1)) {
    return PeerScript().raw(client_hello(s1));
}

inline PeerScript connecting_server() {
    return server()
        .number(MessageType::window_ack_size, 2'500'000)
        .message(MessageType::set_peer_bandwidth, write_peer_bandwidth(2'500'000, BandwidthLimit::dynamic))
        .number(MessageType::set_chunk_size, 4096)
        .command(
            result_of(1, AmfObject{{"fmsVer", "FMS/3,5,7,7009"}, {"capabilities", 31}},
                      status_object({"status", "NetConnection.Connect.Success", "Connection succeeded."})));
}
inline PeerScript creating_server() {
    return connecting_server().command(result_of(4, AmfNull{}, 1));
}
inline PeerScript accepting_server() {
    return creating_server().status("status", "NetStream.Publish.Start", "Publishing.");
}

struct ClientCase {
    std::string name;
    base::Bytes bytes;
    std::vector<std::string> events = {};  // as describe() tells them
    std::optional<base::ErrorCode> error = {};
};

// The stream key of every client in these cases, so that tables may send it back.
inline constexpr std::string_view case_key = "live_4711_s3cr3tk3y?bandwidthtest=true";

inline std::vector<ClientCase> client_cases() {
    using base::ErrorCode;
    const std::string key(case_key);
    const auto refusal = [](std::string step, std::string code, std::string text) {
        return std::vector<std::string>{"refused " + step + " " + code + ": " + text};
    };
    const auto accepted_then = [](std::string event) {
        return std::vector<std::string>{"accepted 1", event};
    };
    return {
        {"accepted", accepting_server().bytes(), {"accepted 1"}},
        {"accepted by a server that signs",
         server(signed_packet(DigestScheme::after_key, HandshakeSide::server, 2))
             .command(result_of(1, AmfNull{}, AmfNull{}))
             .command(result_of(4, AmfNull{}, 1))
             .status("status", "NetStream.Publish.Start")
             .bytes(),
         {"accepted 1"}},
        {"accepted by SRS, which answers FCPublish",
         connecting_server()
             .command(result_of(2, AmfNull{}, AmfUndefined{}))
             .command(result_of(3, AmfNull{}, AmfUndefined{}))
             .command(result_of(4, AmfNull{}, 7))
             .command({"onFCPublish", 0, AmfNull{}, {status_object({"", "NetStream.Publish.Start", ""})}})
             .status("status", "NetStream.Publish.Start")
             .bytes(),
         {"accepted 7"}},
        {"errors of releaseStream and FCPublish mean nothing",
         connecting_server()
             .command({"onBWDone", 0, AmfNull{}, {}})
             .command(error_of(2, "NetConnection.Call.Failed", "releaseStream"))
             .command(error_of(3, "NetConnection.Call.Failed", "FCPublish"))
             .command(result_of(4, AmfNull{}, 1))
             .status("status", "NetStream.Publish.Start")
             .bytes(),
         {"accepted 1"}},
        {"acknowledgements",
         accepting_server()
             .number(MessageType::acknowledgement, 100)
             .number(MessageType::acknowledgement, 0xffffffff)
             .bytes(),
         {"accepted 1", "acknowledged 4294967295"}},
        {"reconnect request",
         accepting_server()
             .command({"onStatus",
                       0,
                       AmfNull{},
                       {AmfObject{{"level", "status"},
                                  {"code", "NetConnection.Connect.ReconnectRequest"},
                                  {"tcUrl", "rtmp://other/app"},
                                  {"description", "update"}}}})
             .bytes(),
         accepted_then("reconnect rtmp://other/app update")},
        {"connect refused",
         server().command(error_of(1, "NetConnection.Connect.Rejected", "no such app")).bytes(),
         refusal("connect", "NetConnection.Connect.Rejected", "no such app")},
        {"connect refused without a word", server().command({"_error", 1, AmfNull{}, {}}).bytes(),
         refusal("connect", "_error", "")},
        {"connect asks for Adobe authentication",
         server()
             .command(error_of(1, "NetConnection.Connect.Rejected",
                               "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : "))
             .bytes(),
         refusal("connect", "NetConnection.Connect.Rejected",
                 "The server asks for a user name and password (Adobe authentication), which is not "
                 "supported. Use a "
                 "stream key without it.")},
        {"connect asks for Limelight authentication",
         server()
             .command(error_of(1, "NetConnection.Connect.Rejected", "code=403 need auth; authmod=llnw"))
             .bytes(),
         refusal("connect", "NetConnection.Connect.Rejected",
                 "The server asks for a user name and password (Limelight authentication), which is not "
                 "supported. Use "
                 "a stream key without it.")},
        {"invalid application", server().status("error", "NetConnection.Connect.InvalidApp", "what?").bytes(),
         refusal("connect", "NetConnection.Connect.InvalidApp", "what?")},
        {"createStream refused",
         connecting_server().command(error_of(4, "NetConnection.Call.Failed", "no")).bytes(),
         refusal("createStream", "NetConnection.Call.Failed", "no")},
        {"closed after connect",
         connecting_server().status("status", "NetConnection.Connect.Closed", "bye").bytes(),
         refusal("createStream", "NetConnection.Connect.Closed", "bye")},
        {"close command", creating_server().command({"close", 0, AmfNull{}, {}}).bytes(),
         refusal("publish", "close", "The server closed the connection.")},
        {"key taken",
         creating_server().status("error", "NetStream.Publish.BadName", "Already publishing").bytes(),
         refusal("publish", "NetStream.Publish.BadName", "Already publishing")},
        {"key denied",
         creating_server().status("error", "NetStream.Publish.Denied", "key " + key + " is bad").bytes(),
         refusal("publish", "NetStream.Publish.Denied", "key •••••••• is bad")},
        {"key rejected, and sent back without its query",
         creating_server().status("error", "NetStream.Publish.Rejected", "live_4711_s3cr3tk3y").bytes(),
         refusal("publish", "NetStream.Publish.Rejected", "••••••••")},
        {"key sent back as the code", creating_server().status("error", key, "x").bytes(),
         refusal("publish", "••••••••", "x")},
        {"publish failed", creating_server().status("status", "NetStream.Failed", "x").bytes(),
         refusal("publish", "NetStream.Failed", "x")},
        {"publish answered by _error", creating_server().command(error_of(5, "Multitrack", "no")).bytes(),
         refusal("publish", "Multitrack", "no")},
        {"an error of its own kind", creating_server().status("error", "Stream.Takeover", "x").bytes(),
         refusal("publish", "Stream.Takeover", "x")},
        {"control characters in a refusal",
         creating_server()
             .status("error", "NetStream.Publish.BadName", "a\x1b[31m\n\xff\xe2\x80\xaez\xc3\xa9")
             .bytes(),
         refusal("publish", "NetStream.Publish.BadName", "a?[31m???z\xc3\xa9")},
        {"long text in a refusal",
         creating_server().status("error", "NetStream.Publish.BadName", std::string(5000, 'x')).bytes(),
         refusal("publish", "NetStream.Publish.BadName", std::string(256, 'x'))},
        {"refused after it was accepted",
         accepting_server().status("error", "NetStream.Publish.BadName", "late").bytes(),
         accepted_then("refused publishing NetStream.Publish.BadName: late")},
        {"ended", accepting_server().status("status", "NetStream.Unpublish.Success", "over").bytes(),
         accepted_then("ended NetStream.Unpublish.Success: over")},
        {"closed", accepting_server().command({"close", 0, AmfNull{}, {}}).bytes(),
         accepted_then("ended close: The server closed the connection.")},
        {"media for a publisher",
         accepting_server()
             .message(MessageType::video, filled(10), 1)
             .message(MessageType::aggregate, filled(3), 1)
             .bytes(),
         {"accepted 1"}},
        {"answers to nothing",
         accepting_server()
             .command(result_of(1, AmfNull{}, AmfNull{}))
             .command(result_of(4, AmfNull{}, 9))
             .command(error_of(99, "x", "y"))
             .bytes(),
         {"accepted 1"}},
        {"ping", server()
                     .message(MessageType::user_control, write_user_control({UserEvent::ping_request, 5}))
                     .bytes()},

        {"HTTP", padded("HTTP/1.1 400 Bad Request\r\n\r\n"), {}, ErrorCode::unsupported},
        {"createStream without a number",
         connecting_server().command(result_of(4, AmfNull{}, "one")).bytes(),
         {},
         ErrorCode::malformed},
        {"createStream with no number at all",
         connecting_server().command(result_of(4, AmfNull{}, 0.0 / 0.0)).bytes(),
         {},
         ErrorCode::malformed},
        {"createStream with a negative one",
         connecting_server().command(result_of(4, AmfNull{}, -1)).bytes(),
         {},
         ErrorCode::malformed},
        {"command cut",
         connecting_server().message(MessageType::command_amf0, base::from_hex("020009")).bytes(),
         {},
         ErrorCode::malformed},
        {"message past the limit",
         server()
             .raw(base::from_hex("03000000"
                                 "040001"
                                 "14"
                                 "00000000"))
             .bytes(),
         {},
         ErrorCode::limit_exceeded},
        {"chunk size 1",
         server().number(MessageType::set_chunk_size, 1).bytes(),
         {},
         ErrorCode::limit_exceeded},
    };
}

inline std::string describe(const Message& message) {
    const std::string kind = message.type == MessageType::audio   ? "audio"
                             : message.type == MessageType::video ? "video"
                                                                  : "data";
    return kind + " " + std::to_string(message.timestamp) + " " + std::to_string(message.body.size());
}

inline std::string describe(const ServerEvent& event) {
    struct Teller {
        std::string operator()(const PublishRequested& e) const {
            return "publish " + e.connect.app + " " + e.stream_key.reveal() + " " + e.query;
        }
        std::string operator()(const PlayRequested& e) const {
            return "play " + e.connect.app + " " + e.stream_name + " " + e.query;
        }
        std::string operator()(const MediaReceived& e) const { return describe(e.message); }
        std::string operator()(const PublishEnded&) const { return "publish ended"; }
        std::string operator()(const PlayEnded&) const { return "play ended"; }
        std::string operator()(const PausedByPlayer& e) const { return e.paused ? "paused" : "went on"; }
    };
    return std::visit(Teller{}, event);
}

inline std::string describe(const ClientEvent& event) {
    struct Teller {
        std::string operator()(const PublishAccepted& e) const {
            return "accepted " + std::to_string(e.stream_id);
        }
        std::string operator()(const Refused& e) const {
            return "refused " + std::string(to_string(e.step)) + " " + e.code + ": " + e.text;
        }
        std::string operator()(const BytesAcknowledged& e) const {
            return "acknowledged " + std::to_string(e.total);
        }
        std::string operator()(const ReconnectRequested& e) const {
            return "reconnect " + e.tc_url + " " + e.description;
        }
        std::string operator()(const EndedByPeer& e) const { return "ended " + e.code + ": " + e.text; }
        std::string operator()(const PlayStarted&) const { return "playing"; }
        std::string operator()(const PlayedMedia& e) const { return describe(e.message); }
    };
    return std::visit(Teller{}, event);
}

}  // namespace protocol::rtmp
