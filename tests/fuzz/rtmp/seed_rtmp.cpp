// Seeds of the RTMP fuzz targets, from the unit tests' tables.
#include <cstdio>

#include "../seeds.h"
#include "protocol/rtmp/amf0_cases.h"
#include "protocol/rtmp/random_sender.h"
#include "protocol/rtmp/session_cases.h"

using namespace protocol::rtmp;

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", arguments[0]);
        return 2;
    }
    const std::filesystem::path corpus = arguments[1];
    // The first byte says how a target slices what follows.
    const auto sliced = [](base::ByteView bytes) {
        base::Bytes with_slicing{0};
        base::append(with_slicing, bytes);
        return with_slicing;
    };
    for (const auto& c : handshake_cases()) seeds::write(corpus, "fuzz_handshake", c.name, sliced(c.bytes));
    for (const auto& c : amf0_cases()) seeds::write(corpus, "fuzz_amf0", c.name, c.bytes);
    for (const auto& c : chunk_cases()) seeds::write(corpus, "fuzz_chunk", c.name, sliced(c.bytes));
    for (std::uint32_t way = 0; way < 3; ++way) {
        RandomSender sender(way, static_cast<RandomSender::Repeats>(way));
        seeds::write(corpus, "fuzz_chunk", "random sender " + std::to_string(way), sliced(sender.bytes(20)));
    }
    // The sessions' handshake is played by the target itself: its 3073 bytes have a target of their own.
    const auto after_handshake = [&](const base::Bytes& bytes) {
        constexpr std::size_t handshake = 1 + 2 * handshake_packet_size;
        return sliced(base::ByteView(bytes).subspan(std::min(bytes.size(), handshake)));
    };
    for (const auto& c : server_cases())
        seeds::write(corpus, "fuzz_server_session", c.name, after_handshake(c.bytes));
    for (const auto& c : client_cases())
        seeds::write(corpus, "fuzz_client_session", c.name, after_handshake(c.bytes));
    return 0;
}
