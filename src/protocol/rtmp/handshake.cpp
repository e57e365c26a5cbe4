#include "protocol/rtmp/handshake.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/ids.h"

namespace protocol::rtmp {
namespace {

using base::ErrorCode;
using base::fail;

// "Genuine Adobe Flash Player 001" or "Genuine Adobe Flash Media Server 001", then 32 bytes that both share.
// C1 and S1 are signed with the text alone, C2 and S2 with all of it.
constexpr std::string_view client_text = "Genuine Adobe Flash Player 001";
constexpr std::string_view server_text = "Genuine Adobe Flash Media Server 001";
constexpr std::array<std::uint8_t, 32> shared_key = {
    0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57,
    0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae};

// Time and version (4 bytes each), then two blocks of 764 bytes: key and digest, in either order. A digest
// block is 4 bytes that name the offset, and 760 among which the digest lies.
constexpr std::size_t block_size = 764;
constexpr std::size_t blocks_at = 8;
constexpr std::size_t offset_range = block_size - 4 - handshake_digest_size;

constexpr std::array<std::uint8_t, 4> our_client_version = {10, 0, 45, 2};  // Flash Player 10.0.45.2
constexpr std::array<std::uint8_t, 4> our_server_version = {4, 5, 0, 1};    // Flash Media Server 4.5.0.1

std::string_view text_of(HandshakeSide side) {
    return side == HandshakeSide::client ? client_text : server_text;
}

base::Bytes whole_key(HandshakeSide side) {
    base::Bytes key;
    base::append(key, base::as_bytes(text_of(side)));
    base::append(key, shared_key);
    return key;
}

HandshakeDigest hmac(base::ByteView key, base::ByteView bytes) {
    HandshakeDigest digest{};
    unsigned int size = digest.size();
    // Fails only without memory or without SHA-256, and nothing of ours works then.
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(),
              digest.data(), &size))
        std::abort();
    return digest;
}

std::size_t digest_offset(const HandshakePacket& packet, DigestScheme scheme) {
    const std::size_t block = scheme == DigestScheme::after_key ? blocks_at + block_size : blocks_at;
    const std::size_t sum = packet[block] + packet[block + 1] + packet[block + 2] + packet[block + 3];
    return block + 4 + sum % offset_range;
}

// Over the packet without the digest itself.
HandshakeDigest packet_digest(const HandshakePacket& packet, std::size_t offset, HandshakeSide side) {
    std::array<std::uint8_t, handshake_packet_size - handshake_digest_size> rest{};
    auto end = std::copy_n(packet.begin(), offset, rest.begin());
    std::copy(packet.begin() + static_cast<std::ptrdiff_t>(offset + handshake_digest_size), packet.end(),
              end);
    return hmac(base::as_bytes(text_of(side)), rest);
}

HandshakePacket random_packet() {
    HandshakePacket packet{};
    const base::Bytes random = base::random_bytes(packet.size());
    std::copy(random.begin(), random.end(), packet.begin());
    return packet;
}

// C1 or S1 as it is before it is signed. A time of zero is as good as any: nobody measures with it.
HandshakePacket fresh_packet(const std::array<std::uint8_t, 4>& version) {
    HandshakePacket packet = random_packet();
    std::fill_n(packet.begin(), 4, std::uint8_t{0});
    std::copy(version.begin(), version.end(), packet.begin() + 4);
    return packet;
}

// Fills `packet` up; says how many bytes it took.
std::size_t fill(HandshakePacket& packet, std::size_t& filled, base::ByteView bytes) {
    const std::size_t count = std::min(packet.size() - filled, bytes.size());
    std::copy_n(bytes.begin(), count, packet.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += count;
    return count;
}

// What somebody else's first byte says about who is there.
base::Error wrong_version(std::uint8_t first) {
    constexpr std::uint8_t tls_handshake_record = 0x16;
    constexpr std::uint8_t rtmpe = 6;
    if (first == tls_handshake_record)
        return {ErrorCode::unsupported,
                "The peer speaks TLS on a plain RTMP port. Use rtmp://, or the rtmps port."};
    if (first == rtmpe || first == 8 || first == 9)
        return {ErrorCode::unsupported, "The peer asks for RTMPE, which is not supported. Use rtmps://."};
    if (first >= 'A' && first <= 'Z')
        return {ErrorCode::unsupported,
                "The peer speaks HTTP on the RTMP port. Use the HTTP port for pages and API."};
    return {ErrorCode::unsupported, "The peer does not speak RTMP: its first byte is " +
                                        std::to_string(first) + ", where version 3 was expected."};
}

}  // namespace

