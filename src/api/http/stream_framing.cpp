#include "api/http/stream_framing.h"

#include <cstdio>

namespace api::http {
namespace {

std::string chunk_head(std::size_t size) {
    char text[20];
    const int digits = std::snprintf(text, sizeof text, "%zx\r\n", size);
    return std::string(text, static_cast<std::size_t>(digits));
}

}  // namespace

void StreamFraming::hear(base::ByteView bytes) {
    if (how_ == Framing::websocket) state_ = reader_.consume(bytes);
}

void StreamFraming::add(const base::GatherList& piece, base::GatherList& out) {
    std::string ping;
    if (reader_.take_ping(ping)) out.add_copy(base::as_bytes(websocket_pong(ping)));
    if (piece.empty()) return;
    if (how_ == Framing::chunked) out.add_copy(base::as_bytes(chunk_head(piece.bytes())));
    if (how_ == Framing::websocket) out.add_copy(base::as_bytes(websocket_head(piece.bytes())));
    for (const iovec& part : piece.parts())
        out.add_view({static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    if (how_ == Framing::chunked) out.add_view(base::as_bytes("\r\n"));
}

std::string StreamFraming::goodbye(Ending ending) const {
    using State = WebSocketReader::State;
    constexpr std::uint16_t normal = 1000;
    constexpr std::uint16_t away = 1001;
    constexpr std::uint16_t protocol_error = 1002;
    constexpr std::uint16_t too_big = 1009;
    // Without its last chunk it is not whole (RFC 9112, 8): players that can come back do.
    if (how_ == Framing::chunked) return ending == Ending::cut_off ? "" : "0\r\n\r\n";
    if (how_ != Framing::websocket) return {};
    switch (state_) {
        case State::malformed:
            return websocket_close(protocol_error);
        case State::too_large:
            return websocket_close(too_big);
        case State::closed:
            return websocket_close(normal);
        case State::open:
            break;
    }
    return websocket_close(ending == Ending::whole ? normal : away);
}

}  // namespace api::http
