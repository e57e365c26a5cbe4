#include "service/playback_desk.h"

#include <atomic>
#include <thread>

#include "service/testing/playback_world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::error_name;
using testing::PlaybackWorld;

constexpr const char* refused = "playback_refused";
constexpr const char* expired = "playback_token_expired";
constexpr const char* ok = "(no error)";

struct Playing : ::testing::Test {
    PlaybackWorld world;
    Actor owner = world.person();
    Actor admin = world.person(Role::admin);
    Actor fan = world.person(Role::viewer);
    Actor poor = world.person(Role::viewer);
    Livestream show = world.livestream(owner);
    std::string id = world.playback_id(show.id);

    Playing() {
        EXPECT_TRUE(world.users.grant_tokens(admin, fan.user_id, 10));
        EXPECT_TRUE(world.users.grant_tokens(admin, poor.user_id, 9));
    }
    void gate(std::int64_t amount) {
        EXPECT_TRUE(world.livestreams.update(owner, show.id, {.token_gate_amount = amount}));
    }
    std::string asks(const std::string& token, const std::string& file = "media.m3u8") {
        return error_name(world.live(id, file, {token}));
    }
};

TEST_F(Playing, what_is_open_needs_nothing) {
    world.encoder_starts(show.id);
    EXPECT_TRUE(world.live(id, "media.m3u8"));
    EXPECT_EQ(world.hls.asked.back().stream_id, show.id);
    EXPECT_EQ(world.hls.asked.back().uri_query, "");
    EXPECT_FALSE(world.live(id, "media.m3u8")->personal) << "caches between may keep it";
    EXPECT_TRUE(world.live(id, "media.m3u8", {"nonsense", "nonsense"}));
    const auto index = world.live(id, "index.m3u8");
    EXPECT_TRUE(index->personal) << "it names the player";
    EXPECT_TRUE(world.hls.asked.back().playlist_query.starts_with("viewer="));
}