std::optional<FoundDigest> find_digest(const HandshakePacket& packet, HandshakeSide side) {
    for (const DigestScheme scheme : {DigestScheme::after_key, DigestScheme::before_key}) {
        const std::size_t offset = digest_offset(packet, scheme);
        const HandshakeDigest digest = packet_digest(packet, offset, side);
        if (CRYPTO_memcmp(digest.data(), packet.data() + offset, digest.size()) == 0)
            return FoundDigest{scheme, digest};
    }
    return std::nullopt;
}

HandshakeDigest sign_packet(HandshakePacket& packet, DigestScheme scheme, HandshakeSide side) {
    const std::size_t offset = digest_offset(packet, scheme);
    const HandshakeDigest digest = packet_digest(packet, offset, side);
    std::copy(digest.begin(), digest.end(), packet.begin() + static_cast<std::ptrdiff_t>(offset));
    return digest;
}

void sign_answer(HandshakePacket& packet, const HandshakeDigest& peer_digest, HandshakeSide side) {
    const HandshakeDigest key = hmac(whole_key(side), peer_digest);
    const std::size_t signed_size = packet.size() - handshake_digest_size;
    const HandshakeDigest digest = hmac(key, base::ByteView(packet).first(signed_size));
    std::copy(digest.begin(), digest.end(), packet.begin() + static_cast<std::ptrdiff_t>(signed_size));
}

base::Result<std::size_t> ServerHandshake::consume(base::ByteView bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ != State::done) {
        if (state_ == State::c0) {
            if (bytes[used] != rtmp_version) return fail(wrong_version(bytes[used]));
            ++used;
            state_ = State::c1;
            continue;
        }
        used += fill(packet_, filled_, bytes.subspan(used));
        if (filled_ < packet_.size()) break;
        filled_ = 0;
        if (state_ == State::c1) answer();
        state_ = state_ == State::c1 ? State::c2 : State::done;
    }
    return used;
}

void ServerHandshake::answer() {
    const auto client = find_digest(packet_, HandshakeSide::client);
    output_.push_back(rtmp_version);
    // Without a digest the version stays zero, which tells a client that the simple form is meant, and S2
    // echoes C1.
    HandshakePacket s1 = fresh_packet(client ? our_server_version : std::array<std::uint8_t, 4>{});
    HandshakePacket s2 = packet_;
    if (client) {
        sign_packet(s1, client->scheme, HandshakeSide::server);
        s2 = random_packet();
        sign_answer(s2, client->digest, HandshakeSide::server);
    }
    base::append(output_, s1);
    base::append(output_, s2);
}

ClientHandshake::ClientHandshake() {
    HandshakePacket c1 = fresh_packet(our_client_version);
    sign_packet(c1, DigestScheme::before_key, HandshakeSide::client);
    output_.push_back(rtmp_version);
    base::append(output_, c1);
}

base::Result<std::size_t> ClientHandshake::consume(base::ByteView bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ != State::done) {
        if (state_ == State::s0) {
            if (bytes[used] != rtmp_version) return fail(wrong_version(bytes[used]));
            ++used;
            state_ = State::s1;
            continue;
        }
        used += fill(packet_, filled_, bytes.subspan(used));
        if (filled_ < packet_.size()) break;
        filled_ = 0;
        if (state_ == State::s2) {
            state_ = State::done;
            break;
        }
        HandshakePacket c2 = packet_;
        if (const auto server = find_digest(packet_, HandshakeSide::server)) {
            c2 = random_packet();
            sign_answer(c2, server->digest, HandshakeSide::client);
        }
        base::append(output_, c2);
        state_ = State::s2;
    }
    return used;
}

}  // namespace protocol::rtmp
