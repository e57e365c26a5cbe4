// Both sides of the handshake: nothing they read may be taken beyond its end, and each done side has
// answered.
#include "protocol/rtmp/handshake.h"
#include "slices.h"

using namespace protocol::rtmp;

namespace {

template <class Handshake>
void run(base::ByteView input) {
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
    if (!handshake.done()) return;
    fuzz::require(used == 1 + 2 * handshake_packet_size);
    fuzz::require(handshake.take_output().size() == 1 + 2 * handshake_packet_size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run<ServerHandshake>({data, size});
    run<ClientHandshake>({data, size});
    return 0;
}
