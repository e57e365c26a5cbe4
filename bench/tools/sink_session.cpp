#include "bench/tools/sink_session.h"

#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/chunk_writer.h"
#include "protocol/rtmp/control.h"

namespace bench {

using namespace protocol::rtmp;

bool SinkSession::feed(base::ByteView bytes) {
    acknowledge(bytes.size());
    if (!handshake_.done()) {
        const auto used = handshake_.consume(bytes);
        if (!used) return false;
        base::append(output_, handshake_.take_output());
        bytes = bytes.subspan(*used);
    }
    return skimmer_.feed(bytes, [this](const SkimmedMessage& message) { take(message); });
}

void SinkSession::take(const SkimmedMessage& message) {
    const bool video = message.type == MessageType::video;
    if (video || message.type == MessageType::audio) {
        if (const auto stamp = read_stamp(message.head, video)) on_frame_(*stamp);
    } else if (message.type == MessageType::command_amf0 && message.head.size() == message.size) {
        const base::Bytes body(message.head.begin(), message.head.end());
        const auto read = read_command({message.type, message.stream_id, 0, base::SharedBytes(body)});
        if (read.result) answer(read.command, message.stream_id);
    }
}

void SinkSession::answer(const Command& command, std::uint32_t stream_id) {
    const auto say = [&](const Command& said) {
        send(MessageType::command_amf0, write_command(said), stream_id);
    };
    if (command.name == "connect") {
        send(MessageType::window_ack_size, write_number(window));
        send(MessageType::set_peer_bandwidth, write_peer_bandwidth(window, BandwidthLimit::dynamic));
        say(result_of(command.transaction, AmfObject{{"fmsVer", "FMS/3,0,1,123"}, {"capabilities", 31}},
                      status_object({"status", "NetConnection.Connect.Success", "Connection succeeded."})));
    } else if (command.name == "createStream") {
        say(result_of(command.transaction, AmfNull{}, 1));
    } else if (command.name == "publish") {
        if (const std::string* key = command.text(0)) key_ = *key;
        publishing_ = true;
        say(on_status({"status", "NetStream.Publish.Start", "Start publishing."}));
    } else if (command.transaction != 0 && command.name != "_result" && command.name != "_error") {
        say(result_of(command.transaction, AmfNull{}, AmfUndefined{}));
    }
}

void SinkSession::send(MessageType type, base::ByteView body, std::uint32_t stream_id) {
    const bool command = type == MessageType::command_amf0;
    write_message(output_, {command ? chunk_stream::command : chunk_stream::control, type, stream_id, 0},
                  body, default_chunk_size);
}

void SinkSession::acknowledge(std::size_t count) {
    received_ += static_cast<std::uint32_t>(count);
    if (received_ - acknowledged_ < window / 2 || !publishing_) return;
    acknowledged_ = received_;
    send(MessageType::acknowledgement, write_number(received_));
}

}  // namespace bench
