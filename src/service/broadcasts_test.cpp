#include "service/broadcasts.h"

#include <algorithm>

#include "service/testing/world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::error_name;
using testing::World;

struct Broadcasts : ::testing::Test {
    World world;
    Actor owner = world.person();
    Station station = world.station(owner);
    Destination good = world.destination(owner, "Good");

    base::Result<LiveAnswer> go_live(std::optional<std::vector<std::string>> chosen = std::nullopt) {
        GoLive request{.stream_key = *station.stream_key};
        request.title = "Tonight";
        request.selected_endpoints = std::move(chosen);
        return world.broadcasts.go_live(owner, request);
    }
    SessionEndpoint endpoint(const Session& session, const std::string& id) {
        const auto found = std::find_if(session.endpoints.begin(), session.endpoints.end(),
                                        [&](const auto& e) { return e.destination_id == id; });
        EXPECT_NE(found, session.endpoints.end());
        return *found;
    }
    std::vector<std::string> kinds(const std::string& session_id) {
        std::vector<std::string> all;
        const Session session = world.broadcasts.find(owner, session_id).value();
        for (const auto& event : session.events) all.push_back(event.kind);
        return all;
    }
};

using Names = std::vector<std::string>;

TEST_F(Broadcasts, go_live_before_the_encoder) {
    const auto live = go_live();
    ASSERT_TRUE(live) << live.error().message;
    EXPECT_EQ(live->session.status, SessionStatus::waiting);
    EXPECT_EQ(live->session.station_id, station.id);
    EXPECT_EQ(live->ingest_url, "rtmp://everycast.example:1935/live");
    EXPECT_TRUE(live->session.livestream_id);
    // The engine has it already, and begins when the encoder is there.
    EXPECT_EQ(world.outputs.pushed(), Names{good.id});
    EXPECT_FALSE(world.broadcasts.live_status("").is_live);
    EXPECT_FALSE(world.stations.find(owner, station.id)->is_live);
    world.encoder_starts(station.id);
    EXPECT_EQ(world.broadcasts.find(owner, live->session.id)->status, SessionStatus::live);
    EXPECT_TRUE(world.broadcasts.live_status(station.id).is_live);
    const auto shown = world.stations.find(Actor::nobody(), station.slug);
    EXPECT_TRUE(shown->is_live);
    EXPECT_EQ(shown->current->title, "Tonight");
    EXPECT_EQ(world.livestreams.find(owner, *live->session.livestream_id)->status, LivestreamStatus::live);
}

TEST_F(Broadcasts, go_live_after_the_encoder) {
    world.encoder_starts(station.id);
    EXPECT_FALSE(world.board.of_stream(station.id)) << "a station's encoder alone is a preview";
    EXPECT_FALSE(world.stations.find(owner, station.id)->is_live);
    const auto live = go_live();
    ASSERT_TRUE(live);
    EXPECT_EQ(live->session.status, SessionStatus::live);
    EXPECT_EQ(world.livestreams.find(owner, *live->session.livestream_id)->status, LivestreamStatus::live);
    EXPECT_TRUE(live->bandwidth.measured);
    EXPECT_EQ(live->bandwidth.total_kbps, 2628);
}

TEST_F(Broadcasts, a_destination_that_cannot_be_tried_never_fails_the_start) {
    NewDestination wanted{.platform = "youtube"};
    const auto keyless = world.destinations.create(owner, wanted);
    wanted.stream_key = base::Secret("aaaa-bbbb-cccc-dddd-eeee");
    wanted.is_active = false;
    const auto off = world.destinations.create(owner, wanted);
    const auto live = go_live(Names{keyless->id, off->id, good.id});
    ASSERT_TRUE(live) << live.error().message;
    EXPECT_EQ(world.outputs.pushed(), Names{good.id});
    EXPECT_TRUE(endpoint(live->session, keyless->id).skipped);
    EXPECT_EQ(endpoint(live->session, keyless->id).detail, "It has no stream key.");
    EXPECT_EQ(endpoint(live->session, off->id).detail, "It is switched off.");
    EXPECT_EQ(endpoint(live->session, off->id).problem, media::OutputProblem::misconfigured);
    EXPECT_FALSE(endpoint(live->session, good.id).skipped);
    // Mended during the show, it joins.
    ASSERT_TRUE(world.destinations.update(owner, keyless->id,
                                          {.stream_key = base::Secret("aaaa-bbbb-cccc-dddd-ffff")}));
    EXPECT_EQ(world.outputs.pushed().size(), 2u);
    // And so does a destination that fails when tried.
    world.output_is(live->session.id, good.id, media::OutputState::error, media::OutputProblem::key_refused,
                    "The key was refused.");
    EXPECT_EQ(world.broadcasts.find(owner, live->session.id)->status, SessionStatus::waiting);
}

