#include "service/ingest_gate.h"

#include <future>

#include "service/streaming_hooks.h"
#include "service/testing/playback_world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::error_name;
using testing::PlaybackWorld;

GateSettings gate_settings() {
    GateSettings settings;
    settings.failure_delay = 100ms;
    settings.grace = 45s;
    settings.takeover = false;
    settings.hook_secret = base::Secret("a hook secret of some length");
    return settings;
}

struct Gate : ::testing::Test {
    PlaybackWorld world;
    Actor owner = world.person();
    Station station = world.station(owner);
    Livestream show = world.livestream(owner);
    WorkerPool pool{2, 100};
    IngestGate gate{*world.store, world.board, pool, *world.clock, gate_settings(), world.desk.get()};

    base::Result<ingest::PublishGrant> publish(const base::Secret& key,
                                               const std::string& from = "203.0.113.7:5000") {
        std::promise<base::Result<ingest::PublishGrant>> answered;
        gate.authorise(
            ingest::PublishRequest{key, from, "an encoder", "rtmp"},
            [&](base::Result<ingest::PublishGrant> answer) { answered.set_value(std::move(answer)); });
        return answered.get_future().get();
    }
    base::Result<ingest::PlayGrant> play(const std::string& id, const std::string& token = {}) {
        std::promise<base::Result<ingest::PlayGrant>> answered;
        gate.authorise(
            ingest::PlayRequest{id, token, "203.0.113.7:5000"},
            [&](base::Result<ingest::PlayGrant> answer) { answered.set_value(std::move(answer)); });
        auto got = answered.get_future().get();
        world.rest();
        return got;
    }
};

TEST_F(Gate, lets_right_keys_in) {
    const auto in = publish(*station.stream_key);
    ASSERT_TRUE(in);
    EXPECT_EQ(in->stream_id, station.id);
    EXPECT_EQ(in->grace, 45s);
    EXPECT_FALSE(in->takeover);
    EXPECT_EQ(publish(*show.stream_key)->stream_id, show.id);
}

TEST_F(Gate, tells_no_wrong_key_from_another) {
    const auto unknown = publish(base::Secret("0123456789abcdef0123456789abcdef"));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, base::ErrorCode::refused);
    ASSERT_TRUE(world.stations.rotate_key(owner, station.id));
    const std::string near = show.stream_key->reveal().substr(0, 31) + "g";
    for (const auto& key :
         {*station.stream_key, base::Secret(near), base::Secret(""), base::Secret(std::string(5'000, 'x'))}) {
        const auto refused = publish(key, "198.51.100.7:1");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().message, unknown.error().message);
        EXPECT_EQ(refused.error().code, unknown.error().code);
    }
}

TEST_F(Gate, says_why_a_finished_show_takes_nobody) {
    ASSERT_TRUE(world.livestreams.cancel(owner, show.id));
    const auto cancelled = publish(*show.stream_key);
    ASSERT_FALSE(cancelled);
    EXPECT_NE(cancelled.error().message.find("cancelled"), std::string::npos);
    const auto second = world.livestream(owner);
    world.encoder_starts(second.id);
    ASSERT_TRUE(world.livestreams.stop(owner, second.id));
    EXPECT_NE(publish(*second.stream_key).error().message.find("ended"), std::string::npos);
}

TEST_F(Gate, refuses_the_key_of_a_disabled_account) {
    ASSERT_TRUE(world.users.update(world.person(Role::admin), owner.user_id,
                                   {.name = {}, .role = {}, .disabled = true}));
    EXPECT_NE(publish(*station.stream_key).error().message.find("disabled"), std::string::npos);
}

TEST_F(Gate, refuses_the_key_of_somebody_who_may_only_watch) {
    const auto before = publish(*station.stream_key);
    ASSERT_TRUE(before);
    ASSERT_TRUE(world.users.update(world.person(Role::admin), owner.user_id,
                                   {.name = {}, .role = Role::viewer, .disabled = {}}));
    for (const auto& key : {*station.stream_key, *show.stream_key})
        EXPECT_NE(publish(key).error().message.find("no longer broadcast"), std::string::npos);
}

TEST_F(Gate, a_stations_show_is_published_by_the_stations_key) {
    const auto live = world.broadcasts.start_stream(owner, station.id, {});
    const auto row = world.store->livestreams().get(store::Scope::all(), *live->session.livestream_id);
    const auto refused = publish(row->stream_key);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("station"), std::string::npos);
}

TEST_F(Gate, makes_guessers_wait) {
    const base::Secret wrong("0123456789abcdef0123456789abcdef");
    const auto took = [&](const base::Secret& key, const std::string& from) {
        const auto before = std::chrono::steady_clock::now();
        (void)publish(key, from);
        return std::chrono::steady_clock::now() - before;
    };
    for (int i = 0; i < 10; ++i) (void)publish(wrong, "198.51.100.7:" + std::to_string(i));
    EXPECT_GE(took(wrong, "198.51.100.7:99"), 100ms);
    EXPECT_GE(took(*station.stream_key, "198.51.100.7:99"), 100ms) << "a right key gives nothing away either";
    EXPECT_LT(took(*station.stream_key, "203.0.113.7:1"), 100ms);
    world.clock->advance(1min);
    EXPECT_LT(took(*station.stream_key, "198.51.100.7:1"), 100ms);
}