TEST_F(Playing, where_memory_is_short_nobody_new_is_let_in) {
    world.encoder_starts(show.id);
    base::MemoryGauge memory(1'000);
    PlaybackMedia media{world.hls, world.flv, &world.replays, {}, &memory};
    world.desk = std::make_unique<PlaybackDesk>(world.context, media, world.workers, world.hits,
                                                world.broadcast_settings(), PlaybackSettings{});
    EXPECT_TRUE(world.live(id, "index.m3u8"));
    memory.set_used(851);
    const auto index = world.live(id, "index.m3u8");
    ASSERT_FALSE(index);
    EXPECT_EQ(index.error().code, base::ErrorCode::unavailable);
    EXPECT_EQ(index.error().details.at("retryAfter"), "5");
    EXPECT_EQ(world.flv_stream(id).error().code, base::ErrorCode::unavailable);
    EXPECT_EQ(world.rtmp(id).error().code, base::ErrorCode::unavailable);
    EXPECT_EQ(world.replay("as_1", "index.m3u8").error().code, base::ErrorCode::unavailable);
    EXPECT_EQ(world.hits.counts().at("memory_bytes"), 4u);
    // Whoever watches already goes on.
    EXPECT_TRUE(world.live(id, "media.m3u8"));
    EXPECT_TRUE(world.live(id, "7.m4s"));
    memory.set_used(850);
    EXPECT_TRUE(world.live(id, "index.m3u8"));
}

TEST_F(Playing, a_poster_is_named_and_given_once_there_is_one) {
    std::optional<media::Content> newest;
    PlaybackMedia media{world.hls, world.flv, nullptr, {}};
    media.poster = [&](const std::string& stream_id) {
        EXPECT_EQ(stream_id, show.id);
        return newest;
    };
    world.desk = std::make_unique<PlaybackDesk>(world.context, media, world.workers, world.hits,
                                                world.broadcast_settings(), PlaybackSettings{});
    world.encoder_starts(show.id);
    EXPECT_FALSE(world.desk->card(Actor::nobody(), id, {})->thumbnail_url);
    EXPECT_EQ(world.live(id, "thumbnail.jpg").error().code, base::ErrorCode::not_found);

    newest = media::Content{.body = std::make_shared<const std::string>("jpeg"), .type = "image/jpeg"};
    EXPECT_TRUE(world.desk->card(Actor::nobody(), id, {})->thumbnail_url);
    const auto open = world.live(id, "thumbnail.jpg");
    EXPECT_EQ(open->type, "image/jpeg");
    EXPECT_FALSE(open->personal);

    gate(10);
    EXPECT_FALSE(world.desk->card(poor, id, {})->thumbnail_url);
    EXPECT_EQ(error_name(world.live(id, "thumbnail.jpg")), refused);
    EXPECT_TRUE(world.live(id, "thumbnail.jpg", {world.token_of(fan, show.id)})->personal);
    EXPECT_TRUE(world.hls.asked.empty());
}

TEST_F(Playing, unknown_ids_and_keys_play_nothing) {
    world.encoder_starts(show.id);
    for (const std::string& wrong :
         {std::string(), std::string("x"), std::string("../../x"), show.id, show.stream_key->reveal(),
          base::random_id(""), id + "x", id.substr(1), std::string(10'000, 'a')}) {
        const auto answer = world.live(wrong, "index.m3u8");
        ASSERT_FALSE(answer) << wrong.substr(0, 100);
        EXPECT_EQ(answer.error().code, base::ErrorCode::not_found);
    }
    EXPECT_TRUE(world.hls.asked.empty());
}

TEST_F(Playing, a_show_on_its_stations_key_is_played_where_the_station_is) {
    const Station station = world.station(owner);
    const auto on_air = world.broadcasts.start_stream(owner, station.id, {});
    ASSERT_TRUE(on_air);
    world.encoder_starts(station.id);
    const std::string own = world.playback_id(*on_air->session.livestream_id);
    const std::string at = world.store->stations().get(store::Scope::all(), station.id)->playback_id;
    EXPECT_NE(own, at);
    for (const std::string& playback_id : {own, at}) {
        EXPECT_TRUE(world.live(playback_id, "media.m3u8"));
        EXPECT_EQ(world.hls.asked.back().stream_id, station.id);
    }
    // What it asks of its viewers, it asks on both.
    ASSERT_TRUE(world.livestreams.update(owner, *on_air->session.livestream_id, {.token_gate_amount = 5}));
    for (const std::string& playback_id : {own, at})
        EXPECT_EQ(error_name(world.live(playback_id, "media.m3u8")), refused);
    // The station's page tells its viewers apart, too.
    EXPECT_FALSE(world.stations.find(Actor::nobody(), station.id)->current->playback.hls_url);
    const auto holder = world.stations.find(fan, station.id)->current->playback;
    EXPECT_TRUE(world.live(holder.playback_id, "media.m3u8", {world.token_in(*holder.hls_url)}));
}

TEST_F(Playing, who_may_watch_what) {
    gate(10);
    Livestream other = world.livestream(owner);
    ASSERT_TRUE(world.livestreams.update(owner, other.id, {.token_gate_amount = 10}));
    Actor disabled = world.person(Role::viewer);
    ASSERT_TRUE(world.users.grant_tokens(admin, disabled.user_id, 50));
    world.encoder_starts(show.id);
    world.encoder_starts(other.id, "ig_2");
    const std::string of_disabled = world.token_of(disabled, show.id);
    ASSERT_NE(of_disabled, "");
    ASSERT_TRUE(world.users.update(admin, disabled.user_id, {{}, {}, true}));

    EXPECT_EQ(world.token_of(Actor::nobody(), show.id), "");
    EXPECT_EQ(world.token_of(poor, show.id), "");
    const struct {
        const char* who;
        std::string token;
        const char* gated;
    } table[] = {
        {"nobody", "", refused},
        {"somebody with a forged token", "pt1.AAAA", refused},
        {"a holder", world.token_of(fan, show.id), ok},
        {"the owner", world.token_of(owner, show.id), ok},
        {"an admin", world.token_of(admin, show.id), ok},
        {"a holder whose account is disabled", of_disabled, refused},
        {"a holder with another show's token", world.token_of(fan, other.id), refused},
    };
    for (const auto& row : table) {
        for (const char* file : {"index.m3u8", "media.m3u8", "plain.m3u8", "1.mp4", "7.m4s", "7.2.m4s"})
            EXPECT_EQ(asks(row.token, file), row.gated) << row.who << " asks for " << file;
        EXPECT_EQ(error_name(world.flv_stream(id, {row.token})), row.gated) << row.who;
        EXPECT_EQ(error_name(world.rtmp(id, {row.token})), row.gated) << row.who;
    }
    // The same people at the same show, open to everybody.
    gate(0);
    for (const auto& row : table) {
        EXPECT_EQ(asks(row.token), ok) << row.who;
        EXPECT_EQ(error_name(world.flv_stream(id, {row.token})), ok) << row.who;
        EXPECT_EQ(error_name(world.rtmp(id, {row.token})), ok) << row.who;
    }
}

TEST_F(Playing, urls_are_told_in_no_state_but_live_and_to_none_but_those_who_may_watch) {
    const auto url = [&](const Actor& actor) {
        const auto found = world.livestreams.find(actor, show.id);
        const auto status = world.livestreams.status(actor, show.id);
        const bool in_find = found->playback && found->playback->hls_url;
        EXPECT_EQ(in_find, status->hls_url.has_value());
        return in_find;
    };
    const auto told = [&](bool to_nobody, bool to_poor, bool to_fan, bool to_owner, bool to_admin) {
        EXPECT_EQ(url(Actor::nobody()), to_nobody);
        EXPECT_EQ(url(poor), to_poor);
        EXPECT_EQ(url(fan), to_fan);
        EXPECT_EQ(url(owner), to_owner);
        EXPECT_EQ(url(admin), to_admin);
    };
    told(false, false, false, false, false);  // scheduled
    world.encoder_starts(show.id);
    told(true, true, true, true, true);
    gate(10);
    told(false, false, true, true, true);
    const auto active = world.livestreams.list(poor, LivestreamFilter::active, {});
    for (const auto& one : active->items) EXPECT_FALSE(one.playback) << "nor in a list";
    EXPECT_NE(world.token_of(fan, show.id), world.token_of(owner, show.id));
    ASSERT_TRUE(world.livestreams.stop(owner, show.id));
    told(false, false, false, false, false);  // ended
    ASSERT_TRUE(world.livestreams.archive(owner, show.id));
    told(false, false, false, false, false);
}

TEST_F(Playing, every_uri_of_a_gated_playlist_carries_a_fresh_token) {
    gate(10);
    world.encoder_starts(show.id);
    const std::string first = world.token_of(fan, show.id);
    EXPECT_EQ(asks(first, "index.m3u8"), ok);
    const std::string query = world.hls.asked.back().uri_query;
    ASSERT_TRUE(query.starts_with("?token=pt1."));
    EXPECT_TRUE(world.live(id, "media.m3u8", {first})->personal);
    // The player keeps the URL that it has, and finds new tokens in what it loads.
    for (int i = 0; i < 130; ++i) {
        world.pass(1s);
        ASSERT_EQ(asks(first), ok);
    }
    const std::string later = world.hls.asked.back().uri_query;
    EXPECT_NE(later, query);
    world.pass(4min - 1s);
    EXPECT_EQ(asks(world.token_in(later), "9.m4s"), ok) << "good for four minutes more, session or not";
}

TEST_F(Playing, who_plays_on_may_show_the_token_that_it_began_with) {
    gate(10);
    world.encoder_starts(show.id);
    const std::string token = world.token_of(fan, show.id);
    for (int i = 0; i < 3 * 3600 / 20; ++i) {
        ASSERT_EQ(asks(token), ok) << "after " << i * 20 << " s";
        world.pass(20s);
        if (i % 10 == 0) world.tick();
    }
    world.pass(31s);
    EXPECT_EQ(asks(token), expired);
    world.tick();
    EXPECT_EQ(world.desk->figures().sessions, 0u);
    EXPECT_EQ(asks(world.token_of(fan, show.id)), ok);
}

TEST_F(Playing, a_token_that_was_never_used_expires) {
    gate(10);
    world.encoder_starts(show.id);
    const std::string used_late = world.token_of(fan, show.id);
    const std::string too_late = world.token_of(fan, show.id);
    world.pass(5min - 1s);
    EXPECT_EQ(asks(used_late), ok);
    world.pass(1s);
    EXPECT_EQ(asks(too_late), expired);
    EXPECT_EQ(asks(used_late), ok);
}

TEST_F(Playing, sessions_do_not_outlive_the_server) {
    gate(10);
    world.encoder_starts(show.id);
    const std::string old = world.token_of(fan, show.id);
    EXPECT_EQ(asks(old), ok);
    world.pass(4min);
    const std::string fresh = world.token_of(fan, show.id);
    world.pass(2min);
    world.desk = std::make_unique<PlaybackDesk>(
        world.context, PlaybackMedia{world.hls, world.flv, nullptr, {}}, world.workers, world.hits,
        world.broadcast_settings(), PlaybackSettings{});
    EXPECT_EQ(asks(old), expired) << "and the page asks for another";
    EXPECT_EQ(asks(fresh), ok);
}

TEST_F(Playing, a_right_that_is_taken_is_gone_with_the_next_question) {
    gate(10);
    world.encoder_starts(show.id);
    const struct {
        const char* what;
        std::function<void(bool)> take;
    } ways[] = {
        {"the balance",
         [&](bool taken) { EXPECT_TRUE(world.users.grant_tokens(admin, fan.user_id, taken ? -1 : 1)); }},
        {"the gate", [&](bool taken) { gate(taken ? 11 : 10); }},
        {"the account",
         [&](bool taken) {
             EXPECT_TRUE(world.users.update(admin, fan.user_id, {{}, {}, taken}));
         }},
    };
    for (const auto& way : ways) {
        const std::string token = world.token_of(fan, show.id);
        EXPECT_EQ(asks(token), ok) << way.what;
        way.take(true);
        EXPECT_EQ(asks(token), refused) << way.what;
        EXPECT_EQ(asks(token, "7.m4s"), refused) << way.what;
        way.take(false);
        EXPECT_EQ(asks(token), ok) << way.what;
    }
    const std::string of_admin = world.token_of(admin, show.id);
    const Actor second = world.person(Role::admin);
    EXPECT_EQ(asks(of_admin), ok);
    ASSERT_TRUE(world.users.update(second, admin.user_id, {{}, Role::viewer, {}}));
    EXPECT_EQ(asks(of_admin), refused);
}

TEST_F(Playing, a_right_that_is_taken_behind_the_use_cases_is_gone_within_five_seconds) {
    gate(10);
    world.encoder_starts(show.id);
    const std::string token = world.token_of(fan, show.id);
    const auto stream = world.flv_stream(id, {token});
    const auto player = world.rtmp(id, {token});
    ASSERT_TRUE(stream && player);
    for (int i = 0; i < 30; ++i) {
        ASSERT_EQ(asks(token), ok);
        world.pass(333ms);
        if (i % 3 == 0) world.tick();
    }
    ASSERT_TRUE(world.store->users().add_tokens(fan.user_id, -1));
    std::chrono::milliseconds passed{0};
    const auto gone = [&] {
        base::GatherList out;
        return asks(token) == refused && (*stream)->pull(world.clock->now(), out).end &&
               player->permit->revoked();
    };
    while (!gone() && passed < 10s) {
        world.pass(333ms);
        passed += 333ms;
        if (passed.count() % 999 == 0) world.tick();
    }
    EXPECT_LE(passed, 4s);
}

TEST_F(Playing, connections_end_when_a_gate_is_put_before_them) {
    world.encoder_starts(show.id);
    const auto open = world.rtmp(id);
    const auto flv = world.flv_stream(id);
    gate(10);
    const auto holder = world.rtmp(id, {world.token_of(fan, show.id)});
    ASSERT_TRUE(open && flv && holder);
    world.tick();
    base::GatherList out;
    EXPECT_TRUE(open->permit->revoked());
    EXPECT_TRUE((*flv)->pull(world.clock->now(), out).end);
    EXPECT_FALSE(holder->permit->revoked());
    ASSERT_TRUE(world.users.grant_tokens(admin, fan.user_id, -1));
    world.pass(1s);
    world.tick();
    EXPECT_TRUE(holder->permit->revoked());
}

TEST_F(Playing, a_quiet_stream_is_looked_at_all_the_same) {
    world.encoder_starts(show.id);
    const auto flv = world.flv_stream(id);
    base::GatherList out;
    EXPECT_LE((*flv)->pull(world.clock->now(), out).next, world.clock->now() + 1s);
}

TEST_F(Playing, stations_that_are_deleted_are_played_no_more) {
    const Station station = world.station(owner);
    const std::string at = world.store->stations().get(store::Scope::all(), station.id)->playback_id;
    EXPECT_TRUE(world.live(at, "media.m3u8"));
    const auto player = world.rtmp(at);
    ASSERT_TRUE(world.stations.remove(owner, station.id));
    EXPECT_EQ(error_name(world.live(at, "media.m3u8")), "playback_not_found");
    world.tick();
    EXPECT_TRUE(player->permit->revoked());
}

TEST_F(Playing, known_ids_are_answered_without_sql_and_guesses_with_little) {
    world.encoder_starts(show.id);
    EXPECT_TRUE(world.live(id, "media.m3u8", {{}, {}, "203.0.113.7:1"}));
    // Behind the use-cases' back: whoever is known is played from memory.
    ASSERT_TRUE(world.store->livestreams().remove(store::Scope::all(), show.id));
    EXPECT_TRUE(world.live(id, "media.m3u8"));

    const PlaybackDirectorySettings settings;
    for (std::size_t i = 0; i < settings.guesses_per_minute; ++i)
        EXPECT_EQ(error_name(world.live(base::random_id(""), "media.m3u8", {{}, {}, "203.0.113.7:1"})),
                  "playback_not_found");
    const auto next = world.live(base::random_id(""), "media.m3u8", {{}, {}, "203.0.113.7:2"});
    EXPECT_EQ(next.error().code, base::ErrorCode::rate_limited);
    EXPECT_EQ(world.hits.counts()["playback_guesses_per_minute"], 1u);
    EXPECT_TRUE(world.live(id, "media.m3u8", {{}, {}, "203.0.113.7:1"})) << "what is known costs nothing";
    EXPECT_EQ(error_name(world.live(base::random_id(""), "media.m3u8", {{}, {}, "198.51.100.1:1"})),
              "playback_not_found");
}

TEST_F(Playing, lookups_wait_in_bounded_number) {
    PlaybackSettings settings;
    settings.directory.max_lookups = 4;
    WorkerPool idle(0, 1'000);
    PlaybackDesk desk(world.context, {world.hls, world.flv, nullptr, {}}, idle, world.hits,
                      world.broadcast_settings(), settings);
    int unavailable = 0;
    for (int i = 0; i < 100; ++i)
        desk.live({base::random_id(""), "index.m3u8"}, {}, [&](const base::Result<media::Content>& answer) {
            if (answer.error().code == base::ErrorCode::unavailable) ++unavailable;
        });
    EXPECT_EQ(unavailable, 96);
    EXPECT_EQ(world.hits.counts()["playback_lookups"], 96u);
}

TEST_F(Playing, many_ask_at_once_while_rights_change) {
    gate(10);
    world.encoder_starts(show.id);
    const Livestream open = world.livestream(owner);
    const std::string open_id = world.playback_id(open.id);
    world.encoder_starts(open.id, "ig_2");
    const std::string token = world.token_of(fan, show.id);
    class ThreadSafeHls final : public output::LiveHls {
        void ask(output::HlsQuestion, Answer answer) override { answer(media::Content{}); }
    } hls;
    WorkerPool workers(2, 10'000);
    PlaybackDesk desk(world.context, {hls, world.flv, nullptr, {}}, workers, world.hits,
                      world.broadcast_settings(), {});
    Audience audience(world.context, world.hits, {});
    std::atomic<int> asked{0};
    std::atomic<int> answered{0};
    const auto count = [&](const auto&) { ++answered; };
    std::vector<std::thread> players;
    for (int n = 0; n < 3; ++n)
        players.emplace_back([&] {
            const std::string viewer = audience.viewer_id(open_id);
            for (int i = 0; i < 1'000; ++i) {
                asked += 4;
                desk.live({open_id, "media.m3u8"}, {{}, viewer}, count);
                desk.live({id, "media.m3u8"}, {token}, count);
                desk.live({open_id, "index.m3u8"}, {}, count);
                desk.admit(open_id, {}, count);
            }
        });
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(world.users.grant_tokens(admin, fan.user_id, i % 2 == 0 ? -1 : 1));
        desk.tick();
    }
    for (auto& player : players) player.join();
    const auto patience = std::chrono::steady_clock::now() + 10s;
    while (answered < asked && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    EXPECT_EQ(answered, asked);
    desk.tick();
    EXPECT_EQ(desk.figures().audience.watching, 3);
}

TEST_F(Playing, private_recordings_are_for_their_owner) {
    world.replays.recordings["as_open"] = {owner.user_id, true};
    world.replays.recordings["as_own"] = {owner.user_id, false};
    const PlaybackLinks links(world.context, world.broadcast_settings());
    const auto of = [&](const Actor& actor, const std::string& asset) {
        return Viewer{world.token_in(links.query(asset, actor.user_id))};
    };
    EXPECT_FALSE(world.replay("as_open", "index.m3u8")->personal);
    EXPECT_EQ(world.replays.asked.back().uri_query, "");
    EXPECT_EQ(error_name(world.replay("as_own", "index.m3u8")), refused);
    EXPECT_EQ(error_name(world.replay("as_own", "video.mp4", of(fan, "as_own"))), refused);
    EXPECT_EQ(error_name(world.replay("as_own", "video.mp4", of(owner, "as_other"))), refused);
    const auto mine = world.replay("as_own", "index.m3u8", of(owner, "as_own"));
    ASSERT_TRUE(mine);
    EXPECT_TRUE(mine->personal);
    EXPECT_TRUE(world.replays.asked.back().uri_query.starts_with("?token="));
    EXPECT_TRUE(world.replay("as_own", "1.mp4", of(admin, "as_own")));
    EXPECT_EQ(world.replay("as_none", "index.m3u8").error().code, base::ErrorCode::not_found);
    EXPECT_EQ(world.replay("../as_own", "index.m3u8").error().code, base::ErrorCode::not_found);
    // Made private while it plays.
    world.replays.recordings["as_open"].open = false;
    world.board.rights_changed();
    EXPECT_EQ(error_name(world.replay("as_open", "1.mp4")), refused);
}

TEST_F(Playing, cards_tell_what_anybody_may_know) {
    const Actor nobody = Actor::nobody();
    auto card = world.desk->card(nobody, id, {});
    ASSERT_TRUE(card);
    EXPECT_EQ(card->title, "The show");
    EXPECT_FALSE(card->live);
    EXPECT_FALSE(card->over);
    EXPECT_FALSE(card->hls_url);
    world.encoder_starts(show.id);
    card = world.desk->card(nobody, id, {});
    EXPECT_TRUE(card->live);
    EXPECT_TRUE(card->started_at);
    EXPECT_EQ(card->hls_url, "http://localhost:8000/live/" + id + "/index.m3u8");
    EXPECT_EQ(card->flv_url, "http://localhost:8000/live/" + id + ".flv");
    gate(10);
    card = world.desk->card(nobody, id, {});
    EXPECT_TRUE(card->restricted);
    EXPECT_FALSE(card->hls_url || card->flv_url || card->thumbnail_url);
    EXPECT_FALSE(world.desk->card(poor, id, {})->hls_url);
    const auto of_fan = world.desk->card(fan, id, {});
    ASSERT_TRUE(of_fan->hls_url);
    const std::string token = world.token_in(*of_fan->hls_url);
    EXPECT_EQ(asks(token), ok);
    EXPECT_TRUE(world.desk->card(nobody, id, {token})->hls_url) << "an embedded page has the token alone";
    EXPECT_FALSE(world.desk->card(nobody, id, {"pt1.AAAA"})->hls_url);
    ASSERT_TRUE(world.livestreams.stop(owner, show.id));
    card = world.desk->card(fan, id, {});
    EXPECT_TRUE(card->over);
    EXPECT_FALSE(world.desk->card(nobody, base::random_id(""), {}));
}

}  // namespace
}  // namespace service
