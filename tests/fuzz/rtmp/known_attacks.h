// Inputs of the shapes that have broken other implementations, named after the public reports: seeds that are
// replayed with every build.
#pragma once

#include <string>
#include <vector>

#include "protocol/rtmp/amf0_cases.h"
#include "protocol/rtmp/session_cases.h"

namespace fuzz {

struct KnownAttack {
    std::string name;
    base::Bytes bytes;
};

// Each chunk stream stands alone, and after the handshake of a session.
inline std::vector<KnownAttack> chunk_attacks() {
    using namespace protocol::rtmp;
    constexpr auto video = MessageType::video;
    const base::Bytes part = filled(128);
    ChunkBuilder many_declared;
    for (std::uint32_t id = 3; id < 67; ++id) many_declared.chunk(0, id, {0, 0xffffff, video, 1}, part);
    ChunkBuilder many_small;
    for (int i = 0; i < 200; ++i) many_small.chunk(0, 3, {0, 1, video, 1}, filled(1));
    return {
        // The second header of one message says more than was allocated by the first.
        {"CVE-2016-10191 length grows inside a message",
         ChunkBuilder().chunk(0, 4, {0, 200, video, 1}, part).chunk(0, 4, {0, 0xffffff, video, 1}, part)},
        {"CVE-2016-10191 length shrinks inside a message",
         ChunkBuilder().chunk(0, 4, {0, 400, video, 1}, part).chunk(1, 4, {0, 100, video, 1}, filled(100))},
        {"CVE-2016-10191 type changes inside a message",
         ChunkBuilder()
             .chunk(0, 4, {0, 200, video, 1}, part)
             .chunk(1, 4, {0, 200, MessageType::set_chunk_size, 1}, filled(72))},
        // The chunk size grows or shrinks while a message is partly there.
        {"CVE-2016-10192 chunk size grows inside a message",
         ChunkBuilder()
             .chunk(0, 4, {0, 300, video, 1}, part)
             .number(MessageType::set_chunk_size, 0xffffff)
             .continuation(4, filled(172))},
        {"nginx-rtmp 1042 chunk size 0x7fffffff", ChunkBuilder()
                                                      .number(MessageType::set_chunk_size, 0x7fffffff)
                                                      .chunk(0, 4, {0, 0xffffff, video, 1}, part)},
        {"Red5 475 chunk size 1", ChunkBuilder().number(MessageType::set_chunk_size, 1)},
        {"Red5 475 a flood of tiny messages", many_small},
        {"Red5 456 sixteen megabytes on every chunk stream", many_declared},
        {"media-server 235 aborted, then continued", ChunkBuilder()
                                                         .chunk(0, 4, {0, 300, video, 1}, part)
                                                         .number(MessageType::abort, 4)
                                                         .continuation(4, part)
                                                         .continuation(4, part)},
        {"media-server 235 aborted by itself",
         ChunkBuilder().chunk(0, 4, {0, 4, MessageType::abort, 0}, write_number(4))},
        {"Node-Media-Server 25 time at 0xffffff", ChunkBuilder()
                                                      .chunk(0, 4, {0xfffffe, 5, video, 1}, filled(5))
                                                      .chunk(1, 4, {1, 5, video, 1}, filled(5))
                                                      .chunk(0, 4, {0xffffff, 200, video, 1}, part)
                                                      .continuation(4, filled(72), 0xffffff)},
        {"srs 2409 time wraps at 32 bits", ChunkBuilder()
                                               .chunk(0, 4, {0xffffffff, 5, video, 1}, filled(5))
                                               .chunk(2, 4, {40, 0, video, 1}, filled(5))
                                               .chunk(2, 4, {0xffffffd8, 0, video, 1}, filled(5))},
    };
}

inline std::vector<KnownAttack> amf_attacks() {
    using namespace protocol::rtmp;
    const auto hex = [](const char* digits) { return base::from_hex(digits); };
    return {
        {"CVE-2015-8270 AMF3 string longer than what is there", hex("1106ffffffff61")},
        {"CVE-2015-8270 AMF3 string by reference to nothing", hex("110602")},
        {"CVE-2015-8271 AMF3 object with traits", hex("110a33076162630361")},
        {"CVE-2015-8272 an answer without its object", hex("0200075f726573756c74003ff0000000000000")},
        {"Red5 469 objects in one another", nested_objects(100)},
        {"flvmeta 29 arrays in one another", nested_arrays(1000)},
        {"ZLMediaKit 4787 ECMA arrays in one another",
         [] {
             base::Bytes bytes;
             for (int i = 0; i < 200; ++i) base::ByteWriter(bytes).u8(0x08).u32(0xffffffff).u16(1).text("a");
             return bytes;
         }()},
        {"an array that says it has four thousand million elements", hex("0affffffff05")},
        {"an ECMA array that says so", hex("08ffffffff0000090a00000000")},
    };
}

// From the first byte after the handshake.
inline std::vector<KnownAttack> encoder_attacks() {
    using namespace protocol::rtmp;
    const auto said = [](const PeerScript& script) {
        constexpr std::size_t handshake = 1 + 2 * handshake_packet_size;
        return base::Bytes(script.bytes().begin() + handshake, script.bytes().end());
    };
    std::vector<KnownAttack> attacks{
        {"Everycast media between publish and its answer",
         said(publishing_encoder().message(MessageType::video, filled(50), 1, 10))},
        {"aggregate inside an aggregate",
         said(publishing_encoder().message(
             MessageType::aggregate,
             aggregate_of(
                 {{MessageType::aggregate, 0, 0, aggregate_of({{MessageType::audio, 0, 0, filled(5)}})},
                  {MessageType::audio, 0, 1, filled(5)}}),
             1))},
        {"deleteStream while the gate is asked, then media",
         said(publishing_encoder()
                  .command({"deleteStream", 6, AmfNull{}, {1}})
                  .message(MessageType::audio, filled(9), 1))},
        {"a window of one byte", said(publishing_encoder()
                                          .number(MessageType::window_ack_size, 1)
                                          .message(MessageType::audio, filled(90), 1))},
    };
    for (const KnownAttack& attack : chunk_attacks())
        attacks.push_back({attack.name, said(publishing_encoder().raw(attack.bytes))});
    for (const KnownAttack& attack : amf_attacks())
        attacks.push_back(
            {attack.name, said(connected_encoder().message(MessageType::command_amf0, attack.bytes))});
    return attacks;
}

}  // namespace fuzz
