#include "service/audience.h"

#include "service/testing/playback_world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::PlaybackWorld;

struct Watching : ::testing::Test {
    PlaybackWorld world;
    Actor owner = world.person();
    Livestream show = world.livestream(owner);
    std::string id = world.playback_id(show.id);

    // What a player's playlists carry from now on.
    std::string begin() {
        EXPECT_TRUE(world.live(id, "index.m3u8"));
        return world.hls.asked.back().playlist_query.substr(std::string("viewer=").size());
    }
    void poll(const std::string& viewer) {
        (void)world.live(id, "media.m3u8", {{}, viewer, "198.51.100.1:1"});
    }
    std::int64_t watching() {
        world.tick();
        return world.livestreams.status(Actor::nobody(), show.id)->viewer_count;
    }
};

TEST_F(Watching, players_count_once_they_play_and_until_they_are_silent) {
    world.encoder_starts(show.id);
    const std::string one = begin();
    const std::string other = begin();
    EXPECT_NE(one, other);
    EXPECT_EQ(watching(), 0) << "a question for the multivariant playlist is no player yet";
    poll(one);
    poll(other);
    EXPECT_EQ(watching(), 2);
    for (int i = 0; i < 12; ++i) {
        world.pass(1s);
        poll(one);
    }
    EXPECT_EQ(watching(), 1);
    world.pass(10s);
    EXPECT_EQ(watching(), 0);
}

