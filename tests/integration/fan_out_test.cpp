// One encoder in, destinations and players out, all over real sockets: every receiver gets what was sent.
#include <gtest/gtest.h>

#include <thread>

#include "base/byte_writer.h"
#include "protocol/rtmp/chunk_writer.h"
#include "protocol/rtmp/command.h"
#include "support/engine.h"
#include "support/rtmp_client.h"

namespace {

using protocol::rtmp::MessageType;
using test_support::Engine;
using test_support::RtmpClient;
using namespace std::chrono_literals;

struct Sent {
    MessageType type;
    std::uint32_t timestamp;
    base::Bytes body;
    bool operator==(const Sent&) const = default;
};

base::Bytes avc_config() {
    return base::from_hex(
        "1700000000"
        "0164001fffe1001a6764001facd9405005bb016a02020280000003008000001e478c18cb01000668ebe3cb22c0");
}
base::Bytes aac_config() {
    return base::from_hex("af001190");
}

base::Bytes picture(bool key, std::size_t size, std::uint8_t fill) {
    base::Bytes body{static_cast<std::uint8_t>(key ? 0x17 : 0x27), 1, 0, 0, 0};
    base::ByteWriter(body).u32(size);
    body.insert(body.end(), size, fill);
    return body;
}
base::Bytes sound(std::uint8_t fill) {
    base::Bytes body{0xaf, 1};
    body.insert(body.end(), 200, fill);
    return body;
}

// `seconds` of a stream of 25 pictures a second, a keyframe every second, sound in between.
std::vector<Sent> show(int seconds, std::uint32_t start = 0) {
    std::vector<Sent> all{{MessageType::audio, start, aac_config()},
                          {MessageType::video, start, avc_config()}};
    for (int i = 0; i < seconds * 25; ++i) {
        const std::uint32_t at = start + static_cast<std::uint32_t>(i) * 40;
        const auto fill = static_cast<std::uint8_t>(i);
        all.push_back({MessageType::video, at, picture(i % 25 == 0, i % 25 == 0 ? 30'000 : 9'000, fill)});
        all.push_back({MessageType::audio, at + 10, sound(fill)});
    }
    return all;
}

// Plays until `count` audio and video messages came.
std::vector<Sent> receive(RtmpClient& player, std::size_t count) {
    std::vector<Sent> got;
    while (got.size() < count) {
        auto event = player.next();
        if (!event) break;
        if (auto* media = std::get_if<protocol::rtmp::PlayedMedia>(&*event)) {
            if (media->message.type != MessageType::audio && media->message.type != MessageType::video)
                continue;
            const auto view = media->message.body.view();
            got.push_back(
                {media->message.type, media->message.timestamp, base::Bytes(view.begin(), view.end())});
        }
    }
    return got;
}

base::Bytes pause(bool paused) {
    base::Bytes bytes;
    const auto body = protocol::rtmp::write_command({"pause", 0, {}, {paused, 0.0}});
    protocol::rtmp::write_message(bytes,
                                  {.chunk_stream = protocol::rtmp::chunk_stream::command,
                                   .type = MessageType::command_amf0,
                                   .stream_id = 1},
                                  body, 4096);
    return bytes;
}

TEST(FanOut, a_player_that_pauses_gets_nothing_goes_on_at_a_keyframe_and_hears_of_the_end) {
    Engine engine;
    RtmpClient encoder(engine.server->rtmp_port(), RtmpClient::publish("key-one"));
    ASSERT_TRUE(encoder.accepted());
    const auto messages = show(20);
    std::size_t sent = 0;
    const auto send = [&] {
        const Sent& next = messages[sent++];
        encoder.send_media(next.type, next.timestamp, next.body);
    };
    while (sent < 10) send();
    RtmpClient player(engine.server->rtmp_port(), RtmpClient::play("st-one"));
    ASSERT_EQ(receive(player, 4).size(), 4u);

    player.send_bytes(pause(true));
    int quiet = 0;
    while (quiet < 10 && sent < 500) {
        send();
        quiet = player.next(20ms) ? 0 : quiet + 1;
    }
    ASSERT_EQ(quiet, 10) << "it goes on getting media";

    player.send_bytes(pause(false));
    const auto again = receive(player, 3);
    ASSERT_EQ(again.size(), 3u);
    EXPECT_EQ(again[0].body, aac_config());
    EXPECT_EQ(again[1].body, avc_config());
    EXPECT_EQ(again[2].body[0], 0x17);
    // What was sent since that keyframe, and then what comes anew.
    const std::size_t newest = sent;
    while (sent < newest + 5) send();
    std::vector<Sent> last{again.back()};
    while (!last.empty() && last.front().body != messages[sent - 1].body) last = receive(player, 1);
    EXPECT_FALSE(last.empty()) << "it gets nothing new";

    player.send_bytes(pause(true));
    encoder.finish();
    EXPECT_TRUE(player.closed_by_peer(10s));
}

TEST(FanOut, a_destination_and_a_player_get_exactly_what_was_sent) {
    Engine source;
    Engine platform;
    source.supervisor.apply(
        {"se-1",
         "st-one",
         {{.destination_id = "de-1", .url = platform.url(), .stream_key = base::Secret("key-out")}}});

    RtmpClient encoder(source.server->rtmp_port(), RtmpClient::publish("key-one"));
    ASSERT_TRUE(encoder.accepted());
    const auto messages = show(4);
    // Configuration first; then time for the destination to connect, so that it sees the first keyframe.
    encoder.send_media(messages[0].type, 0, messages[0].body);
    encoder.send_media(messages[1].type, 0, messages[1].body);

    std::vector<Sent> at_player;
    std::thread watching;
    for (std::size_t i = 2; i < messages.size(); ++i) {
        encoder.send_media(messages[i].type, messages[i].timestamp, messages[i].body);
        std::this_thread::sleep_for(10ms);
        if (i == 30) {
            ASSERT_TRUE(platform.events.wait_for<media::IngestStarted>());
            watching = std::thread([&] {
                RtmpClient player(platform.server->rtmp_port(), RtmpClient::play("st-out"));
                at_player = receive(player, 100);
            });
        }
    }
    ASSERT_TRUE(source.events.wait_for<media::OutputChanged>(
        [](const auto& event) { return event.status.state == media::OutputState::connected; }));
    watching.join();
    ASSERT_EQ(at_player.size(), 100u);

    // The player begins at a keyframe with its configuration, and then misses nothing.
    EXPECT_EQ(at_player[0].body, aac_config());
    EXPECT_EQ(at_player[1].body, avc_config());
    const auto first = std::find_if(messages.begin(), messages.end(),
                                    [&](const Sent& sent) { return sent.body == at_player[2].body; });
    ASSERT_NE(first, messages.end());
    EXPECT_EQ(first->body[0], 0x17);
    for (std::size_t i = 2; i < at_player.size(); ++i) {
        const Sent& expected = *(first + static_cast<std::ptrdiff_t>(i) - 2);
        ASSERT_EQ(at_player[i].type, expected.type) << i;
        ASSERT_EQ(at_player[i].timestamp, expected.timestamp - first->timestamp) << i;
        ASSERT_EQ(at_player[i].body, expected.body) << i;
    }
    const auto status = source.supervisor.find("se-1", "de-1");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->state, media::OutputState::connected);
    EXPECT_EQ(status->metrics.frames_dropped, 0u);
    EXPECT_GT(status->metrics.frames_sent, 100u);
}

