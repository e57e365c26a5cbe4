#include "service/livestreams.h"

#include "service/testing/world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using enum LivestreamStatus;
using testing::error_name;
using testing::World;

struct Livestreams : ::testing::Test {
    World world;
    Actor owner = world.person();
    Livestream show = world.livestream(owner);

    LivestreamStatus status() { return world.livestreams.find(owner, show.id)->status; }
};

TEST_F(Livestreams, begin_with_a_key_and_a_different_playback_id) {
    ASSERT_TRUE(show.stream_key);
    EXPECT_EQ(show.stream_key->size(), 32u);
    EXPECT_EQ(show.stream_key->reveal().find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(show.rtmp_url, "rtmp://everycast.example:1935/live");
    EXPECT_EQ(show.status, scheduled);
    ASSERT_TRUE(show.playback) << "its owner announces where it will play";
    EXPECT_NE(show.playback->playback_id, show.stream_key->reveal());
    EXPECT_FALSE(show.playback->hls_url);
    const auto stranger = world.livestreams.find(Actor::nobody(), show.id);
    ASSERT_TRUE(stranger);
    EXPECT_FALSE(stranger->playback);
    EXPECT_FALSE(stranger->stream_key);
    EXPECT_FALSE(stranger->rtmp_url);
}

TEST_F(Livestreams, go_live_with_the_encoder_and_end_after_the_grace_period) {
    world.encoder_starts(show.id);
    EXPECT_EQ(status(), live);
    auto polled = world.livestreams.status(Actor::nobody(), show.id);
    EXPECT_TRUE(polled->live);
    world.encoder_goes(show.id);
    EXPECT_EQ(status(), live);
    EXPECT_FALSE(world.livestreams.status(Actor::nobody(), show.id)->live);
    world.stream_ends(show.id);
    EXPECT_EQ(status(), ended);
    polled = world.livestreams.status(Actor::nobody(), show.id);
    EXPECT_EQ(polled->status, ended);
    EXPECT_FALSE(polled->live);
}

// Every use-case that changes the status, in every status.
TEST(LivestreamChanges, follow_the_table) {
    struct Row {
        LivestreamStatus from;
        std::string start, stop, cancel, archive, rotate;
    };
    const std::string ok = "(no error)";
    const Row table[] = {
        {scheduled, ok, "livestream_scheduled", ok, "livestream_scheduled", ok},
        {live, ok, ok, "livestream_live", "livestream_live", ok},
        {ended, "livestream_ended", "livestream_ended", "livestream_ended", ok, "livestream_ended"},
        {archived, "livestream_archived", "livestream_archived", "livestream_archived", "livestream_archived",
         "livestream_archived"},
        {cancelled, "livestream_cancelled", "livestream_cancelled", "livestream_cancelled",
         "livestream_cancelled", "livestream_cancelled"},
    };
    World world;
    const Actor owner = world.person();
    for (const Row& row : table) {
        const auto fresh = [&] {
            const auto show = world.livestream(owner);
            const bool was_live = row.from == live || row.from == ended || row.from == archived;
            if (was_live) world.encoder_starts(show.id);
            base::Result<Livestream> reached = show;
            if (row.from == cancelled) reached = world.livestreams.cancel(owner, show.id);
            if (was_live && row.from != live) reached = world.livestreams.stop(owner, show.id);
            if (row.from == archived) reached = world.livestreams.archive(owner, show.id);
            EXPECT_TRUE(reached);
            EXPECT_EQ(world.livestreams.find(owner, show.id)->status, row.from);
            return show.id;
        };
        EXPECT_EQ(error_name(world.livestreams.start(owner, fresh())), row.start) << to_string(row.from);
        EXPECT_EQ(error_name(world.livestreams.stop(owner, fresh())), row.stop) << to_string(row.from);
        EXPECT_EQ(error_name(world.livestreams.cancel(owner, fresh())), row.cancel) << to_string(row.from);
        EXPECT_EQ(error_name(world.livestreams.archive(owner, fresh())), row.archive) << to_string(row.from);
        EXPECT_EQ(error_name(world.livestreams.rotate_key(owner, fresh())), row.rotate)
            << to_string(row.from);
    }
}

TEST_F(Livestreams, stopping_disconnects_the_encoder_and_ends_the_session) {
    world.encoder_starts(show.id);
    const auto session = world.board.of_stream(show.id);
    ASSERT_TRUE(session);
    ASSERT_TRUE(world.livestreams.stop(owner, show.id));
    EXPECT_TRUE(world.ingests.was_ended(show.id));
    EXPECT_FALSE(world.board.of_stream(show.id));
    EXPECT_EQ(world.broadcasts.find(owner, session->session_id)->status, SessionStatus::ended);
}

TEST_F(Livestreams, an_encoder_that_comes_too_late_is_sent_away) {
    ASSERT_TRUE(world.livestreams.cancel(owner, show.id));
    world.encoder_starts(show.id);
    EXPECT_TRUE(world.ingests.was_ended(show.id));
    EXPECT_EQ(status(), cancelled);
    EXPECT_FALSE(world.board.of_stream(show.id));
}

TEST_F(Livestreams, a_new_key_cuts_the_encoder_and_keeps_the_show) {
    world.encoder_starts(show.id);
    const auto rotated = world.livestreams.rotate_key(owner, show.id);
    ASSERT_TRUE(rotated);
    EXPECT_FALSE(*rotated->stream_key == *show.stream_key);
    EXPECT_TRUE(world.ingests.was_ended(show.id));
    world.encoder_goes(show.id);
    world.stream_ends(show.id, true);
    EXPECT_EQ(status(), live);
    world.encoder_starts(show.id, "ig_2");
    EXPECT_TRUE(world.livestreams.status(Actor::nobody(), show.id)->live);
    // The next end is an end.
    world.encoder_goes(show.id, "ig_2");
    world.stream_ends(show.id);
    EXPECT_EQ(status(), ended);
}

TEST_F(Livestreams, a_new_key_in_the_grace_period_keeps_the_show) {
    world.encoder_starts(show.id);
    world.encoder_goes(show.id);
    ASSERT_TRUE(world.livestreams.rotate_key(owner, show.id));
    world.stream_ends(show.id, true);
    EXPECT_EQ(status(), live);
}

TEST_F(Livestreams, after_a_new_key_the_encoder_has_some_time) {
    world.encoder_starts(show.id);
    ASSERT_TRUE(world.livestreams.rotate_key(owner, show.id));
    world.stream_ends(show.id, true);
    world.clock->advance(119s);
    world.broadcasts.tick();
    EXPECT_EQ(status(), live);
    world.clock->advance(2s);
    world.broadcasts.tick();
    EXPECT_EQ(status(), ended);
}

// The engine's facts arrive later than the owner's wishes.
TEST_F(Livestreams, a_new_key_before_the_encoder_is_known_keeps_the_show) {
    world.ingests.running[show.id] = {show.id, "ig_1", true, {}};
    ASSERT_TRUE(world.livestreams.rotate_key(owner, show.id));
    EXPECT_TRUE(world.ingests.was_ended(show.id));
    world.encoder_starts(show.id);
    world.encoder_goes(show.id);
    world.stream_ends(show.id, true);
    EXPECT_EQ(status(), live);
}

TEST_F(Livestreams, gated_ones_are_played_by_those_who_may) {
    ASSERT_TRUE(world.livestreams.update(owner, show.id, {.token_gate_amount = 10}));
    world.encoder_starts(show.id);
    const Actor fan = world.person(Role::viewer);
    const Actor admin = world.person(Role::admin);
    EXPECT_FALSE(world.livestreams.find(Actor::nobody(), show.id)->playback);
    EXPECT_FALSE(world.livestreams.find(fan, show.id)->playback);
    EXPECT_TRUE(world.livestreams.find(owner, show.id)->playback);
    EXPECT_TRUE(world.livestreams.find(admin, show.id)->playback);
    ASSERT_TRUE(world.users.grant_tokens(admin, fan.user_id, 9));
    EXPECT_FALSE(world.livestreams.find(fan, show.id)->playback);
    ASSERT_TRUE(world.users.grant_tokens(admin, fan.user_id, 1));
    EXPECT_TRUE(world.livestreams.find(fan, show.id)->playback);
}

TEST_F(Livestreams, public_status_is_answered_from_memory) {
    ASSERT_TRUE(world.livestreams.status(Actor::nobody(), show.id));
    // Behind the use-cases' back: memory does not see it.
    ASSERT_TRUE(world.store->livestreams().remove(store::Scope::all(), show.id));
    EXPECT_TRUE(world.livestreams.status(Actor::nobody(), show.id));
    EXPECT_EQ(error_name(world.livestreams.status(Actor::nobody(), "ls_unknown")), "livestream_not_found");
}

TEST_F(Livestreams, plans_are_settled_once_live) {
    EXPECT_TRUE(world.livestreams.update(owner, show.id, {.scheduled_at = world.clock->wall() + 1h}));
    world.encoder_starts(show.id);
    EXPECT_EQ(
        error_name(world.livestreams.update(owner, show.id, {.scheduled_at = world.clock->wall() + 2h})),
        "livestream_live");
    EXPECT_EQ(error_name(world.livestreams.update(owner, show.id, {.record = true})), "livestream_live");
    EXPECT_EQ(world.livestreams.update(owner, show.id, {.title = "New title"})->title, "New title");
}

TEST_F(Livestreams, lists_are_public_and_filtered) {
    const auto next =
        world.livestreams.create(owner, {.title = "Next", .scheduled_at = world.clock->wall() + 1h});
    world.encoder_starts(show.id);
    const auto nobody = Actor::nobody();
    const auto active = world.livestreams.list(nobody, LivestreamFilter::active, {});
    ASSERT_EQ(active->items.size(), 1u);
    EXPECT_EQ(active->items[0].id, show.id);
    EXPECT_FALSE(active->items[0].stream_key);
    const auto upcoming = world.livestreams.list(nobody, LivestreamFilter::upcoming, {});
    ASSERT_EQ(upcoming->items.size(), 1u);
    EXPECT_EQ(upcoming->items[0].id, next->id);
    EXPECT_EQ(world.livestreams.list(nobody, LivestreamFilter::all, {})->items.size(), 2u);
    EXPECT_EQ(error_name(world.livestreams.list(nobody, LivestreamFilter::all, {.limit = 201})),
              "invalid_field");
}

TEST_F(Livestreams, fields_are_checked) {
    const auto field = [&](const NewLivestream& request) {
        const auto refused = world.livestreams.create(owner, request);
        return refused ? std::string("(no error)") : refused.error().details.at("field");
    };
    EXPECT_EQ(field({.title = " "}), "title");
    EXPECT_EQ(field({.title = std::string(201, 'x')}), "title");
    EXPECT_EQ(field({.title = "X", .token_gate_amount = -1}), "token_gate_amount");
    EXPECT_EQ(field({.title = "X", .scheduled_at = world.clock->wall() - 25h}), "scheduled_at");
    EXPECT_EQ(field({.title = "X", .destination_ids = {"de_1"}, .profile_id = "pr_1"}), "profile_id");
}

}  // namespace
}  // namespace service
