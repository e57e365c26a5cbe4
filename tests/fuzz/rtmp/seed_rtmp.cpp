// Seeds of the RTMP fuzz targets, from the unit tests' tables and from what has broken others.
#include <cstdio>

#include "base/byte_writer.h"
#include "fuzz/rtmp/known_attacks.h"
#include "fuzz/seeds.h"
#include "protocol/rtmp/random_sender.h"

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
    // Filled up by the target, and signed where the second digit of the options says so.
    for (const int options : {0x40, 0x42, 0x60, 0x70, 0xc0, 0xe1, 0xf0})
        seeds::write(corpus, "fuzz_handshake", "filled up " + std::to_string(options),
                     base::Bytes{static_cast<std::uint8_t>(options), rtmp_version, 0, 0, 0, 0, 10, 0, 45, 2});

    const base::Bytes timestamp = base::from_hex("000003e8");
    const auto aggregate = [&](const std::string& name, const base::Bytes& body) {
        base::Bytes bytes = timestamp;
        base::append(bytes, body);
        seeds::write(corpus, "fuzz_aggregate", name, bytes);
    };
    const base::Bytes sound = filled(7);
    aggregate("three parts", aggregate_of({{MessageType::audio, 0, 0xfffffff0, sound},
                                           {MessageType::video, 0, 0x10, filled(60)},
                                           {MessageType::data_amf3, 0, 0x20, base::from_hex("00020001")}}));
    aggregate("a part that is no media", aggregate_of({{MessageType::set_chunk_size, 0, 0, filled(4)}}));
    aggregate("longer than the whole", base::from_hex("08ffffff0000000000000000"));
    aggregate("without its last back pointer", base::from_hex("080000010000000000000055"));
    aggregate("cut", filled(10));
    aggregate("ping", base::from_hex("000600000005"));
    aggregate("buffer length", base::from_hex("0003000000010000012c"));

    for (const auto& attack : fuzz::chunk_attacks())
        seeds::write(corpus, "fuzz_chunk", attack.name, sliced(attack.bytes));
    for (const auto& attack : fuzz::amf_attacks())
        seeds::write(corpus, "fuzz_amf0", attack.name, attack.bytes);
    for (const auto& attack : fuzz::encoder_attacks())
        seeds::write(corpus, "fuzz_server_session", attack.name, sliced(attack.bytes));
    return 0;
}
