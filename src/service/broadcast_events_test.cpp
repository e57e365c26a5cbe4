// What the engine reports, and what survives a restart.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "service/event_router.h"
#include "service/testing/world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::World;

using Names = std::vector<std::string>;

struct Facts : ::testing::Test {
    World world;
    Actor owner = world.person();
    Station station = world.station(owner);
    Destination good = world.destination(owner, "Good");
    std::string session = world.broadcasts.start_stream(owner, station.id, {}).value().session.id;

    Session detail() { return world.broadcasts.find(owner, session).value(); }
    Names kinds() {
        Names all;
        const Session now = detail();
        for (const auto& event : now.events) all.push_back(event.kind);
        return all;
    }
};

TEST_F(Facts, the_history_tells_what_happened) {
    world.encoder_starts(station.id);
    world.output_is(session, good.id, media::OutputState::connecting);
    world.output_is(session, good.id, media::OutputState::connected);
    world.output_is(session, good.id, media::OutputState::connecting, media::OutputProblem::connection_lost,
                    "The connection was reset.");
    world.encoder_goes(station.id);
    EXPECT_EQ(kinds(), (Names{"session_started", "encoder_connected", "destination_connected",
                              "destination_error", "encoder_lost"}));
    EXPECT_EQ(detail().status, SessionStatus::interrupted);
    world.encoder_starts(station.id, "ig_2");
    EXPECT_EQ(detail().status, SessionStatus::live);
    world.encoder_goes(station.id, "ig_2");
    world.stream_ends(station.id);
    EXPECT_EQ(detail().status, SessionStatus::ended);
    EXPECT_EQ(detail().end_reason, "connection reset, and no encoder came within 60 s");
    EXPECT_EQ(world.outputs.ended, Names{session});
}

TEST_F(Facts, figures_of_all_destinations_are_told_together_while_somebody_listens) {
    const auto second = world.destination(owner, "Second");
    ASSERT_TRUE(world.broadcasts.add_destination(owner, station.id, second.id));
    const auto listener = world.events.subscribe(owner, std::nullopt, {});
    const auto told = [&] {
        std::vector<HubEventPtr> metrics;
        for (const auto& event : listener->take())
            if (event->type == "metrics") metrics.push_back(event);
        return metrics;
    };
    world.broadcasts.tick();
    EXPECT_TRUE(told().empty()) << "nothing moves before the encoder came";
    world.encoder_starts(station.id);
    world.output_is(session, good.id, media::OutputState::connected);
    world.output_is(session, second.id, media::OutputState::connecting);
    world.outputs.statuses[0].metrics.bitrate_kbps = 2600;
    world.broadcasts.tick();
    const auto first = told();
    ASSERT_EQ(first.size(), 1u);
    EXPECT_FALSE(first[0]->open);
    EXPECT_EQ(first[0]->owner_id, owner.user_id);
    const boost::json::object& data = first[0]->data;
    EXPECT_EQ(data.at("sessionId").as_string(), session);
    EXPECT_EQ(data.at("ingest").at("video").at("bitrateKbps").as_int64(), 2500);
    const auto& destinations = data.at("destinations").as_array();
    ASSERT_EQ(destinations.size(), 2u);
    EXPECT_EQ(destinations[0].at("destinationId").as_string(), good.id);
    EXPECT_EQ(destinations[0].at("bitrateKbps").as_int64(), 2600);
    EXPECT_EQ(destinations[1].at("status").as_string(), "connecting");

    world.encoder_goes(station.id);
    world.broadcasts.tick();
    const auto away = told();
    ASSERT_EQ(away.size(), 1u);
    EXPECT_TRUE(away[0]->data.at("ingest").is_null());
    ASSERT_TRUE(world.broadcasts.stop(owner, session));
    world.broadcasts.tick();
    EXPECT_TRUE(told().empty());
}

TEST_F(Facts, a_destinations_row_follows_the_engine) {
    world.encoder_starts(station.id);
    world.output_is(session, good.id, media::OutputState::connected);
    auto row = world.store->destinations().get(store::Scope::all(), good.id);
    EXPECT_EQ(row->last_status, "connected");
    EXPECT_TRUE(row->last_connected_at);
    world.output_is(session, good.id, media::OutputState::error, media::OutputProblem::key_refused,
                    "The key was refused.");
    row = world.store->destinations().get(store::Scope::all(), good.id);
    EXPECT_EQ(row->last_status, "error");
    EXPECT_EQ(row->last_error, "The key was refused.");
    EXPECT_EQ(row->retry_count, 1);
    EXPECT_TRUE(row->last_connected_at) << "kept";
    EXPECT_EQ(world.destinations.find(owner, good.id)->last_error, "The key was refused.");
}