TEST_F(Gate, guessers_take_nobody_elses_place) {
    WorkerPool idle(0, 1'000);
    IngestGate busy(*world.store, world.board, idle, *world.clock, gate_settings());
    for (int i = 0; i < 10; ++i) (void)busy.check(base::Secret("wrong"), "198.51.100.7");
    std::size_t refused = 0;
    for (std::size_t i = 0; i < IngestGate::max_delayed + 5; ++i)
        busy.authorise(ingest::PublishRequest{base::Secret("wrong"), "198.51.100.7:1", "", "rtmp"},
                       [&](const base::Result<ingest::PublishGrant>& answer) {
                           if (answer.error().code == base::ErrorCode::rate_limited) ++refused;
                       });
    EXPECT_EQ(refused, 5u);
    EXPECT_TRUE(idle.post([] {}));
}

TEST_F(Gate, answers_at_once_when_there_is_no_room) {
    WorkerPool none(0, 0);
    IngestGate full(*world.store, world.board, none, *world.clock, gate_settings());
    std::optional<base::ErrorCode> code;
    full.authorise(ingest::PublishRequest{*station.stream_key, "203.0.113.7:5000", "", "rtmp"},
                   [&](base::Result<ingest::PublishGrant> answer) { code = answer.error().code; });
    EXPECT_EQ(code, base::ErrorCode::unavailable);
}

TEST_F(Gate, public_streams_are_played_and_gated_ones_with_a_token) {
    const auto row = world.store->livestreams().get(store::Scope::all(), show.id);
    EXPECT_EQ(play(row->playback_id)->stream_id, show.id);
    EXPECT_EQ(play(world.store->stations().get(store::Scope::all(), station.id)->playback_id)->stream_id,
              station.id);
    EXPECT_FALSE(play(show.stream_key->reveal())) << "a stream key plays nothing";
    EXPECT_FALSE(play(show.id));
    EXPECT_FALSE(play(""));
    ASSERT_TRUE(world.livestreams.update(owner, show.id, {.token_gate_amount = 1}));
    const auto refused = play(row->playback_id);
    EXPECT_EQ(refused.error().code, base::ErrorCode::refused);
    EXPECT_NE(refused.error().message.find("token"), std::string::npos);
    world.encoder_starts(show.id);
    const auto playing = play(row->playback_id, world.token_of(owner, show.id));
    ASSERT_TRUE(playing);
    EXPECT_EQ(playing->stream_id, show.id);
    EXPECT_FALSE(playing->permit->revoked());
    EXPECT_FALSE(play(row->playback_id, "pt1.AAAA"));
    const Actor admin = world.person(Role::admin);
    ASSERT_TRUE(world.users.update(admin, owner.user_id, {{}, {}, true}));
    world.tick();
    EXPECT_TRUE(playing->permit->revoked());
}

TEST_F(Gate, plays_nothing_without_a_playback_desk) {
    world.encoder_starts(show.id);
    IngestGate alone(*world.store, world.board, pool, *world.clock, gate_settings());
    std::optional<base::ErrorCode> code;
    alone.authorise(ingest::PlayRequest{world.playback_id(show.id), "", "203.0.113.7:5000"},
                    [&](const base::Result<ingest::PlayGrant>& answer) { code = answer.error().code; });
    EXPECT_EQ(code, base::ErrorCode::refused);
}

struct Hooks : Gate {
    StreamingHooks hooks{gate, world.broadcasts, gate_settings()};
    const base::Secret right{"a hook secret of some length"};
    const std::string caller = "192.0.2.1";
};

TEST_F(Hooks, need_their_secret) {
    StreamingHooks off(gate, world.broadcasts, GateSettings{});
    EXPECT_EQ(off.validate(base::Secret(), *station.stream_key, caller).error().code,
              base::ErrorCode::not_found);
    EXPECT_EQ(error_name(hooks.validate(base::Secret("wrong"), *station.stream_key, caller)),
              "hook_secret_wrong");
    EXPECT_EQ(error_name(hooks.validate(base::Secret(), *station.stream_key, caller)), "hook_secret_wrong");
    EXPECT_EQ(hooks.validate(right, *station.stream_key, caller)->stream_id, station.id);
    EXPECT_TRUE(hooks.validate(right, *station.stream_key, caller)->is_station);
    const auto wrong = hooks.validate(right, base::Secret("unknown"), caller);
    EXPECT_EQ(wrong.error().code, base::ErrorCode::forbidden);
}

TEST_F(Hooks, a_livestream_follows_the_foreign_encoder) {
    ASSERT_TRUE(hooks.stream_started(right, *show.stream_key, caller));
    EXPECT_EQ(world.livestreams.find(owner, show.id)->status, LivestreamStatus::live);
    EXPECT_TRUE(world.livestreams.status(Actor::nobody(), show.id)->live);
    EXPECT_TRUE(hooks.stream_started(right, *show.stream_key, caller)) << "announced again";
    EXPECT_TRUE(world.outputs.broadcasts.empty()) << "there is no media to fan out";
    ASSERT_TRUE(hooks.stream_ended(right, *show.stream_key, caller));
    EXPECT_EQ(world.livestreams.find(owner, show.id)->status, LivestreamStatus::ended);
    EXPECT_EQ(error_name(hooks.stream_started(right, *show.stream_key, caller)), "stream_key_refused");
}

}  // namespace
}  // namespace service