TEST(Publish, an_unknown_key_is_refused_with_words_and_the_connection_closed) {
    Engine engine;
    RtmpClient encoder(engine.server->rtmp_port(), RtmpClient::publish("wrong"));
    const auto event = encoder.next();
    ASSERT_TRUE(event);
    const auto* refused = std::get_if<protocol::rtmp::Refused>(&*event);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, "NetStream.Publish.BadName");
    EXPECT_NE(refused->text.find("not known"), std::string::npos) << refused->text;
    EXPECT_TRUE(encoder.closed_by_peer());
}

TEST(Publish, a_second_encoder_takes_over_and_the_first_is_cut) {
    Engine engine;
    RtmpClient first(engine.server->rtmp_port(), RtmpClient::publish("key-one"));
    ASSERT_TRUE(first.accepted());
    first.send_media(MessageType::video, 0, avc_config());
    ASSERT_TRUE(engine.events.wait_for<media::IngestStarted>());
    RtmpClient second(engine.server->rtmp_port(), RtmpClient::publish("key-one"));
    ASSERT_TRUE(second.accepted());
    EXPECT_TRUE(first.closed_by_peer());
    second.send_media(MessageType::video, 0, avc_config());
    EXPECT_TRUE(
        engine.events.wait_for<media::IngestStarted>([](const auto& event) { return event.took_over; }));
}

