#include "protocol/rtmp/handshake.h"

#include <gtest/gtest.h>

#include "protocol/rtmp/handshake_cases.h"

namespace protocol::rtmp {
namespace {

HandshakePacket packet_at(base::ByteView bytes, std::size_t offset) {
    HandshakePacket packet{};
    const base::ByteView part = bytes.subspan(offset, packet.size());
    std::copy(part.begin(), part.end(), packet.begin());
    return packet;
}

bool answers(const HandshakePacket& answer, const HandshakeDigest& digest, HandshakeSide side) {
    HandshakePacket expected = answer;
    sign_answer(expected, digest, side);
    return expected == answer;
}

TEST(ServerHandshake, takes_and_refuses_what_the_table_says) {
    for (const HandshakeCase& c : handshake_cases()) {
        for (const std::size_t slice : {std::size_t{1}, std::size_t{1000}, c.bytes.size()}) {
            ServerHandshake handshake;
            std::size_t used = 0;
            base::Result<std::size_t> result = 0;
            for (std::size_t at = 0; at < c.bytes.size() && result && !handshake.done(); at += slice) {
                result = handshake.consume(
                    base::ByteView(c.bytes).subspan(at, std::min(slice, c.bytes.size() - at)));
                if (result) used += *result;
            }
            ASSERT_EQ(result.has_value(), c.accepted) << c.name;
            EXPECT_EQ(handshake.done(), c.accepted) << c.name;
            if (c.accepted) {
                EXPECT_EQ(used, 1 + 2 * handshake_packet_size) << c.name;
                EXPECT_EQ(handshake.take_output().size(), 1 + 2 * handshake_packet_size) << c.name;
            } else {
                EXPECT_NE(result.error().message.find(c.says), std::string::npos) << result.error().message;
                EXPECT_TRUE(handshake.take_output().empty()) << c.name;
            }
        }
    }
}

TEST(ServerHandshake, echoes_a_simple_client) {
    ServerHandshake handshake;
    const HandshakePacket c1 = plain_packet(3);
    ASSERT_TRUE(handshake.consume(client_hello(c1)));
    const base::Bytes output = handshake.take_output();
    EXPECT_EQ(output[0], 3);
    EXPECT_EQ(packet_at(output, 1 + handshake_packet_size), c1);
    EXPECT_FALSE(find_digest(packet_at(output, 1), HandshakeSide::server));
}

TEST(ServerHandshake, signs_for_a_client_that_signs) {
    for (const DigestScheme scheme : {DigestScheme::after_key, DigestScheme::before_key}) {
        ServerHandshake handshake;
        HandshakePacket c1 = plain_packet(8, 9);
        const HandshakeDigest digest = sign_packet(c1, scheme, HandshakeSide::client);
        ASSERT_TRUE(handshake.consume(client_hello(c1)));
        const base::Bytes output = handshake.take_output();
        const auto s1 = find_digest(packet_at(output, 1), HandshakeSide::server);
        ASSERT_TRUE(s1);
        EXPECT_EQ(s1->scheme, scheme);
        EXPECT_TRUE(answers(packet_at(output, 1 + handshake_packet_size), digest, HandshakeSide::server));
    }
}

TEST(ClientHandshake, signs_and_answers_a_server_that_signs) {
    ClientHandshake handshake;
    const base::Bytes hello = handshake.take_output();
    ASSERT_EQ(hello.size(), 1 + handshake_packet_size);
    EXPECT_TRUE(find_digest(packet_at(hello, 1), HandshakeSide::client));

    HandshakePacket s1 = plain_packet(5, 4);
    const HandshakeDigest digest = sign_packet(s1, DigestScheme::before_key, HandshakeSide::server);
    base::Bytes answer{rtmp_version};
    base::append(answer, s1);
    ASSERT_TRUE(handshake.consume(answer));
    EXPECT_FALSE(handshake.done());
    EXPECT_TRUE(answers(packet_at(handshake.take_output(), 0), digest, HandshakeSide::client));
    ASSERT_TRUE(handshake.consume(plain_packet(6)));
    EXPECT_TRUE(handshake.done());
}

TEST(ClientHandshake, echoes_a_simple_server_and_leaves_what_follows) {
    ClientHandshake handshake;
    handshake.take_output();
    base::Bytes answer{rtmp_version};
    base::append(answer, plain_packet(5));
    base::append(answer, plain_packet(6));
    answer.push_back(0x02);
    const auto used = handshake.consume(answer);
    ASSERT_TRUE(used);
    EXPECT_EQ(*used, answer.size() - 1);
    EXPECT_TRUE(handshake.done());
    EXPECT_EQ(packet_at(handshake.take_output(), 0), plain_packet(5));
}

TEST(ClientHandshake, says_when_a_server_does_not_speak_rtmp) {
    ClientHandshake handshake;
    const auto result = handshake.consume(base::as_bytes("HTTP/1.1 400 Bad Request"));
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("HTTP"), std::string::npos);
}

TEST(Handshake, both_sides_agree) {
    ServerHandshake server;
    ClientHandshake client;
    ASSERT_TRUE(server.consume(client.take_output()));
    ASSERT_TRUE(client.consume(server.take_output()));
    ASSERT_TRUE(server.consume(client.take_output()));
    EXPECT_TRUE(server.done());
    EXPECT_TRUE(client.done());
}

}  // namespace
}  // namespace protocol::rtmp