TEST_F(Facts, an_ended_session_keeps_each_destinations_outcome) {
    const auto bad = world.destination(owner, "Bad");
    ASSERT_TRUE(world.broadcasts.add_destination(owner, station.id, bad.id));
    world.encoder_starts(station.id);
    world.output_is(session, good.id, media::OutputState::connected);
    world.output_is(session, bad.id, media::OutputState::error, media::OutputProblem::key_refused,
                    "The key was refused.");
    ASSERT_TRUE(world.broadcasts.stop(owner, session));
    // The engine's last word comes after the end.
    media::OutputStatus last;
    last.broadcast_id = session;
    last.destination_id = good.id;
    last.state = media::OutputState::disconnected;
    last.metrics.bytes_sent = 5'000'000;
    last.metrics.frames_dropped = 7;
    ASSERT_TRUE(world.broadcasts.on_event(media::OutputEnded{last}));
    const auto history = world.broadcasts.history(owner, station.id, {});
    ASSERT_EQ(history->items.size(), 1u);
    for (const auto& endpoint : history->items[0].endpoints) {
        const bool is_good = endpoint.destination_id == good.id;
        EXPECT_EQ(endpoint.outcome, is_good ? "completed" : "failed");
        EXPECT_EQ(endpoint.metrics.bytes_sent, is_good ? 5'000'000u : 1'000u);
        EXPECT_EQ(endpoint.reasons, is_good ? Names{} : Names{"The key was refused."});
    }
    EXPECT_EQ(world.store->destinations().get(store::Scope::all(), good.id)->last_status, "disconnected");
}

TEST_F(Facts, an_ended_session_tells_when_it_failed_and_no_connection_that_is_over) {
    const auto bad = world.destination(owner, "Bad");
    ASSERT_TRUE(world.broadcasts.add_destination(owner, station.id, bad.id));
    const auto left = world.destination(owner, "Left");
    ASSERT_TRUE(world.broadcasts.add_destination(owner, station.id, left.id));
    world.encoder_starts(station.id);
    world.output_is(session, good.id, media::OutputState::connected);
    world.output_is(session, left.id, media::OutputState::connected);
    world.clock->advance(7s);
    const auto failed_at = world.clock->wall();
    world.output_is(session, bad.id, media::OutputState::error, media::OutputProblem::key_refused,
                    "The key was refused.");
    const auto endpoint = [](const Session& of, const Destination& destination) {
        return *std::find_if(of.endpoints.begin(), of.endpoints.end(),
                             [&](const auto& one) { return one.destination_id == destination.id; });
    };
    EXPECT_TRUE(endpoint(detail(), good).connected_at);
    ASSERT_TRUE(world.broadcasts.remove_destination(owner, station.id, left.id));
    EXPECT_FALSE(endpoint(detail(), left).connected_at) << "it left";
    world.clock->advance(7s);
    ASSERT_TRUE(world.broadcasts.stop(owner, session));

    const auto history = world.broadcasts.history(owner, station.id, {});
    ASSERT_EQ(history->items.size(), 1u);
    const Session& over = history->items[0];
    EXPECT_EQ(endpoint(over, bad).last_error, "The key was refused.");
    EXPECT_EQ(endpoint(over, bad).last_error_at, failed_at);
    EXPECT_FALSE(endpoint(over, good).last_error_at);
    for (const auto& one : over.endpoints) {
        EXPECT_FALSE(one.connected_at) << one.name;
        EXPECT_EQ(one.metrics.uptime_s, 0) << one.name;
    }
}

TEST_F(Facts, what_is_known_of_the_encoder_is_told_to_listeners) {
    const auto listener = world.events.subscribe(owner, std::nullopt, {});
    media::IngestFacts facts;
    facts.frames_dropped = 12;
    facts.discontinuities = 3;
    ASSERT_TRUE(world.broadcasts.on_event(media::IngestChanged{station.id, facts}));
    const auto events = listener->take();
    const auto told = std::find_if(events.begin(), events.end(),
                                   [](const auto& event) { return event->type == "ingest.changed"; });
    ASSERT_NE(told, events.end());
    const auto& ingest = (*told)->data.at("ingest").as_object();
    EXPECT_EQ(ingest.at("discontinuities").to_number<int>(), 3);
    ASSERT_TRUE(ingest.contains("framesDropped"));
    EXPECT_EQ(ingest.at("framesDropped").to_number<int>(), 12);
}

TEST_F(Facts, an_encoder_that_was_replaced_is_not_missed) {
    world.encoder_starts(station.id, "ig_1");
    world.encoder_starts(station.id, "ig_2");
    ASSERT_TRUE(
        world.broadcasts.on_event(media::IngestLost{station.id, "ig_1", "another encoder took over", {}}));
    EXPECT_EQ(detail().status, SessionStatus::live);
    EXPECT_TRUE(world.board.connected(station.id));
}

TEST_F(Facts, facts_about_what_is_gone_are_no_errors) {
    media::OutputStatus status;
    status.broadcast_id = "se_gone";
    status.destination_id = "de_gone";
    EXPECT_TRUE(world.broadcasts.on_event(media::OutputChanged{status}));
    EXPECT_TRUE(world.broadcasts.on_event(media::StreamEnded{"ls_gone"}));
    EXPECT_TRUE(world.broadcasts.on_event(media::IngestChanged{"st_gone", {}}));
    EXPECT_TRUE(world.broadcasts.on_event(media::IngestStarted{"ls_gone", "ig_9", {}, false, false}));
    EXPECT_TRUE(world.ingests.was_ended("ls_gone"));
}

TEST_F(Facts, listeners_are_told) {
    const auto mine = world.events.subscribe(owner, std::nullopt, {});
    const auto stranger = world.events.subscribe(world.person(), std::nullopt, {});
    world.encoder_starts(station.id);
    world.output_is(session, good.id, media::OutputState::connected);
    Names seen;
    for (const auto& event : mine->take()) seen.push_back(event->type);
    for (const std::string type :
         {"ingest.started", "destination.changed", "livestream.changed", "station.changed", "health.changed"})
        EXPECT_NE(std::find(seen.begin(), seen.end(), type), seen.end()) << type;
    for (const auto& event : stranger->take()) EXPECT_TRUE(event->open) << event->type;
}

TEST_F(Facts, no_answer_and_no_event_holds_a_key) {
    const auto mine = world.events.subscribe(owner, 0, {});
    (void)mine->take();
    world.encoder_starts(station.id);
    world.output_is(session, good.id, media::OutputState::connected);
    for (const auto& event : mine->take()) {
        const std::string text = boost::json::serialize(event->data);
        EXPECT_EQ(text.find("secret-key-1234"), std::string::npos);
        EXPECT_EQ(text.find(station.stream_key->reveal()), std::string::npos);
    }
}

TEST_F(Facts, health_is_told_at_once_and_then_once_a_second) {
    world.encoder_starts(station.id);
    const auto mine = world.events.subscribe(owner, std::nullopt, {});
    const auto told = [&] {
        const auto events = mine->take();
        return std::count_if(events.begin(), events.end(),
                             [](const auto& event) { return event->type == "health.changed"; });
    };
    world.clock->advance(5s);
    world.output_is(session, good.id, media::OutputState::error, media::OutputProblem::key_refused,
                    "The key was refused.");
    EXPECT_EQ(told(), 1) << "after a quiet time at once";
    world.output_is(session, good.id, media::OutputState::connected);
    world.broadcasts.tick();
    EXPECT_EQ(told(), 0) << "not twice within the second";
    world.clock->advance(1s);
    world.broadcasts.tick();
    EXPECT_EQ(told(), 1);
}

TEST_F(Facts, health_follows_and_is_computed_by_the_clock_too) {
    EXPECT_EQ(world.broadcasts.stream_health(owner, station.id)->issues.front().code, "encoder_waiting");
    world.encoder_starts(station.id);
    world.output_is(session, good.id, media::OutputState::connected);
    EXPECT_EQ(world.broadcasts.stream_health(owner, station.id)->level, HealthLevel::healthy);
    world.output_is(session, good.id, media::OutputState::error, media::OutputProblem::key_refused,
                    "The key was refused.");
    const auto sick = world.broadcasts.stream_health(owner, station.id);
    EXPECT_EQ(sick->issues.front().code, "destination_key_refused");
    EXPECT_EQ(sick->issues.front().destination_id, good.id);
    world.clock->advance(30s);
    world.broadcasts.tick();
    const auto later = world.broadcasts.stream_health(owner, station.id);
    EXPECT_EQ(later->computed_at, world.clock->wall());
    EXPECT_EQ(later->issues.front().since, sick->issues.front().since);
    EXPECT_EQ(world.broadcasts.live_health().active_sessions, 1u);
}

struct Restart : ::testing::Test {
    std::shared_ptr<testing::Folder> folder = std::make_shared<testing::Folder>();
    std::shared_ptr<base::ManualClock> clock = std::make_shared<base::ManualClock>();
    Actor owner;
    std::string stream_id, session_id, destination_id;

    // A running broadcast on which the server dies.
    void run_and_die(bool with_encoder) {
        World before(folder, clock);
        owner = before.person();
        const auto show = before.livestream(owner);
        destination_id = before.destination(owner).id;
        stream_id = show.id;
        if (with_encoder) before.encoder_starts(stream_id);
        if (with_encoder) {
            EXPECT_TRUE(before.broadcasts.add_destination(owner, stream_id, destination_id));
            session_id = before.board.of_stream(stream_id)->session_id;
        } else {
            session_id = before.broadcasts.start_stream(owner, stream_id, {}).value().session.id;
        }
    }
};

TEST_F(Restart, takes_running_broadcasts_up_again) {
    run_and_die(true);
    World after(folder, clock);
    ASSERT_TRUE(after.broadcasts.resume());
    EXPECT_EQ(after.outputs.pushed(), Names{destination_id});
    auto session = after.broadcasts.find(owner, session_id);
    EXPECT_EQ(session->status, SessionStatus::interrupted);
    EXPECT_EQ(session->events.back().kind, "server_restarted");
    after.encoder_starts(stream_id, "ig_2");
    session = after.broadcasts.find(owner, session_id);
    EXPECT_EQ(session->status, SessionStatus::live);
    EXPECT_EQ(after.board.of_stream(stream_id)->session_id, session_id);
    after.clock->advance(1h);
    after.broadcasts.tick();
    EXPECT_EQ(after.broadcasts.find(owner, session_id)->status, SessionStatus::live);
}

TEST_F(Restart, ends_what_no_encoder_comes_back_for) {
    run_and_die(true);
    World after(folder, clock);
    ASSERT_TRUE(after.broadcasts.resume());
    clock->advance(119s);
    after.broadcasts.tick();
    EXPECT_EQ(after.broadcasts.find(owner, session_id)->status, SessionStatus::interrupted);
    clock->advance(2s);
    after.broadcasts.tick();
    EXPECT_EQ(after.broadcasts.find(owner, session_id)->status, SessionStatus::ended);
    EXPECT_EQ(after.livestreams.find(owner, stream_id)->status, LivestreamStatus::ended);
}

TEST_F(Restart, goes_on_waiting_for_a_first_encoder) {
    run_and_die(false);
    World after(folder, clock);
    ASSERT_TRUE(after.broadcasts.resume());
    clock->advance(2h);
    after.broadcasts.tick();
    EXPECT_EQ(after.broadcasts.find(owner, session_id)->status, SessionStatus::waiting);
}

TEST_F(Restart, finishes_an_end_that_was_cut_short) {
    run_and_die(true);
    {
        // The show was ended, and the server died before its session was.
        World dying(folder, clock);
        ASSERT_TRUE(dying.store->livestreams().update(store::Scope::all(), stream_id,
                                                      [](store::Livestream& row) -> base::Result<> {
                                                          row.status = store::LivestreamStatus::ended;
                                                          return {};
                                                      }));
    }
    World after(folder, clock);
    ASSERT_TRUE(after.broadcasts.resume());
    EXPECT_EQ(after.broadcasts.find(owner, session_id)->status, SessionStatus::ended);
    EXPECT_TRUE(after.outputs.pushed().empty());
}

// The router over the real use-cases: facts that arrive while the database is away are applied in order
// afterwards.
TEST_F(Facts, survive_a_database_that_comes_and_goes) {
    EventRouter::Settings quick;
    quick.retry_first = 1ms;
    quick.retry_max = 1ms;
    EventRouter router({}, quick);
    int tries = 0;
    router.publish(media::IngestStarted{station.id, "ig_1", {}, false, false});
    router.publish(media::IngestLost{station.id, "ig_1", "connection reset", {}});
    router.publish(media::StreamEnded{station.id});
    router.start(
        [&](const media::Event& event) -> base::Result<> {
            if (++tries % 4 != 0) return base::fail(base::ErrorCode::unavailable, "locked");
            return world.broadcasts.on_event(event);
        },
        [] {});
    ASSERT_TRUE(router.drain(10s));
    router.stop();
    EXPECT_EQ(kinds(), (Names{"session_started", "encoder_connected", "encoder_lost", "session_ended"}));
}

}  // namespace
}  // namespace service
