// The bounds that an RTMP connection is held to by the server around its session, over real sockets: at the
// bound, and past it.
#include <gtest/gtest.h>

#include <thread>

#include "protocol/rtmp/chunk_writer.h"
#include "protocol/rtmp/control.h"
#include "support/engine.h"
#include "support/rtmp_client.h"

namespace {

using protocol::rtmp::MessageType;
using protocol::rtmp::Refused;
using test_support::Engine;
using test_support::RtmpClient;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::uint64_t reached(const Engine& engine, std::string_view of) {
    const auto counts = engine.hits.counts();
    const auto found = counts.find(of);
    return found == counts.end() ? 0 : found->second;
}

TEST(GateDeadline, a_gate_that_never_answers_is_waited_for_so_long_and_no_longer) {
    ASSERT_EQ(ingest::rtmp::ServerSettings{}.gate_deadline, 5s);
    ingest::rtmp::ServerSettings settings;
    settings.gate_deadline = 1s;
    Engine engine({}, settings);
    const auto refusal = [&](protocol::rtmp::ClientSettings client_settings) -> std::string {
        client_settings.step_deadline = 10s;
        RtmpClient client(engine.server->rtmp_port(), std::move(client_settings));
        const auto began = Clock::now();
        const auto event = client.next(10s);
        EXPECT_GE(Clock::now() - began, 990ms);
        EXPECT_LT(Clock::now() - began, 5s);
        const auto* refused = event ? std::get_if<Refused>(&*event) : nullptr;
        EXPECT_TRUE(client.closed_by_peer());
        return refused ? refused->code : "none";
    };
    EXPECT_EQ(refusal(RtmpClient::publish("hold-me")), "NetStream.Publish.BadName");
    EXPECT_EQ(refusal(RtmpClient::play("hold-me")), "NetStream.Play.StreamNotFound");
    EXPECT_EQ(reached(engine, "rtmp_gate_seconds"), 2u);
    // Somebody else is let in meanwhile.
    RtmpClient other(engine.server->rtmp_port(), RtmpClient::publish("key-1"));
    EXPECT_TRUE(other.accepted());
}

TEST(SilentPublisher, is_taken_for_gone_and_one_that_says_a_little_is_not) {
    ASSERT_EQ(ingest::rtmp::ServerSettings{}.silent_publisher, 8s);
    ingest::rtmp::ServerSettings settings;
    settings.silent_publisher = 1s;
    Engine engine({}, settings);
    RtmpClient talker(engine.server->rtmp_port(), RtmpClient::publish("key-talker"));
    RtmpClient silent(engine.server->rtmp_port(), RtmpClient::publish("key-silent"));
    ASSERT_TRUE(talker.accepted());
    ASSERT_TRUE(silent.accepted());
    const auto began = Clock::now();
    const auto lost = [&](const std::string& stream, std::chrono::milliseconds within) {
        return engine.events.wait_for<media::IngestLost>(
            [&](const media::IngestLost& event) { return event.stream_id == stream; }, within);
    };
    const base::Bytes sound{0xaf, 1, 7};
    std::uint32_t at = 0;
    while (!lost("st-silent", 200ms) && Clock::now() - began < 10s)
        talker.send_media(MessageType::audio, at += 200, sound);
    EXPECT_GE(Clock::now() - began, 990ms);
    EXPECT_LT(Clock::now() - began, 5s);
    EXPECT_EQ(reached(engine, "rtmp_silent_publisher_seconds"), 1u);
    EXPECT_FALSE(lost("st-talker", 0ms));
    EXPECT_TRUE(silent.closed_by_peer());
}

// Sends without reading: each read of the server's costs it an acknowledgement, which goes nowhere. True when
// the server parted with it.
bool floods_in_vain(std::size_t max_unsent) {
    ingest::rtmp::ServerSettings settings;
    settings.max_unsent = max_unsent;
    settings.rtmp.socket.send_buffer = 1;
    Engine engine({}, settings);
    RtmpClient client(engine.server->rtmp_port(), RtmpClient::publish("key-deaf"), 1);
    EXPECT_TRUE(client.accepted());
    // The smallest window there is.
    base::Bytes window;
    protocol::rtmp::write_message(window,
                                  {protocol::rtmp::chunk_stream::control, MessageType::window_ack_size},
                                  protocol::rtmp::write_number(4'096), 4'096);
    client.send_bytes(window);
    base::Bytes sound(60'000, 7);
    sound[0] = 0xaf;
    sound[1] = 1;
    // At least one for 64 KiB, at most one for 4 KiB: 16 to 240 KB of them.
    for (std::uint32_t i = 0; i < 1'000 && !client.broken(); ++i)
        client.send_media(MessageType::audio, i * 20, sound);
    const auto until = Clock::now() + 5s;
    while (reached(engine, "rtmp_unsent_bytes") == 0 && client.broken() && Clock::now() < until)
        std::this_thread::sleep_for(5ms);
    return reached(engine, "rtmp_unsent_bytes") == 1;
}

TEST(Unsent, answers_that_nobody_reads_are_kept_up_to_a_bound) {
    ASSERT_EQ(ingest::rtmp::ServerSettings{}.max_unsent, 256u * 1024u);
    EXPECT_TRUE(floods_in_vain(1024));
    EXPECT_FALSE(floods_in_vain(256 * 1024)) << "the same flood is within the bound of production";
}

// What a player that takes nothing and one that takes a little come to while so much memory is in use.
void lets_the_deaf_go(const output::player::PlayerSettings& settings, std::uint64_t memory_used) {
    Engine engine({}, {}, settings);
    engine.memory.set_used(memory_used);
    RtmpClient encoder(engine.server->rtmp_port(), RtmpClient::publish("key-show"));
    ASSERT_TRUE(encoder.accepted());
    RtmpClient deaf(engine.server->rtmp_port(), RtmpClient::play("st-show"), 64 * 1024);
    RtmpClient slow(engine.server->rtmp_port(), RtmpClient::play("st-show"), 64 * 1024);
    for (RtmpClient* player : {&deaf, &slow}) {
        const auto event = player->next();
        ASSERT_TRUE(event && std::holds_alternative<protocol::rtmp::PlayStarted>(*event));
    }
    base::Bytes sound(60'000, 7);
    sound[0] = 0xaf;
    sound[1] = 1;
    const auto began = Clock::now();
    std::uint32_t at = 0;
    // Four times as long as a player may take nothing.
    while (Clock::now() - began < 4s) {
        for (int i = 0; i < 5; ++i) encoder.send_media(MessageType::audio, at += 10, sound);
        slow.discard(30'000);
        std::this_thread::sleep_for(50ms);
    }
    EXPECT_EQ(engine.players.count(), 1u);
    EXPECT_FALSE(slow.broken());
    EXPECT_TRUE(deaf.closed_by_peer());
}

TEST(PlayerProgress, a_player_that_takes_nothing_is_let_go_and_a_slow_one_is_not) {
    ASSERT_EQ(output::player::PlayerSettings{}.no_progress, 10s);
    lets_the_deaf_go({.no_progress = 1s}, 0);
}

TEST(PlayerProgress, where_memory_is_short_it_is_let_go_sooner) {
    ASSERT_EQ(output::player::PlayerSettings{}.no_progress_when_short, 1s);
    lets_the_deaf_go({}, Engine::memory_limit);
}

}  // namespace