TEST(Publish, the_stream_ends_when_the_grace_period_is_over) {
    Engine engine;
    {
        RtmpClient encoder(engine.server->rtmp_port(), RtmpClient::publish("key-one"));
        ASSERT_TRUE(encoder.accepted());
        encoder.send_media(MessageType::video, 0, avc_config());
        ASSERT_TRUE(engine.events.wait_for<media::IngestStarted>());
    }
    ASSERT_TRUE(engine.events.wait_for<media::IngestLost>());
    EXPECT_TRUE(engine.registry.find("st-one"));
    ASSERT_TRUE(engine.events.wait_for<media::StreamEnded>());
    EXPECT_FALSE(engine.registry.find("st-one"));
}

TEST(Publish, a_stopping_server_asks_encoders_that_understand_it_to_connect_again) {
    Engine engine;
    auto settings = RtmpClient::publish("key-one");
    settings.fourcc_list = {"hvc1"};  // with it goes the word that this encoder understands the request
    RtmpClient modern(engine.server->rtmp_port(), settings);
    ASSERT_TRUE(modern.accepted());
    RtmpClient plain(engine.server->rtmp_port(), RtmpClient::publish("key-two"));
    ASSERT_TRUE(plain.accepted());
    engine.server->stop();
    const auto asked = [](RtmpClient& client) {
        while (const auto event = client.next(1s))
            if (std::holds_alternative<protocol::rtmp::ReconnectRequested>(*event)) return true;
        return false;
    };
    EXPECT_TRUE(asked(modern));
    EXPECT_FALSE(asked(plain));
}

TEST(FanOut, nothing_of_a_show_is_held_once_it_is_over) {
    Engine source;
    Engine platform;
    source.supervisor.apply(
        {"se-1",
         "st-one",
         {{.destination_id = "de-1", .url = platform.url(), .stream_key = base::Secret("key-out")}}});
    std::weak_ptr<hub::Stream> stream;
    {
        RtmpClient encoder(source.server->rtmp_port(), RtmpClient::publish("key-one"));
        ASSERT_TRUE(encoder.accepted());
        const auto messages = show(2);
        for (const Sent& message : messages) {
            encoder.send_media(message.type, message.timestamp, message.body);
            std::this_thread::sleep_for(5ms);
        }
        ASSERT_TRUE(platform.events.wait_for<media::IngestStarted>());
        stream = source.registry.find("st-one");
    }
    ASSERT_TRUE(source.events.wait_for<media::StreamEnded>());
    // The platform is told of the end, and the destination waits for the next show with empty hands.
    ASSERT_TRUE(platform.events.wait_for<media::IngestLost>());
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (!stream.expired() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(stream.expired());
    EXPECT_EQ(source.supervisor.find("se-1", "de-1")->problem, media::OutputProblem::waiting_for_encoder);
}

}  // namespace
