#include "output/rtmp/flv_post.h"

#include <gtest/gtest.h>

#include <charconv>

namespace output::rtmp {
namespace {

const base::MonotonicTime now{};

media::FramePtr frame(media::Kind kind, media::Role role, base::Bytes tag) {
    media::Frame made;
    made.kind = kind;
    made.role = role;
    made.tag = base::SharedBytes(std::move(tag));
    return std::make_shared<const media::Frame>(std::move(made));
}

hub::HeadersPtr headers() {
    auto made = hub::with_header(std::make_shared<const hub::Headers>(),
                                 frame(media::Kind::audio, media::Role::config, {0xaf, 0}));
    return hub::with_header(made, frame(media::Kind::video, media::Role::config, {0x17, 0}));
}

FlvPost post(const std::string& key = "") {
    return {*net::parse_push_url("https://bridge.example/in?room=1"), base::Secret(key), headers()};
}

std::string flatten(const base::GatherList& list) {
    std::string all;
    for (const iovec& part : list.parts()) all.append(static_cast<const char*>(part.iov_base), part.iov_len);
    return all;
}

// The body behind the chunk framing of RFC 9112, section 7.1; it must be well formed to the last byte.
std::string unchunk(std::string_view chunks) {
    std::string body;
    while (!chunks.empty()) {
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(chunks.data(), chunks.data() + chunks.size(), size, 16);
        EXPECT_EQ(error, std::errc());
        chunks.remove_prefix(static_cast<std::size_t>(end - chunks.data()));
        EXPECT_EQ(chunks.substr(0, 2), "\r\n");
        body += chunks.substr(2, size);
        chunks.remove_prefix(2 + size);
        EXPECT_EQ(chunks.substr(0, 2), "\r\n");
        chunks.remove_prefix(2);
        EXPECT_EQ(size == 0, chunks.empty()) << "only the last chunk is empty";
    }
    return body;
}

TEST(FlvPost, is_one_chunked_post_that_a_bridge_can_read_from_its_first_byte) {
    FlvPost protocol = post("secret-key");
    const auto accepted = protocol.next_event();
    ASSERT_TRUE(accepted);
    EXPECT_TRUE(std::holds_alternative<Accepted>(*accepted));
    std::string sent(base::as_text(protocol.take_output()));
    const std::size_t end_of_head = sent.find("\r\n\r\n");
    ASSERT_NE(end_of_head, std::string::npos);
    const std::string head = sent.substr(0, end_of_head);
    EXPECT_TRUE(head.starts_with("POST /in?room=1 HTTP/1.1\r\nHost: bridge.example\r\n")) << head;
    EXPECT_NE(head.find("X-Stream-Key: secret-key"), std::string::npos);
    EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos);

    base::GatherList list;
    const auto sound = [](std::chrono::milliseconds at) {
        auto batch = std::make_shared<hub::Batch>();
        batch->frames.push_back({frame(media::Kind::audio, media::Role::coded, {0xaf, 1, 0x55}), at});
        return batch;
    };
    RecentWire recent;
    const std::chrono::milliseconds first(500);
    protocol.write(list, sound(first), recent);
    list.clear();
    EXPECT_EQ(protocol.write(list, sound(first + std::chrono::milliseconds(0x01020304)), recent).frames, 1u);
    protocol.finish();
    sent += flatten(list);
    sent += base::as_text(protocol.take_output());
    const std::string body = unchunk(std::string_view(sent).substr(end_of_head + 4));
    EXPECT_EQ(base::to_hex(base::as_bytes(body)),
              "464c5601050000000900000000"
              "080000030203040100000"
              "0af0155"
              "0000000e");
}

TEST(FlvPost, without_a_key_no_key_is_spoken_of) {
    FlvPost protocol = post();
    EXPECT_EQ(base::as_text(protocol.take_output()).find("X-Stream-Key"), std::string::npos);
}

TEST(FlvPost, tells_a_refusal_from_an_end) {
    struct Case {
        const char* answer;
        bool refused;
        bool error;
    };
    for (const Case& one :
         {Case{"HTTP/1.1 100 Continue\r\n\r\n", false, false},
          Case{"HTTP/1.1 100 Continue\r\nServer: x\r\n\r\nHTTP/1.1 403 Forbidden\r\n", true, false},
          Case{"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n", false, true},
          Case{"HTTP/1.1 100 Continue\r\n\r\nnonsense\r\n", false, true}, Case{"HTTP/1.1 4\r\n", false, true},
          Case{"HTTP/1.1\r\n403 Forbidden\r\n", false, true}, Case{"HTTP/1.1 403 Forbidden\r\n", true, false},
          Case{"HTTP/1.1 500 Oops\r\n", false, true}, Case{"HTTP/1.1 200 OK\r\n", false, true},
          Case{"SSH-2.0-x\r\n", false, true}, Case{"HTTP/1.", false, false}}) {
        // At once and byte by byte.
        for (const std::size_t slice : {std::size_t{1000}, std::size_t{1}}) {
            FlvPost protocol = post();
            (void)protocol.next_event();
            bool error = false;
            std::optional<PushEvent> event;
            for (base::ByteView rest = base::as_bytes(one.answer); !rest.empty() && !error && !event;) {
                const base::ByteView part = rest.first(std::min(slice, rest.size()));
                rest = rest.subspan(part.size());
                error = !protocol.consume(part, now);
                event = protocol.next_event();
            }
            EXPECT_EQ(error, one.error) << one.answer;
            EXPECT_EQ(event && std::holds_alternative<Refused>(*event), one.refused) << one.answer;
        }
    }
}

TEST(FlvPost, an_answer_without_end_is_cut_off) {
    FlvPost protocol = post();
    const base::Bytes noise(20'000, 'x');
    EXPECT_FALSE(protocol.consume(noise, now));
}

}  // namespace
}  // namespace output::rtmp
