#include "api/http/websocket.h"

#include <gmock/gmock.h>

namespace api::http {
namespace {

using State = WebSocketReader::State;

Request handshake(std::vector<Header> headers = {}) {
    Request request;
    request.headers = {{"upgrade", "websocket"},
                       {"connection", "keep-alive, Upgrade"},
                       {"sec-websocket-version", "13"},
                       {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    for (const Header& changed : headers)
        for (Header& header : request.headers)
            if (header.name == changed.name) header.value = changed.value;
    return request;
}

// A client's frame, masked.
std::string frame(unsigned first, std::string_view payload) {
    std::string out{static_cast<char>(first)};
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() <= 0xffff) {
        out += {static_cast<char>(0xfe), static_cast<char>(payload.size() >> 8),
                static_cast<char>(payload.size())};
    } else {
        out += {static_cast<char>(0xff),
                0,
                0,
                0,
                0,
                0,
                static_cast<char>(payload.size() >> 16),
                static_cast<char>(payload.size() >> 8),
                static_cast<char>(payload.size())};
    }
    const std::string mask = "\x11\x22\x33\x44";
    out += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
    return out;
}

State read(WebSocketReader& reader, std::string_view bytes) {
    return reader.consume(base::as_bytes(bytes));
}

TEST(WebSocket, AnswersTheHandshakeOfTheSpecification) {
    EXPECT_EQ(websocket_accept(handshake()), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(websocket_accept(handshake({{"upgrade", "h2c, WebSocket"}})), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, RefusesOtherHandshakes) {
    for (const Header& wrong : std::vector<Header>{{"upgrade", "h2c"},
                                                   {"connection", "keep-alive"},
                                                   {"sec-websocket-version", "8"},
                                                   {"sec-websocket-key", ""},
                                                   {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ="},
                                                   {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==="},
                                                   {"sec-websocket-key", "dGhlIHNhbXBsZSBub25j\r\n=="}})
        EXPECT_EQ(websocket_accept(handshake({wrong})), "") << wrong.name << ": " << wrong.value;
    Request request = handshake();
    request.method = Method::post;
    EXPECT_EQ(websocket_accept(request), "");
    request = handshake();
    request.http_1_0 = true;
    EXPECT_EQ(websocket_accept(request), "");
}

TEST(WebSocket, WritesTheShortestHead) {
    EXPECT_EQ(websocket_head(125), std::string("\x82\x7d", 2));
    EXPECT_EQ(websocket_head(126), std::string("\x82\x7e\x00\x7e", 4));
    EXPECT_EQ(websocket_head(0xffff), std::string("\x82\x7e\xff\xff", 4));
    EXPECT_EQ(websocket_head(0x10000), std::string("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10));
    EXPECT_EQ(websocket_close(1000), std::string("\x88\x02\x03\xe8", 4));
    EXPECT_EQ(websocket_pong("hi"), std::string("\x8a\x02hi", 4));
}

TEST(WebSocket, ThrowsMessagesAwayAndKeepsThePing) {
    const std::string bytes = frame(0x81, "text") + frame(0x02, std::string(40'000, 'x')) +
                              frame(0x80, std::string(WebSocketReader::max_payload, 'y')) +
                              frame(0x89, "first") + frame(0x89, "newest") + frame(0x8a, "") +
                              frame(0x82, "");
    WebSocketReader whole;
    EXPECT_EQ(read(whole, bytes), State::open);
    std::string ping;
    ASSERT_TRUE(whole.take_ping(ping));
    EXPECT_EQ(ping, "newest");
    EXPECT_FALSE(whole.take_ping(ping));

    WebSocketReader piecemeal;
    for (const char c : bytes) ASSERT_EQ(read(piecemeal, {&c, 1}), State::open);
    ASSERT_TRUE(piecemeal.take_ping(ping));
    EXPECT_EQ(ping, "newest");
}

TEST(WebSocket, EndsAtAClose) {
    WebSocketReader reader;
    EXPECT_EQ(read(reader, frame(0x88, "\x03\xe8") + frame(0x89, "after")), State::closed);
    EXPECT_FALSE(reader.pinged());
    EXPECT_EQ(read(reader, frame(0x89, "after")), State::closed);
}

TEST(WebSocket, EndsAtWhatTheProtocolForbids) {
    const std::string unmasked("\x82\x01x", 3);
    for (const std::string& bytes :
         {unmasked, frame(0xc2, "x"), frame(0x83, "x"), frame(0x8b, "x"), frame(0x09, "fragment"),
          frame(0x89, std::string(WebSocketReader::max_control_payload + 1, 'x'))}) {
        WebSocketReader reader;
        EXPECT_EQ(read(reader, bytes), State::malformed);
    }
}

TEST(WebSocket, EndsAtAFramePastTheBound) {
    WebSocketReader reader;
    EXPECT_EQ(read(reader, frame(0x82, std::string(WebSocketReader::max_payload + 1, 'x'))),
              State::too_large);
    WebSocketReader huge;
    EXPECT_EQ(read(huge, std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14)),
              State::too_large);
}

}  // namespace
}  // namespace api::http
