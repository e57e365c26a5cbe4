#include "protocol/rtmp/message_channel.h"

#include <algorithm>

#include "base/limit_hits.h"

namespace protocol::rtmp {

using base::fail;

void MessageChannel::received(std::size_t count, base::MonotonicTime now) {
    reader_.allow_work(now);
    if (requests_paid_at_ && now > *requests_paid_at_) {
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::microseconds>(now - *requests_paid_at_).count();
        constexpr std::int64_t full = requests_at_once * micros_per_request;
        request_micros_ = std::min(full, request_micros_ + std::min<std::int64_t>(elapsed, full));
    }
    requests_paid_at_ = now;

    received_ += static_cast<std::uint32_t>(count);
    // One acknowledgement for a slice, however many windows it is long (section 5.4.3).
    if (received_ - acknowledged_at_ < window_) return;
    acknowledged_at_ = received_;
    send_control(MessageType::acknowledgement, write_number(received_));
}

base::Result<bool> MessageChannel::handle(const Message& message) {
    switch (message.type) {
        case MessageType::acknowledgement:
        case MessageType::window_ack_size:
        case MessageType::set_peer_bandwidth: {
            const auto number = read_number(message);
            if (!number) return fail(number.error());
            if (message.type == MessageType::acknowledgement) {
                acknowledged_ = *number;
            } else if (*number == 0 || *number > largest_window) {
                break;
            } else if (message.type == MessageType::window_ack_size) {
                window_ = std::max(*number, smallest_window);
            } else if (*number != announced_window_) {
                // Section 5.4.5: told how much it may send, the other side says how often it wants to hear of
                // it.
                if (auto ok = spend_request(); !ok) return fail(std::move(ok.error()));
                announce_window(*number);
            }
            break;
        }
        case MessageType::user_control: {
            const auto control = read_user_control(message);
            if (!control) return fail(control.error());
            if (control->event == UserEvent::ping_request) {
                if (auto ok = spend_request(); !ok) return fail(std::move(ok.error()));
                send_user_control({UserEvent::ping_response, control->value});
            }
            break;
        }
        default:
            return false;
    }
    return true;
}

base::Result<> MessageChannel::spend_request() {
    if (request_micros_ < micros_per_request)
        return base::past_limit("rtmp_requests_per_second",
                                "the peer sends more commands and pings than a second allows");
    request_micros_ -= micros_per_request;
    return {};
}

void MessageChannel::announce_chunk_size(std::uint32_t chunk_size) {
    const std::uint32_t size = std::clamp(chunk_size, min_chunk_size, max_chunk_size);
    send_control(MessageType::set_chunk_size, write_number(size));
    out_chunk_size_ = size;
}

void MessageChannel::announce_window(std::uint32_t bytes) {
    announced_window_ = bytes;
    send_control(MessageType::window_ack_size, write_number(bytes));
}

void MessageChannel::send_control(MessageType type, base::ByteView body) {
    write_message(output_, {chunk_stream::control, type}, body, out_chunk_size_);
}

void MessageChannel::send_user_control(const UserControl& control) {
    send_control(MessageType::user_control, write_user_control(control));
}

void MessageChannel::send_command(const Command& command, std::uint32_t stream_id,
                                  std::uint32_t chunk_stream) {
    write_message(output_, {chunk_stream, MessageType::command_amf0, stream_id}, write_command(command),
                  out_chunk_size_);
}

void MessageChannel::send_data(const std::vector<AmfValue>& values, std::uint32_t stream_id) {
    base::Bytes body;
    for (const AmfValue& value : values) write_amf(body, value);
    write_message(output_, {chunk_stream::data, MessageType::data_amf0, stream_id}, body, out_chunk_size_);
}

}  // namespace protocol::rtmp
