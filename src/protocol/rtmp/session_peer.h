// Test helpers: what a session has said, told as lines.
#pragma once

#include <string>
#include <vector>

#include "protocol/rtmp/session_cases.h"

namespace protocol::rtmp {

// Reads what one side sent, handshake and all, and tells each message in a line: "control 5 2500000",
// "_result 1", "onStatus NetStream.Publish.Start on 1", "releaseStream 2 key".
class Listener {
  public:
    std::vector<std::string> hear(base::ByteView bytes) {
        std::vector<std::string> lines;
        while (handshake_left_ > 0 && !bytes.empty()) {
            const std::size_t count = std::min(handshake_left_, bytes.size());
            handshake_left_ -= count;
            bytes = bytes.subspan(count);
        }
        while (true) {
            auto progress = reader_.read(bytes);
            if (!progress) {
                lines.push_back("broken: " + progress.error().message);
                return lines;
            }
            bytes = bytes.subspan(progress->used);
            if (!progress->message) return lines;
            lines.push_back(tell(*progress->message));
        }
    }

    std::optional<Command> last_command;

  private:
    std::string tell(const Message& message) {
        switch (message.type) {
            case MessageType::command_amf0: {
                last_command = read_command(message).command;
                std::string line = last_command->name;
                const Status status = read_status(*last_command);
                if (line == "onStatus")
                    return line + " " + status.code + " on " + std::to_string(message.stream_id);
                line += " " + std::to_string(static_cast<int>(last_command->transaction));
                if (line.starts_with("_error")) line += " " + status.code;
                for (std::size_t i = 0; i < last_command->arguments.size(); ++i)
                    if (const std::string* text = last_command->text(i)) line += " " + *text;
                if (message.stream_id != 0) line += " on " + std::to_string(message.stream_id);
                return line;
            }
            case MessageType::user_control: {
                const auto control = read_user_control(message);
                return "event " + std::to_string(static_cast<int>(control->event)) + " " +
                       std::to_string(control->value);
            }
            case MessageType::acknowledgement:
            case MessageType::window_ack_size:
            case MessageType::set_peer_bandwidth:
                return "control " + std::to_string(static_cast<int>(message.type)) + " " +
                       std::to_string(read_number(message).value_or(0));
            default:
                return describe(message);
        }
    }

    std::size_t handshake_left_ = 1 + 2 * handshake_packet_size;
    ChunkReader reader_{limits_of_publisher};
};

}  // namespace protocol::rtmp