TEST_F(Broadcasts, without_a_choice_the_active_ones_of_this_station_take_part) {
    const auto other_station = world.stations.create(owner, {.name = "Radio Two"});
    NewDestination wanted{.platform = "youtube"};
    wanted.stream_key = base::Secret("aaaa-bbbb-cccc-dddd-eeee");
    wanted.station_id = other_station->id;
    ASSERT_TRUE(world.destinations.create(owner, wanted));
    wanted.station_id = station.id;
    const auto here = world.destinations.create(owner, wanted);
    wanted.is_active = false;
    ASSERT_TRUE(world.destinations.create(owner, wanted));
    ASSERT_TRUE(go_live());
    auto pushed = world.outputs.pushed();
    auto expected = Names{good.id, here->id};
    std::sort(pushed.begin(), pushed.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(pushed, expected);
}

TEST_F(Broadcasts, without_multistream_nothing_is_pushed) {
    GoLive request{.stream_key = *station.stream_key};
    request.use_multistream = false;
    ASSERT_TRUE(world.broadcasts.go_live(owner, request));
    EXPECT_TRUE(world.outputs.pushed().empty());
    EXPECT_EQ(world.outputs.broadcasts.size(), 1u);
}

TEST_F(Broadcasts, a_profile_chooses) {
    world.destination(owner, "Not in it");
    const auto profile = world.profiles.create(owner, {.name = "Small", .entries = {{good.id, {}}}});
    ASSERT_TRUE(profile);
    GoLive request{.stream_key = *station.stream_key};
    request.profile_id = profile->id;
    ASSERT_TRUE(world.broadcasts.go_live(owner, request));
    EXPECT_EQ(world.outputs.pushed(), Names{good.id});
}

TEST_F(Broadcasts, one_session_at_a_time) {
    const auto first = go_live();
    const auto second = go_live();
    EXPECT_EQ(error_name(second), "already_live");
    EXPECT_EQ(second.error().details.at("sessionId"), first->session.id);
    EXPECT_EQ(error_name(world.broadcasts.go_live(
                  owner, {.stream_key = base::Secret("0123456789abcdef0123456789abcdef")})),
              "stream_key_unknown");
    GoLive elsewhere{.stream_key = *station.stream_key};
    elsewhere.station_id = "st_other";
    EXPECT_EQ(error_name(world.broadcasts.go_live(owner, elsewhere)), "invalid_field");
}

TEST_F(Broadcasts, stop_ends_the_fan_out_and_keeps_the_stations_encoder) {
    const auto live = go_live();
    world.encoder_starts(station.id);
    world.output_is(live->session.id, good.id, media::OutputState::connected);
    const auto stopped = world.broadcasts.stop(owner, live->session.id);
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->status, SessionStatus::ended);
    EXPECT_EQ(stopped->end_reason, "the owner stopped it");
    EXPECT_EQ(endpoint(*stopped, good.id).outcome, "completed");
    EXPECT_EQ(world.outputs.ended, Names{live->session.id});
    EXPECT_FALSE(world.ingests.was_ended(station.id));
    EXPECT_FALSE(world.stations.find(owner, station.id)->is_live);
    EXPECT_EQ(world.livestreams.find(owner, *live->session.livestream_id)->status, LivestreamStatus::ended);
    EXPECT_TRUE(world.broadcasts.stop(owner, live->session.id)) << "twice is once";
    EXPECT_TRUE(go_live()) << "the next show can begin";
}

