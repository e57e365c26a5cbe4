// Shows that are unlisted or private: who finds them, who plays them, what a change of it does to those who
// watch.
#include "service/playback_desk.h"
#include "service/testing/playback_world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::error_name;
using testing::PlaybackWorld;

constexpr const char* refused = "playback_refused";
constexpr const char* ok = "(no error)";
constexpr const char* not_there = "livestream_not_found";

struct Private : ::testing::Test {
    PlaybackWorld world;
    Actor owner = world.person();
    Actor admin = world.person(Role::admin);
    Actor other = world.person();
    Actor nobody = Actor::nobody();
    Livestream show = world.livestream(owner);
    std::string id = world.playback_id(show.id);

    Private() { EXPECT_TRUE(world.users.grant_tokens(admin, other.user_id, 1'000)); }

    void make(Visibility visibility) {
        const auto changed = world.livestreams.update(owner, show.id, {.visibility = visibility});
        ASSERT_TRUE(changed) << changed.error().message;
        EXPECT_EQ(changed->visibility, visibility);
    }
    bool lists(const Actor& actor, LivestreamFilter filter = LivestreamFilter::all) {
        const auto found = world.livestreams.list(actor, filter, {});
        return std::ranges::find(found->items, show.id, &Livestream::id) != found->items.end();
    }
    // One token in each way of playing.
    std::string plays(const std::string& token, const std::string& at) {
        const std::string hls = error_name(world.live(at, "media.m3u8", {token}));
        EXPECT_EQ(error_name(world.live(at, "index.m3u8", {token})), hls);
        EXPECT_EQ(error_name(world.live(at, "7.m4s", {token})), hls);
        EXPECT_EQ(error_name(world.flv_stream(at, {token})), hls);
        EXPECT_EQ(error_name(world.rtmp(at, {token})), hls);
        return hls;
    }
    static Actor with(Actor actor, std::uint8_t scopes) {
        actor.scopes = scopes;
        return actor;
    }
};

TEST_F(Private, are_listed_for_those_who_manage_them_alone) {
    for (const Visibility visibility : {Visibility::unlisted, Visibility::closed}) {
        make(visibility);
        EXPECT_FALSE(lists(nobody)) << to_string(visibility);
        EXPECT_FALSE(lists(other));
        EXPECT_FALSE(lists(with(owner, scope_live))) << "who may not read sees what anybody sees";
        EXPECT_TRUE(lists(owner));
        EXPECT_TRUE(lists(admin));
    }
    EXPECT_FALSE(lists(nobody, LivestreamFilter::upcoming));
    world.encoder_starts(show.id);
    EXPECT_FALSE(lists(nobody, LivestreamFilter::active));
    EXPECT_TRUE(world.broadcasts.live_status("").sessions.empty());
    EXPECT_FALSE(world.broadcasts.live_status("").is_live);
    make(Visibility::open);
    EXPECT_TRUE(lists(nobody, LivestreamFilter::active));
    EXPECT_EQ(world.broadcasts.live_status("").sessions.size(), 1u);
}

TEST_F(Private, exist_for_those_who_manage_them_alone) {
    make(Visibility::closed);
    world.encoder_starts(show.id);
    for (const Actor& stranger : {nobody, other}) {
        EXPECT_EQ(error_name(world.livestreams.find(stranger, show.id)), not_there);
        EXPECT_EQ(error_name(world.livestreams.status(stranger, show.id)), not_there);
        EXPECT_EQ(error_name(world.desk->card(stranger, id, {})), "playback_not_found");
    }
    EXPECT_EQ(world.livestreams.find(nobody, show.id).error().message,
              world.livestreams.find(nobody, "ls_none").error().message);
    EXPECT_EQ(world.desk->card(nobody, id, {}).error().message,
              world.desk->card(nobody, base::random_id(""), {}).error().message);
    EXPECT_EQ(error_name(world.livestreams.playback_id(show.id)), not_there);
    for (const Actor& manager : {owner, admin}) {
        EXPECT_TRUE(world.livestreams.find(manager, show.id)->playback->hls_url);
        EXPECT_TRUE(world.livestreams.status(manager, show.id)->hls_url);
        const auto card = world.desk->card(manager, id, {});
        EXPECT_TRUE(card->live && card->restricted && card->hls_url && card->flv_url);
    }
    const std::string token = world.token_of(owner, show.id);
    EXPECT_TRUE(world.desk->card(nobody, id, {token})->hls_url) << "an embedded page has the token alone";
    EXPECT_EQ(world.livestreams.find(with(owner, scope_live), show.id).error().code,
              base::ErrorCode::forbidden);
    // What a token may do is answered with what it did.
    EXPECT_TRUE(world.livestreams.stop(with(owner, scope_live), show.id));
    EXPECT_EQ(error_name(world.livestreams.find(other, show.id)), not_there) << "nor afterwards";
}

TEST_F(Private, are_played_by_those_who_manage_them_whatever_others_hold) {
    make(Visibility::closed);
    ASSERT_TRUE(world.livestreams.update(owner, show.id, {.token_gate_amount = 1}));
    world.encoder_starts(show.id);
    const PlaybackLinks links(world.context, world.broadcast_settings());
    const auto token = [&](const Actor& actor) { return world.token_in(links.query(id, actor.user_id)); };
    EXPECT_EQ(plays("", id), refused);
    EXPECT_EQ(plays("pt1.AAAA", id), refused);
    EXPECT_EQ(plays(token(other), id), refused) << "who holds a thousand tokens";
    EXPECT_EQ(plays(world.token_of(owner, show.id), id), ok);
    EXPECT_EQ(plays(world.token_of(admin, show.id), id), ok);
    EXPECT_TRUE(world.live(id, "media.m3u8", {token(owner)})->personal);
    EXPECT_TRUE(world.hls.asked.back().uri_query.starts_with("?token="));
    make(Visibility::unlisted);
    EXPECT_EQ(plays(token(other), id), ok) << "the gate alone asks now";
    ASSERT_TRUE(world.livestreams.update(owner, show.id, {.token_gate_amount = 0}));
    EXPECT_EQ(plays("", id), ok);
}

TEST_F(Private, unlisted_ones_are_there_for_whoever_knows_of_them) {
    make(Visibility::unlisted);
    world.encoder_starts(show.id);
    EXPECT_TRUE(world.livestreams.find(nobody, show.id)->playback->hls_url);
    EXPECT_TRUE(world.livestreams.status(nobody, show.id)->hls_url);
    EXPECT_EQ(*world.livestreams.playback_id(show.id), id);
    const auto card = world.desk->card(nobody, id, {});
    EXPECT_TRUE(card->hls_url);
    EXPECT_FALSE(card->restricted);
    EXPECT_EQ(plays("", id), ok);
}

TEST_F(Private, who_may_not_watch_is_cut_when_a_show_becomes_private) {
    world.encoder_starts(show.id);
    const auto open = world.rtmp(id);
    const auto flv = world.flv_stream(id);
    const auto of_owner = world.rtmp(id, {world.token_of(owner, show.id)});
    ASSERT_TRUE(open && flv && of_owner);
    EXPECT_TRUE(world.live(id, "media.m3u8"));
    make(Visibility::closed);
    EXPECT_EQ(error_name(world.live(id, "media.m3u8")), refused) << "with the next question";
    const auto let_in = world.rtmp(id, {world.token_of(owner, show.id)});
    ASSERT_TRUE(let_in);
    world.tick();
    base::GatherList out;
    EXPECT_TRUE(open->permit->revoked());
    EXPECT_TRUE((*flv)->pull(world.clock->now(), out).end);
    EXPECT_TRUE(of_owner->permit->revoked()) << "it was let in as anybody: nobody is known to sit there";
    EXPECT_FALSE(let_in->permit->revoked());
    // Who is no admin any more is cut, too.
    const auto of_admin = world.rtmp(id, {world.token_of(admin, show.id)});
    const Actor second = world.person(Role::admin);
    ASSERT_TRUE(world.users.update(second, admin.user_id, {{}, Role::viewer, {}}));
    world.tick();
    EXPECT_TRUE(of_admin->permit->revoked());
}

TEST_F(Private, a_station_tells_nobody_what_is_private_on_it) {
    const Station station = world.station(owner);
    const auto on_air = world.broadcasts.start_stream(owner, station.id, {});
    ASSERT_TRUE(on_air);
    world.encoder_starts(station.id);
    const std::string show_id = *on_air->session.livestream_id;
    const std::string at = world.store->stations().get(store::Scope::all(), station.id)->playback_id;
    EXPECT_TRUE(world.stations.find(nobody, station.id)->is_live);
    const auto change = [&](Visibility visibility) {
        ASSERT_TRUE(world.livestreams.update(owner, show_id,
                                             {.title = "Behind closed doors", .visibility = visibility}));
    };
    change(Visibility::closed);
    for (const Actor& stranger : {nobody, other}) {
        EXPECT_FALSE(world.stations.find(stranger, station.id)->is_live);
        EXPECT_FALSE(world.stations.find(stranger, station.id)->current);
        const auto card = world.desk->card(stranger, at, {});
        ASSERT_TRUE(card) << "the station itself is there";
        EXPECT_EQ(card->title, "Radio One");
        EXPECT_FALSE(card->live || card->restricted || card->hls_url || card->started_at);
    }
    EXPECT_EQ(plays("", at), refused);
    const auto told = world.stations.find(owner, station.id);
    ASSERT_TRUE(told->current && told->current->playback.hls_url);
    EXPECT_EQ(plays(world.token_in(*told->current->playback.hls_url), at), ok);
    EXPECT_TRUE(world.desk->card(owner, at, {})->hls_url);
    change(Visibility::unlisted);
    EXPECT_FALSE(world.stations.find(nobody, station.id)->is_live);
    EXPECT_EQ(plays("", at), ok) << "that is where its link leads";
}

TEST_F(Private, strangers_hear_nothing_of_them_but_that_they_are_gone) {
    const auto visitor = world.events.subscribe(nobody, std::nullopt, {});
    const auto listener = world.events.subscribe(owner, std::nullopt, {});
    make(Visibility::closed);
    const auto gone = visitor->take();
    ASSERT_EQ(gone.size(), 1u);
    EXPECT_EQ(gone.front()->data.size(), 1u) << "its id, which they had, and no more";
    ASSERT_TRUE(world.livestreams.update(owner, show.id, {.title = "Secret"}));
    world.encoder_starts(show.id);
    ASSERT_TRUE(world.livestreams.stop(owner, show.id));
    for (const auto& event : visitor->take()) ADD_FAILURE() << event->type;
    EXPECT_GE(listener->take().size(), 4u);
    make(Visibility::open);
    EXPECT_EQ(visitor->take().size(), 1u);
}

TEST_F(Private, stay_so_over_a_restart) {
    make(Visibility::closed);
    world.encoder_starts(show.id);
    PlaybackWorld after(world.folder, world.clock);
    EXPECT_EQ(error_name(after.livestreams.status(nobody, show.id)), not_there);
    EXPECT_EQ(error_name(after.desk->card(nobody, id, {})), "playback_not_found");
    EXPECT_EQ(error_name(after.live(id, "media.m3u8")), refused);
    ASSERT_TRUE(after.broadcasts.resume());
    EXPECT_TRUE(after.broadcasts.live_status("").sessions.empty());
    EXPECT_EQ(after.board.sessions().size(), 1u);
}

TEST_F(Private, recordings_that_were_paused_go_on) {
    world.replays.recordings["as_own"] = {owner.user_id, false};
    const PlaybackLinks links(world.context, world.broadcast_settings());
    const std::string token = world.token_in(links.query("as_own", owner.user_id));
    const auto asks = [&](const std::string& file, const std::string& from = "203.0.113.9:1000") {
        return error_name(world.replay("as_own", file, {token, {}, from}));
    };
    EXPECT_EQ(asks("thumbnail.jpg"), ok);
    EXPECT_EQ(world.desk->figures().sessions, 0u) << "a picture in a list is no playing";
    EXPECT_EQ(asks("video.mp4"), ok);
    world.pass(8h);
    world.tick();
    EXPECT_EQ(asks("video.mp4", "198.51.100.1:1000"), "playback_token_expired");
    EXPECT_EQ(asks("video.mp4", "203.0.113.9:2000"), ok) << "in the same place, by another connection";
    EXPECT_EQ(asks("1.mp4"), ok);
    world.pass(11h);
    ASSERT_TRUE(world.users.update(admin, owner.user_id, {{}, {}, true}));
    EXPECT_EQ(asks("video.mp4"), refused) << "the right is asked for each time";
}

}  // namespace
}  // namespace service
