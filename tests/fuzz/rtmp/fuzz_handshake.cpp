// Both sides of the handshake: nothing they read may be taken beyond its end, and each done side has
// answered. The first byte says how the input is sliced, whose side it meets, and whether it is filled up to
// a whole handshake and signed as a peer would, which no mutation would hit upon.
#include "protocol/rtmp/handshake.h"

#include "fuzz/slices.h"
#include "fuzz/surroundings.h"

using namespace protocol::rtmp;

namespace {

constexpr std::size_t whole = 1 + 2 * handshake_packet_size;

enum Options : std::uint8_t { meets_client = 0x80, filled_up = 0x40, is_signed = 0x20, digest_first = 0x10 };

void sign(base::Bytes& input) {
    HandshakePacket packet{};
    const auto begin = input.begin() + 2;  // options, version
    std::copy_n(begin, packet.size(), packet.begin());
    sign_packet(packet, input[0] & digest_first ? DigestScheme::before_key : DigestScheme::after_key,
                input[0] & meets_client ? HandshakeSide::server : HandshakeSide::client);
    std::copy(packet.begin(), packet.end(), begin);
}

template <class Handshake>
void run(base::ByteView input, bool must_be_done) {
    Handshake handshake;
    std::size_t used = 0;
    fuzz::in_slices(input, [&](base::ByteView part) {
        const auto count = handshake.consume(part);
        if (!count) return false;
        fuzz::require(*count <= part.size());
        fuzz::require(*count == part.size() || handshake.done());
        used += *count;
        return !handshake.done();
    });
    fuzz::require(handshake.done() || !must_be_done);
    if (!handshake.done()) return;
    fuzz::require(used == whole);
    fuzz::require(handshake.take_output().size() == whole);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    fuzz::without_chance();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    base::Bytes input(data, data + size);
    if (input[0] & filled_up) {
        if (input.size() < 1 + whole) input.resize(1 + whole, 'x');
        if (input[0] & is_signed) sign(input);
    }
    const bool must_be_done = input.size() > whole && input[1] == rtmp_version;
    if (input[0] & meets_client)
        run<ClientHandshake>(input, must_be_done);
    else
        run<ServerHandshake>(input, must_be_done);
    return 0;
}
