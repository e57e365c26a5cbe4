// libFuzzer's hooks, for one mutate_<target>.cpp each, which says what the target's examples are. Only where
// libFuzzer is linked.
#pragma once

#include "fuzz/rtmp/wire_mutator.h"
#include "protocol/rtmp/handshake.h"

namespace fuzz {

std::vector<base::Bytes> examples();

inline base::Bytes without_handshake(const base::Bytes& bytes) {
    constexpr std::size_t handshake = 1 + 2 * protocol::rtmp::handshake_packet_size;
    return {bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), handshake)), bytes.end()};
}

inline const WireMutator& mutator() {
    static const WireMutator made(examples());
    return made;
}

}  // namespace fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
    return fuzz::mutator().mutate(data, size, max_size, seed);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* first, std::size_t first_size,
                                                 const std::uint8_t* second, std::size_t second_size,
                                                 std::uint8_t* out, std::size_t max_size, unsigned seed) {
    return fuzz::mutator().cross({first, first_size}, {second, second_size}, out, max_size, seed);
}
