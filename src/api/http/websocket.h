// WebSocket (RFC 6455), as far as a server needs it that only sends: the handshake's answer, the head of a
// binary message, and what a client may say meanwhile. Sans-I/O.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/http/message.h"
#include "base/bytes.h"

namespace api::http {

// A GET that asks to go on as a WebSocket, whether well or badly.
bool wants_websocket(const Request& request);
// The value of Sec-WebSocket-Accept (§4.2.2); empty when the request is not one that can be accepted.
std::string websocket_accept(const Request& request);

// The head of an unfragmented, unmasked message of so many bytes (§5.2).
std::string websocket_head(std::uint64_t size);
// A whole control frame: close with a status, or the answer to a ping.
std::string websocket_close(std::uint16_t status);
std::string websocket_pong(std::string_view payload);

// Reads what the client sends. Messages are thrown away.
class WebSocketReader {
  public:
    static constexpr std::uint64_t max_payload = 64 * 1024;
    static constexpr std::size_t max_control_payload = 125;  // §5.5

    enum class State : std::uint8_t {
        open,
        closed,     // it said goodbye
        malformed,  // against the protocol: status 1002
        too_large,  // status 1009
    };
    // After anything but `open`, nothing more is read.
    State consume(base::ByteView bytes);
    // The payload of the newest ping since the last call that has not been answered.
    bool take_ping(std::string& payload);
    bool pinged() const { return pinged_; }

  private:
    State finish_head();
    State finish_frame();
    std::size_t head_size() const;

    std::array<std::uint8_t, 14> head_{};
    std::size_t head_read_ = 0;
    std::uint64_t left_ = 0;
    bool in_payload_ = false;
    std::string control_;
    std::string ping_;
    bool pinged_ = false;
    State state_ = State::open;
};

}  // namespace api::http
