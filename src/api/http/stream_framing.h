// StreamFraming: how a body without a known end stands on the wire: as it is, in chunks, or as the messages
// of a WebSocket, with what its client says meanwhile. Owned by a connection for as long as it streams.
// Sans-I/O.
#pragma once

#include <string>

#include "api/http/message.h"
#include "api/http/websocket.h"
#include "base/gather_list.h"

namespace api::http {

enum class Ending {
    whole,
    stopping,  // the server stops
    cut_off,   // there would have been more
};

class StreamFraming {
  public:
    explicit StreamFraming(Framing how) : how_(how) {}

    Framing how() const { return how_; }
    // What the client said, which is heard on a WebSocket alone.
    void hear(base::ByteView bytes);
    // The client has ended it, or broken the protocol.
    bool over() const { return state_ != WebSocketReader::State::open; }
    // A ping waits for its answer.
    bool has_to_answer() const { return reader_.pinged(); }
    // Adds such an answer, and the piece. It refers to the piece's bytes.
    void add(const base::GatherList& piece, base::GatherList& out);
    std::string goodbye(Ending ending) const;

  private:
    const Framing how_;
    WebSocketReader reader_;
    WebSocketReader::State state_ = WebSocketReader::State::open;
};

}  // namespace api::http
