// The RTMP handshake (specification 1.0, section 5.2), simple and with digests, as two small state machines:
// bytes in, bytes out. A session owns one until it is done.
//
// The digest form is not in the specification: both sides put an HMAC-SHA256 at a place that the bytes
// themselves name, under keys that every Flash client and server knows. It proves nothing; some servers ask
// for it all the same.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace protocol::rtmp {

inline constexpr std::size_t handshake_packet_size = 1536;
inline constexpr std::size_t handshake_digest_size = 32;
inline constexpr std::uint8_t rtmp_version = 3;

using HandshakePacket = std::array<std::uint8_t, handshake_packet_size>;
using HandshakeDigest = std::array<std::uint8_t, handshake_digest_size>;

// Where the digest stands: after the key block, or before it.
enum class DigestScheme { after_key, before_key };
enum class HandshakeSide { client, server };

struct FoundDigest {
    DigestScheme scheme{};
    HandshakeDigest digest{};
};

// The digest that `side` put into its C1 or S1, if there is a right one.
std::optional<FoundDigest> find_digest(const HandshakePacket& packet, HandshakeSide side);
// Signs C1 or S1 in place. The place comes from the packet's own bytes.
HandshakeDigest sign_packet(HandshakePacket& packet, DigestScheme scheme, HandshakeSide side);
// Signs C2 or S2 in place, in its last 32 bytes: the answer of `side` to the peer's digest.
void sign_answer(HandshakePacket& packet, const HandshakeDigest& peer_digest, HandshakeSide side);

// C0 C1 in, S0 S1 S2 out, C2 in. C2 is not compared with anything: clients differ in what they echo.
class ServerHandshake {
  public:
    // Takes what belongs to the handshake and says how much that was. Errors: malformed, unsupported.
    base::Result<std::size_t> consume(base::ByteView bytes);
    bool done() const { return state_ == State::done; }
    base::Bytes take_output() { return std::exchange(output_, {}); }

  private:
    enum class State { c0, c1, c2, done };
    void answer();

    State state_ = State::c0;
    HandshakePacket packet_{};
    std::size_t filled_ = 0;
    base::Bytes output_;
};

// C0 C1 out at once, S0 S1 in, C2 out, S2 in. C1 has a digest; a server that knows only the simple form takes
// it for random bytes. Any S2 is accepted.
class ClientHandshake {
  public:
    ClientHandshake();
    base::Result<std::size_t> consume(base::ByteView bytes);
    bool done() const { return state_ == State::done; }
    base::Bytes take_output() { return std::exchange(output_, {}); }

  private:
    enum class State { s0, s1, s2, done };

    State state_ = State::s0;
    HandshakePacket packet_{};
    std::size_t filled_ = 0;
    base::Bytes output_;
};

}  // namespace protocol::rtmp