TEST_F(Broadcasts, a_show_that_never_began_is_cancelled) {
    const auto live = go_live();
    ASSERT_TRUE(world.broadcasts.stop(owner, live->session.id));
    EXPECT_EQ(world.livestreams.find(owner, *live->session.livestream_id)->status,
              LivestreamStatus::cancelled);
}

TEST_F(Broadcasts, stopping_a_livestreams_session_ends_the_livestream) {
    const auto show = world.livestream(owner);
    world.encoder_starts(show.id);
    ASSERT_TRUE(world.broadcasts.stop_stream(owner, show.id));
    EXPECT_EQ(world.livestreams.find(owner, show.id)->status, LivestreamStatus::ended);
    EXPECT_TRUE(world.ingests.was_ended(show.id));
    EXPECT_EQ(error_name(world.broadcasts.stop_stream(owner, show.id)), "not_live");
}

TEST_F(Broadcasts, a_livestreams_encoder_starts_its_own_fan_out) {
    world.destination(owner, "Not chosen");
    const auto show = world.livestreams.create(owner, {.title = "Show", .destination_ids = {good.id}});
    ASSERT_TRUE(show);
    world.encoder_starts(show->id);
    EXPECT_EQ(world.outputs.pushed(), Names{good.id});
    // Go-live takes the session over, once.
    GoLive request{.stream_key = *show->stream_key};
    request.title = "Better title";
    request.use_multistream = false;
    const auto taken = world.broadcasts.go_live(owner, request);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->session.title, "Better title");
    EXPECT_TRUE(world.outputs.pushed().empty());
    EXPECT_EQ(error_name(world.broadcasts.go_live(owner, request)), "already_live");
}

TEST_F(Broadcasts, a_livestream_that_is_over_cannot_go_live) {
    const auto show = world.livestream(owner);
    ASSERT_TRUE(world.livestreams.cancel(owner, show.id));
    EXPECT_EQ(error_name(world.broadcasts.go_live(owner, {.stream_key = *show.stream_key})),
              "livestream_cancelled");
}

TEST_F(Broadcasts, destinations_join_and_leave) {
    const auto live = go_live(Names{});
    EXPECT_TRUE(world.outputs.pushed().empty());
    ASSERT_TRUE(world.broadcasts.add_destination(owner, station.id, good.id));
    ASSERT_TRUE(world.broadcasts.add_destination(owner, station.id, good.id));
    EXPECT_EQ(world.outputs.pushed(), Names{good.id});
    const auto left = world.broadcasts.remove_destination(owner, station.id, good.id);
    ASSERT_TRUE(left);
    EXPECT_TRUE(endpoint(*left, good.id).removed);
    EXPECT_TRUE(world.outputs.pushed().empty());
    EXPECT_EQ(error_name(world.broadcasts.remove_destination(owner, station.id, good.id)),
              "destination_not_found");
    ASSERT_TRUE(world.broadcasts.add_destination(owner, station.id, good.id));
    EXPECT_EQ(world.outputs.pushed(), Names{good.id});
    EXPECT_EQ(kinds(live->session.id),
              (Names{"session_started", "destination_added", "destination_removed", "destination_added"}));
    EXPECT_EQ(error_name(world.broadcasts.add_destination(owner, station.id, "de_unknown")),
              "destination_not_found");
}

TEST_F(Broadcasts, destinations_are_flushed_by_the_window_of_the_settings) {
    const auto live = go_live();
    EXPECT_EQ(world.outputs.broadcasts.at(live->session.id).outputs.front().flush_window,
              std::chrono::milliseconds(40));
}