TEST_F(Watching, polling_and_proxies_do_not_inflate) {
    world.encoder_starts(show.id);
    for (int i = 0; i < 1'000; ++i) begin();
    EXPECT_EQ(watching(), 0);
    const std::string shared = begin();
    // One URL, asked from behind a thousand addresses: a cache that ignores what it was told.
    for (int i = 0; i < 1'000; ++i)
        (void)world.live(id, "media.m3u8", {{}, shared, "10.0." + std::to_string(i / 250) + ".1:1"});
    EXPECT_EQ(watching(), 1);
    // Many players behind one address.
    for (int i = 0; i < 50; ++i) poll(begin());
    EXPECT_EQ(watching(), 51);
}

TEST_F(Watching, a_hundred_thousand_forged_ids_count_for_nobody_and_take_no_memory) {
    world.encoder_starts(show.id);
    const std::string good = begin();
    for (int i = 0; i < 100'000; ++i) {
        std::string forged = good;
        forged[static_cast<std::size_t>(6 + i % 14)] = static_cast<char>('a' + i % 26);
        forged[20] = static_cast<char>('A' + i / 26 % 26);
        forged[21] = static_cast<char>('A' + i / 676 % 26);
        if (forged == good) continue;
        world.desk->live({id, "media.m3u8"}, {{}, forged}, [](const auto&) {});
    }
    for (const std::string& nonsense :
         {std::string(), std::string("x"), std::string(44, 'A'), std::string(9'999, 'z')})
        poll(nonsense);
    EXPECT_EQ(watching(), 0);
    EXPECT_EQ(world.desk->figures().audience.players, 0u);
    // Nor what was made for another show.
    Livestream other = world.livestream(owner);
    world.encoder_starts(other.id, "ig_2");
    (void)world.live(world.playback_id(other.id), "media.m3u8", {{}, good});
    EXPECT_EQ(world.desk->figures().audience.players, 0u);
    poll(good);
    EXPECT_EQ(watching(), 1);
}

TEST_F(Watching, who_gets_nothing_does_not_watch) {
    world.encoder_starts(show.id);
    const std::string one = begin();
    world.hls.answers = false;
    poll(one);
    EXPECT_EQ(watching(), 0);
}

TEST_F(Watching, connections_count_while_they_are_there) {
    world.encoder_starts(show.id);
    auto stream = world.flv_stream(id);
    auto player = world.rtmp(id);
    poll(begin());
    EXPECT_EQ(watching(), 3);
    player->permit.reset();
    EXPECT_EQ(watching(), 2);
    stream->reset();
    EXPECT_EQ(watching(), 1);
    EXPECT_EQ(world.desk->figures().permits, 0u);
}

TEST_F(Watching, a_flood_is_bounded_and_told) {
    PlaybackSettings settings;
    settings.audience.max_players = 100;
    world.desk =
        std::make_unique<PlaybackDesk>(world.context, PlaybackMedia{world.hls, world.flv, nullptr, {}},
                                       world.workers, world.hits, world.broadcast_settings(), settings);
    world.encoder_starts(show.id);
    for (int i = 0; i < 150; ++i) poll(begin());
    EXPECT_EQ(watching(), 100);
    EXPECT_EQ(world.hits.counts()["audience_players"], 50u);
    // Forgotten after a while, and there is room again.
    world.pass(121s);
    EXPECT_EQ(watching(), 0);
    EXPECT_EQ(world.desk->figures().audience.players, 0u);
    poll(begin());
    EXPECT_EQ(watching(), 1);
}

TEST_F(Watching, peak_and_total_are_kept) {
    world.encoder_starts(show.id);
    world.tick();
    const auto row = [&] { return *world.store->livestreams().get(store::Scope::all(), show.id); };
    const std::string first = begin();
    for (const std::string& viewer : {first, begin(), begin()}) poll(viewer);
    world.tick();
    EXPECT_EQ(row().peak_viewers, 0) << "not written each second";
    world.pass(11s);
    poll(first);  // is back after a pause, and no other
    poll(begin());
    world.tick();
    EXPECT_EQ(row().peak_viewers, 3);
    EXPECT_EQ(row().total_viewers, 4);
    // What came since is written with the end.
    poll(begin());
    world.tick();
    const auto session = world.board.of_livestream(show.id);
    ASSERT_TRUE(world.livestreams.stop(owner, show.id));
    world.tick();
    EXPECT_EQ(row().total_viewers, 5);
    const auto kept = world.store->broadcasts().get(store::Scope::all(), session->session_id);
    EXPECT_EQ(kept->peak_viewers, 3);
    EXPECT_EQ(kept->total_viewers, 5);
}

TEST_F(Watching, what_is_not_written_yet_is_written_with_the_stop) {
    world.encoder_starts(show.id);
    poll(begin());
    poll(begin());
    world.tick();
    world.desk->stop();
    EXPECT_EQ(world.store->livestreams().get(store::Scope::all(), show.id)->total_viewers, 2);
}

TEST_F(Watching, totals_go_on_after_a_restart) {
    world.encoder_starts(show.id);
    world.tick();
    const std::string old = begin();
    poll(old);
    poll(begin());
    world.tick();
    world.pass(11s);
    world.tick();
    world.pass(3min);
    world.desk = std::make_unique<PlaybackDesk>(
        world.context, PlaybackMedia{world.hls, world.flv, nullptr, {}}, world.workers, world.hits,
        world.broadcast_settings(), PlaybackSettings{});
    world.tick();
    poll(old);  // came before the restart
    poll(begin());
    EXPECT_EQ(watching(), 2);
    world.pass(11s);
    world.tick();
    EXPECT_EQ(world.store->livestreams().get(store::Scope::all(), show.id)->total_viewers, 3);
}

TEST_F(Watching, the_board_the_lists_and_the_cards_agree) {
    const Station station = world.station(owner);
    ASSERT_TRUE(world.broadcasts.start_stream(owner, station.id, {}));
    world.encoder_starts(station.id);
    id = world.store->stations().get(store::Scope::all(), station.id)->playback_id;
    poll(begin());
    world.tick();
    EXPECT_EQ(world.stations.find(Actor::nobody(), station.id)->current->viewer_count, 1);
    EXPECT_EQ(world.broadcasts.live_status(station.id).sessions.front().viewer_count, 1);
    EXPECT_EQ(world.desk->card(Actor::nobody(), id, {})->viewer_count, 1);
    const auto shows = world.livestreams.list(Actor::nobody(), LivestreamFilter::active, {});
    EXPECT_EQ(shows->items.front().viewer_count, 1);
}

}  // namespace
}  // namespace service
