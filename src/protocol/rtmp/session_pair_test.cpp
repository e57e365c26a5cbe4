// Our client against our server, whatever the slices and the timestamps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/rtmp/random_sender.h"
#include "protocol/rtmp/session_cases.h"

namespace protocol::rtmp {
namespace {

const base::MonotonicTime start{std::chrono::hours(1)};

std::vector<PlainMessage> media_of(const std::vector<ServerEvent>& events) {
    std::vector<PlainMessage> messages;
    for (const ServerEvent& event : events)
        if (const auto* media = std::get_if<MediaReceived>(&event)) messages.push_back(plain(media->message));
    return messages;
}

std::vector<PlainMessage> media_of(const std::vector<ClientEvent>& events) {
    std::vector<PlainMessage> messages;
    for (const ClientEvent& event : events)
        if (const auto* media = std::get_if<PlayedMedia>(&event)) messages.push_back(plain(media->message));
    return messages;
}

// Both sessions and the two pipes between them, which deliver in slices of a random or fixed size.
class Pair {
  public:
    Pair(ClientPurpose purpose, std::uint32_t seed)
        : random_(seed),
          one_byte_(seed % 4 == 0),
          server_(server_settings(), start),
          client_(settings(purpose), start) {}

    void run() {
        while (step()) {
        }
    }
    void send_from_client(base::ByteView bytes) { base::append(to_server_, bytes); }
    void send_from_server(base::ByteView bytes) { base::append(to_client_, bytes); }

    ServerSession& server() { return server_; }
    ClientSession& client() { return client_; }
    std::vector<ServerEvent> server_events;
    std::vector<ClientEvent> client_events;

  private:
    // Chunks of the smallest size, which a RandomSender uses.
    static ServerSettings server_settings() {
        ServerSettings settings;
        settings.out_chunk_size = min_chunk_size;
        return settings;
    }
    static ClientSettings settings(ClientPurpose purpose) {
        ClientSettings settings;
        settings.app = "live?token=1";
        settings.tc_url = "rtmp://host/live?token=1";
        settings.stream_key = base::Secret("0123456789abcdef?a=b&c=/d");
        settings.purpose = purpose;
        settings.out_chunk_size = min_chunk_size;
        settings.fourcc_list = {"hvc1"};
        return settings;
    }

    std::size_t slice(std::size_t most) {
        if (one_byte_) return 1;
        return std::uniform_int_distribution<std::size_t>(1, std::min<std::size_t>(most, 3000))(random_);
    }

    bool step() {
        base::append(to_server_, client_.take_output());
        base::append(to_client_, server_.take_output());
        if (server_at_ == to_server_.size() && client_at_ == to_client_.size()) return false;
        deliver(to_server_, server_at_, [&](base::ByteView part) { return server_.consume(part, start); });
        while (auto event = server_.next_event()) {
            server_events.push_back(*event);
            if (std::holds_alternative<PublishRequested>(*event)) server_.accept_publish();
            if (std::holds_alternative<PlayRequested>(*event)) server_.accept_play();
        }
        deliver(to_client_, client_at_, [&](base::ByteView part) { return client_.consume(part, start); });
        while (auto event = client_.next_event()) client_events.push_back(*event);
        return true;
    }

    template <class Consume>
    void deliver(const base::Bytes& pipe, std::size_t& at, Consume consume) {
        if (at == pipe.size()) return;
        const std::size_t count = std::min(slice(pipe.size() - at), pipe.size() - at);
        const auto result = consume(base::ByteView(pipe).subspan(at, count));
        at += count;
        ASSERT_TRUE(result) << result.error().message;
    }

    std::mt19937 random_;
    bool one_byte_;
    ServerSession server_;
    ClientSession client_;
    base::Bytes to_server_;
    base::Bytes to_client_;
    std::size_t server_at_ = 0;
    std::size_t client_at_ = 0;
};

TEST(SessionPair, publishes_whatever_the_slices_and_timestamps) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        Pair pair(ClientPurpose::publish, seed);
        pair.run();
        ASSERT_EQ(pair.client_events.size(), 1u);
        EXPECT_EQ(describe(pair.client_events[0]), "accepted 1");
        ASSERT_EQ(pair.server_events.size(), 1u);
        EXPECT_EQ(describe(pair.server_events[0]), "publish live 0123456789abcdef a=b&c=/d");
        EXPECT_EQ(pair.server().connect_info().app_query, "token=1");
        EXPECT_EQ(pair.client().peer_capabilities().caps_ex, 15u);

        RandomSender sender(seed, static_cast<RandomSender::Repeats>(seed % 2));
        pair.send_from_client(sender.bytes(40));
        pair.run();
        EXPECT_TRUE(media_of(pair.server_events) == sender.expected) << "seed " << seed;

        pair.client().finish();
        pair.run();
        EXPECT_EQ(describe(pair.server_events.back()), "publish ended");
        EXPECT_FALSE(pair.server().publishing());
        EXPECT_EQ(pair.server().buffered_bytes(), 0u);
    }
}

TEST(SessionPair, plays_whatever_the_slices_and_timestamps) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        Pair pair(ClientPurpose::play, seed);
        pair.run();
        ASSERT_TRUE(pair.server().playing());
        EXPECT_EQ(pair.client().step(), ClientStep::publishing);
        const std::size_t before = media_of(pair.client_events).size();  // |RtmpSampleAccess

        RandomSender sender(seed, static_cast<RandomSender::Repeats>(seed % 2));
        pair.send_from_server(sender.bytes(40));
        pair.run();
        std::vector<PlainMessage> played = media_of(pair.client_events);
        played.erase(played.begin(), played.begin() + static_cast<std::ptrdiff_t>(before));
        EXPECT_TRUE(played == sender.expected) << "seed " << seed;

        pair.server().end("over");
        pair.run();
        EXPECT_EQ(describe(pair.client_events.back()), "ended NetStream.Play.UnpublishNotify: over");
    }
}

TEST(SessionPair, is_refused_without_a_word_of_the_key) {
    ServerSession server(ServerSettings{}, start);
    ClientSettings settings;
    settings.app = "live";
    settings.stream_key = base::Secret("0123456789abcdef");
    ClientSession client(settings, start);
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(server.consume(client.take_output(), start));
        while (auto event = server.next_event())
            if (const auto* asked = std::get_if<PublishRequested>(&*event))
                server.refuse("NetStream.Publish.BadName", "Unknown key " + asked->stream_key.reveal());
        ASSERT_TRUE(client.consume(server.take_output(), start));
    }
    const auto event = client.next_event();
    ASSERT_TRUE(event);
    EXPECT_EQ(describe(*event), "refused publish NetStream.Publish.BadName: Unknown key ••••••••");
    EXPECT_TRUE(server.closing());
}

}  // namespace
}  // namespace protocol::rtmp
