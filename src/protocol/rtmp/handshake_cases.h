// First bytes of peers, good and hostile, for tests and fuzz corpora.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/rtmp/handshake.h"

namespace protocol::rtmp {

struct HandshakeCase {
    std::string name;
    base::Bytes bytes;  // what a client sends: C0 C1 C2 and what follows
    bool accepted = false;
    std::string says = {};  // part of the error's text
};

// A packet whose random part is not random, so that tables and corpora are the same every time.
inline HandshakePacket plain_packet(std::uint8_t seed, std::uint8_t version = 0) {
    HandshakePacket packet{};
    for (std::size_t i = 8; i < packet.size(); ++i) packet[i] = static_cast<std::uint8_t>(i * 31 + seed);
    std::fill_n(packet.begin() + 4, 4, version);
    return packet;
}

inline HandshakePacket signed_packet(DigestScheme scheme, HandshakeSide side, std::uint8_t seed) {
    HandshakePacket packet = plain_packet(seed, 9);
    sign_packet(packet, scheme, side);
    return packet;
}

// C0 C1 C2 of a client whose C1 is `packet`. Its C2 answers nothing; no server of ours looks at it.
inline base::Bytes client_hello(const HandshakePacket& packet, std::uint8_t version = rtmp_version) {
    base::Bytes bytes{version};
    base::append(bytes, packet);
    base::append(bytes, plain_packet(77));
    return bytes;
}

inline base::Bytes padded(std::string_view text) {
    base::Bytes bytes;
    base::append(bytes, base::as_bytes(text));
    bytes.resize(1 + 2 * handshake_packet_size, ' ');
    return bytes;
}

inline std::vector<HandshakeCase> handshake_cases() {
    const HandshakePacket after = signed_packet(DigestScheme::after_key, HandshakeSide::client, 1);
    const HandshakePacket before = signed_packet(DigestScheme::before_key, HandshakeSide::client, 2);
    HandshakePacket broken = after;
    broken[600] ^= 1;
    HandshakePacket wrong_side = signed_packet(DigestScheme::before_key, HandshakeSide::server, 3);
    HandshakePacket largest_offset = plain_packet(4, 9);
    std::fill_n(largest_offset.begin() + 8, 4, std::uint8_t{0xff});
    std::fill_n(largest_offset.begin() + 772, 4, std::uint8_t{0xff});
    HandshakePacket last_offset = plain_packet(5, 9);  // 727, the last place of the block
    for (const std::size_t at : {8u, 772u}) {
        last_offset[at] = last_offset[at + 1] = 255;
        last_offset[at + 2] = 217;
        last_offset[at + 3] = 0;
    }
    sign_packet(last_offset, DigestScheme::after_key, HandshakeSide::client);

    base::Bytes with_more = client_hello(after);
    base::append(with_more, base::as_bytes("and chunks"));
    return {
        {"simple", client_hello(plain_packet(0)), true},
        {"simple, all zero", client_hello(HandshakePacket{}), true},
        {"digest after the key", client_hello(after), true},
        {"digest before the key", client_hello(before), true},
        {"digest at the last place", client_hello(last_offset), true},
        {"digest that is wrong", client_hello(broken), true},
        {"digest of a server", client_hello(wrong_side), true},
        {"offsets all ones", client_hello(largest_offset), true},
        {"more behind it", with_more, true},
        {"version 0", client_hello(plain_packet(0), 0), false, "first byte is 0"},
        {"version 4", client_hello(plain_packet(0), 4), false, "first byte is 4"},
        {"version 255", client_hello(plain_packet(0), 255), false, "first byte is 255"},
        {"RTMPE", client_hello(plain_packet(0), 6), false, "RTMPE"},
        {"TLS", base::from_hex("16030100c8010000c4"), false, "TLS"},
        {"HTTP GET", padded("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), false, "HTTP"},
        {"HTTP POST (RTMPT)", padded("POST /open/1 HTTP/1.1\r\n\r\n"), false, "HTTP"},
    };
}

}  // namespace protocol::rtmp