TEST_F(Broadcasts, a_changed_destination_is_applied_anew_and_a_deleted_one_leaves) {
    const auto live = go_live();
    ASSERT_TRUE(world.destinations.update(owner, good.id, {.stream_key = base::Secret("another-key-5678")}));
    EXPECT_EQ(world.outputs.broadcasts.at(live->session.id).outputs.front().stream_key.reveal(),
              "another-key-5678");
    EXPECT_EQ(error_name(world.destinations.test_connection(owner, good.id)), "destination_in_use");
    EXPECT_EQ(world.destinations.state(owner, good.id)->session_id, live->session.id);
    ASSERT_TRUE(world.destinations.remove(owner, good.id));
    EXPECT_TRUE(world.outputs.pushed().empty());
    EXPECT_TRUE(endpoint(*world.broadcasts.find(owner, live->session.id), good.id).removed);
}

TEST_F(Broadcasts, switched_off_during_the_show_it_leaves) {
    const auto live = go_live();
    ASSERT_TRUE(world.destinations.update(owner, good.id, {.is_active = false}));
    EXPECT_TRUE(world.outputs.pushed().empty());
    EXPECT_TRUE(endpoint(*world.broadcasts.find(owner, live->session.id), good.id).skipped);
}

TEST_F(Broadcasts, pulled_sources_are_refused_clearly) {
    const auto refused =
        world.broadcasts.start_stream(owner, station.id, {.input_source = "srt://example.org:9000"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::invalid_argument);
    EXPECT_EQ(refused.error().name, "unsupported");
    EXPECT_EQ(refused.error().details.at("field"), "inputSource");
}

TEST_F(Broadcasts, retry_asks_the_engine) {
    NewDestination wanted{.platform = "youtube"};
    const auto keyless = world.destinations.create(owner, wanted);
    const auto live = go_live(Names{good.id, keyless->id});
    EXPECT_TRUE(world.broadcasts.retry_destination(owner, live->session.id, good.id));
    EXPECT_EQ(world.outputs.retried, Names{good.id});
    EXPECT_EQ(error_name(world.broadcasts.retry_destination(owner, live->session.id, keyless->id)),
              "destination_not_ready");
    EXPECT_EQ(error_name(world.broadcasts.retry_destination(owner, live->session.id, "de_unknown")),
              "destination_not_found");
}

TEST_F(Broadcasts, a_disabled_account_broadcasts_no_more) {
    const auto live = go_live();
    world.encoder_starts(station.id);
    ASSERT_TRUE(world.users.update(world.person(Role::admin), owner.user_id,
                                   {.name = {}, .role = {}, .disabled = true}));
    EXPECT_EQ(world.outputs.ended, Names{live->session.id});
    EXPECT_TRUE(world.ingests.was_ended(station.id));
}

TEST_F(Broadcasts, an_account_that_may_only_watch_broadcasts_no_more) {
    const auto live = go_live();
    world.encoder_starts(station.id);
    const auto change = [&](Role role) {
        ASSERT_TRUE(world.users.update(world.person(Role::admin), owner.user_id,
                                       {.name = {}, .role = role, .disabled = {}}));
    };
    change(Role::admin);
    EXPECT_TRUE(world.outputs.ended.empty());
    change(Role::viewer);
    EXPECT_EQ(world.outputs.ended, Names{live->session.id});
    EXPECT_TRUE(world.ingests.was_ended(station.id));
}

TEST_F(Broadcasts, public_answers_hold_no_names_and_no_reasons) {
    const auto live = go_live();
    world.output_is(live->session.id, good.id, media::OutputState::error, media::OutputProblem::key_refused,
                    "secret-key-1234");
    const auto status = world.broadcasts.live_status("");
    ASSERT_EQ(status.sessions.size(), 1u);
    EXPECT_EQ(status.sessions[0].endpoints.at(0).platform, "custom");
    EXPECT_EQ(status.sessions[0].endpoints.at(0).state, media::OutputState::error);
    EXPECT_TRUE(world.broadcasts.live_status("st_other").sessions.empty());
}

TEST_F(Broadcasts, bandwidth_is_twice_the_sum) {
    const auto advice = world.broadcasts.bandwidth(owner, {good.id, world.destination(owner).id});
    ASSERT_TRUE(advice);
    EXPECT_FALSE(advice->measured);
    EXPECT_GT(advice->total_kbps, 0);
    EXPECT_EQ(advice->recommended_kbps, advice->total_kbps * 2);
}

}  // namespace
}  // namespace service
