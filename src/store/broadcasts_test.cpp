#include <atomic>
#include <thread>

#include "store/store_test.h"

namespace store {
namespace {

using std::chrono::hours;
using Ids = std::vector<std::string>;

class Livestreams : public StoreTest {
  protected:
    Ids list(LivestreamFilter::Show show, const Scope& scope = Scope::all()) {
        Ids ids;
        PageRequest page{.limit = 2, .cursor = {}};
        do {
            const auto part =
                store().livestreams().list(scope, {.show = show, .station_id = {}, .status = {}}, page);
            EXPECT_TRUE(part) << part.error().message;
            for (const Livestream& livestream : part->items) ids.push_back(livestream.id);
            page.cursor = part->next_cursor;
        } while (!page.cursor.empty());
        return ids;
    }
};
EVERYCAST_BOTH_DATABASES(Livestreams);

TEST_P(Livestreams, KeepEverything) {
    const User user = add_user();
    Livestream livestream = make_livestream(user.id);
    livestream.station_id = add_station(user.id).id;
    livestream.description = "With guests";
    livestream.status = LivestreamStatus::live;
    livestream.ready = true;
    livestream.scheduled_at = clock_->wall() + hours(1);
    livestream.token_gate_amount = 100;
    livestream.visibility = Visibility::unlisted;
    livestream.record = true;
    livestream.destination_ids = {add_destination(user.id).id, add_destination(user.id).id};
    livestream.started_at = next_time();
    add_livestream(livestream);

    const Livestream read = store().livestreams().get(Scope::of(user.id), livestream.id).value();
    EXPECT_EQ(read.station_id, livestream.station_id);
    EXPECT_EQ(read.title, livestream.title);
    EXPECT_EQ(read.description, "With guests");
    EXPECT_EQ(read.status, LivestreamStatus::live);
    EXPECT_TRUE(read.ready);
    EXPECT_EQ(read.scheduled_at, livestream.scheduled_at);
    EXPECT_EQ(read.token_gate_amount, 100);
    EXPECT_EQ(read.visibility, Visibility::unlisted);
    EXPECT_TRUE(read.record);
    EXPECT_EQ(read.destination_ids, livestream.destination_ids);
    EXPECT_TRUE(read.stream_key == livestream.stream_key);
    EXPECT_EQ(read.started_at, livestream.started_at);
    EXPECT_FALSE(read.ended_at);
    EXPECT_EQ(store().livestreams().find_by_stream_key(livestream.stream_key).value()->destination_ids,
              livestream.destination_ids);
    EXPECT_EQ(store().livestreams().find_by_playback_id(livestream.playback_id).value()->id, livestream.id);
    EXPECT_EQ(store().livestreams().find_live_on_station(*livestream.station_id).value()->id, livestream.id);
    EXPECT_FALSE(store().livestreams().find_live_on_station("st_none").value());
    ASSERT_TRUE(store().livestreams().remove(Scope::of(user.id), livestream.id));
    EXPECT_EQ(count("livestream_destinations"), 0);
}

TEST_P(Livestreams, AreListedByWhatTheListIsFor) {
    const User user = add_user();
    const base::WallTime now = clock_->wall();
    const auto add = [&](LivestreamStatus status, std::optional<base::WallTime> scheduled,
                         std::optional<base::WallTime> started) {
        Livestream livestream = make_livestream(user.id);
        livestream.status = status;
        livestream.scheduled_at = scheduled;
        livestream.started_at = started;
        return add_livestream(livestream).id;
    };
    using enum LivestreamStatus;
    const std::string early = add(live, {}, now - hours(2));
    const std::string late = add(live, {}, now - hours(1));
    const std::string middle = add(live, {}, now - std::chrono::minutes(90));
    const std::string whenever = add(scheduled, {}, {});
    const std::string next_week = add(scheduled, now + hours(168), {});
    const std::string tonight = add(scheduled, now + hours(3), {});
    const std::string overdue = add(scheduled, now - hours(1), {});
    const std::string forgotten = add(scheduled, now - hours(100), {});
    const std::string over = add(ended, {}, now - hours(5));

    EXPECT_EQ(list(LivestreamFilter::Show::active), (Ids{late, middle, early}));
    EXPECT_EQ(list(LivestreamFilter::Show::upcoming), (Ids{overdue, tonight, next_week, whenever}));
    EXPECT_EQ(list(LivestreamFilter::Show::all).size(), 9u);
    EXPECT_EQ(list(LivestreamFilter::Show::all).front(), over);
    EXPECT_EQ(list(LivestreamFilter::Show::all, Scope::of("us_other")), Ids{});
    const auto ended_ones = store().livestreams().list(
        Scope::all(), {.show = LivestreamFilter::Show::all, .station_id = {}, .status = ended}, {});
    EXPECT_EQ(ended_ones.value().items.size(), 1u);
}

TEST_P(Livestreams, AreListedForThoseWhoMaySeeThem) {
    const User owner = add_user();
    const User other = add_user();
    Ids all;
    for (const Visibility visibility : {Visibility::open, Visibility::unlisted, Visibility::closed}) {
        Livestream livestream = make_livestream(owner.id);
        livestream.visibility = visibility;
        all.insert(all.begin(), add_livestream(livestream).id);
    }
    const auto seen = [&](const Scope& scope) {
        LivestreamFilter filter;
        filter.and_public = true;
        const auto found = store().livestreams().list(scope, filter, {});
        Ids ids;
        for (const Livestream& livestream : found->items) ids.push_back(livestream.id);
        return ids;
    };
    EXPECT_EQ(seen(Scope::of(owner.id)), all);
    EXPECT_EQ(seen(Scope::all()), all);
    EXPECT_EQ(seen(Scope::of(other.id)), Ids{all.back()});
    EXPECT_EQ(seen(Scope::of("")), Ids{all.back()});
}

TEST_P(Livestreams, TakeTheirRecordingsWithThemWhenTheyAreClosed) {
    const User owner = add_user();
    const auto change = [&](const std::string& id, auto edit) {
        const auto changed =
            store().livestreams().update(Scope::all(), id, [&](Livestream& edited) -> base::Result<> {
                edit(edited);
                return {};
            });
        EXPECT_TRUE(changed) << changed.error().message;
    };
    const auto recorded = [&](const std::string& livestream_id) {
        Asset asset;
        asset.id = base::random_id("as_");
        asset.owner_id = owner.id;
        asset.livestream_id = livestream_id;
        asset.recorded_at = asset.created_at = asset.updated_at = next_time();
        const auto added = store().assets().add(asset);
        EXPECT_TRUE(added) << added.error().message;
        return asset.id;
    };
    const auto visibility = [&](const std::string& id) {
        return store().assets().get(Scope::all(), id).value().visibility;
    };
    const std::string show = add_livestream(make_livestream(owner.id)).id;
    const std::string gated = add_livestream(make_livestream(owner.id)).id;
    const std::string first = recorded(show);
    const std::string of_gated = recorded(gated);
    change(show, [](Livestream& edited) { edited.title = "Another"; });
    EXPECT_EQ(visibility(first), Visibility::open);
    change(show, [](Livestream& edited) { edited.visibility = Visibility::closed; });
    EXPECT_EQ(visibility(first), Visibility::closed);
    EXPECT_EQ(visibility(of_gated), Visibility::open) << "another show's";
    change(gated, [](Livestream& edited) { edited.token_gate_amount = 1; });
    EXPECT_EQ(visibility(of_gated), Visibility::closed);
    change(show, [](Livestream& edited) { edited.visibility = Visibility::open; });
    EXPECT_EQ(visibility(first), Visibility::closed) << "opening it is its owner's to say";
}

TEST_P(Livestreams, ChangeStatusOneAtATime) {
    const Livestream livestream = add_livestream(make_livestream(add_user().id));
    std::atomic<int> started = 0;
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 6; ++i)
            callers.emplace_back([&] {
                const auto changed = store().livestreams().update(
                    Scope::all(), livestream.id, [](Livestream& edited) -> base::Result<> {
                        if (edited.status != LivestreamStatus::scheduled)
                            return base::fail(base::ErrorCode::conflict, "it is live already");
                        edited.status = LivestreamStatus::live;
                        return {};
                    });
                if (changed) return void(++started);
                EXPECT_EQ(changed.error().code, base::ErrorCode::conflict) << changed.error().message;
            });
    }
    EXPECT_EQ(started, 1);
}

TEST_P(Livestreams, CountViewersUpwards) {
    const Livestream livestream = add_livestream(make_livestream(add_user().id));
    ASSERT_TRUE(store().livestreams().record_viewers(livestream.id, 10, 12));
    ASSERT_TRUE(store().livestreams().record_viewers(livestream.id, 4, 20));
    ASSERT_TRUE(store().livestreams().record_viewers(livestream.id, 4, 3));
    const Livestream read = store().livestreams().get(Scope::all(), livestream.id).value();
    EXPECT_EQ(read.peak_viewers, 10);
    EXPECT_EQ(read.total_viewers, 20);
}

TEST_P(Livestreams, AreTheirOwnersOnly) {
    const Livestream livestream = add_livestream(make_livestream(add_user().id));
    const User other = add_user();
    const Scope foreign = Scope::of(other.id);
    EXPECT_EQ(store().livestreams().get(foreign, livestream.id).error().name, "livestream_not_found");
    EXPECT_FALSE(store().livestreams().update(foreign, livestream.id,
                                              [](Livestream&) -> base::Result<> { return {}; }));
    EXPECT_FALSE(store().livestreams().remove(foreign, livestream.id));
    Livestream thief = make_livestream(other.id);
    thief.destination_ids = {add_destination(livestream.owner_id).id};
    EXPECT_EQ(store().livestreams().add(thief).error().code, base::ErrorCode::invalid_argument);
    EXPECT_EQ(count("livestreams"), 1);
}

class Broadcasts : public StoreTest {};
EVERYCAST_BOTH_DATABASES(Broadcasts);

TEST_P(Broadcasts, KeepEverything) {
    const User user = add_user();
    const Station station = add_station(user.id);
    const Livestream livestream = add_livestream(make_livestream(user.id));
    Broadcast broadcast = make_broadcast(user.id, station.id);
    broadcast.station_id = station.id;
    broadcast.livestream_id = livestream.id;
    broadcast.status = BroadcastStatus::live;
    broadcast.use_multistream = false;
    broadcast.recording_enabled = true;
    broadcast.input_source = base::Secret("srt://user:pass@example.com:9000");
    broadcast.live_at = next_time();
    BroadcastDestination part = part_of(add_destination(user.id));
    part.settings = EncodeSettings{};
    part.outcome = Outcome::connected;
    part.last_status = "connected";
    part.last_detail = "3 Mbit/s";
    part.last_problem = "too_slow";
    part.last_error = "was slow";
    part.last_error_at = next_time();
    part.bytes_sent = 5'000'000'000;
    part.frames_sent = 100;
    part.frames_dropped = 2;
    part.retries = 3;
    part.reconnects = 1;
    part.reasons = {"was slow", "reset"};
    part.first_connected_at = part.last_connected_at = next_time();
    BroadcastDestination second = part_of(add_destination(user.id, "twitch"));
    broadcast.destinations = {second, part};
    ASSERT_TRUE(store().broadcasts().add(broadcast));

    reopen();
    const Broadcast read = store().broadcasts().get(Scope::of(user.id), broadcast.id).value();
    EXPECT_EQ(read.stream_id, station.id);
    EXPECT_EQ(read.livestream_id, livestream.id);
    EXPECT_EQ(read.status, BroadcastStatus::live);
    EXPECT_FALSE(read.use_multistream);
    EXPECT_TRUE(read.recording_enabled);
    EXPECT_TRUE(read.input_source == broadcast.input_source);
    EXPECT_EQ(read.started_at, broadcast.started_at);
    EXPECT_EQ(read.live_at, broadcast.live_at);
    ASSERT_EQ(read.destinations.size(), 2u);
    EXPECT_EQ(read.destinations[0].destination_id, second.destination_id);
    const BroadcastDestination& same = read.destinations[1];
    EXPECT_EQ(same.settings, part.settings);
    EXPECT_EQ(same.outcome, Outcome::connected);
    EXPECT_EQ(same.last_problem, "too_slow");
    EXPECT_EQ(same.last_error, "was slow");
    EXPECT_EQ(same.last_error_at, part.last_error_at);
    EXPECT_FALSE(read.destinations[0].last_error_at);
    EXPECT_EQ(same.bytes_sent, 5'000'000'000);
    EXPECT_EQ(same.frames_dropped, 2);
    EXPECT_EQ(same.retries, 3);
    EXPECT_EQ(same.reconnects, 1);
    EXPECT_EQ(same.reasons, part.reasons);
    EXPECT_EQ(same.first_connected_at, part.first_connected_at);
    EXPECT_FALSE(same.left_at);
}

TEST_P(Broadcasts, RunOncePerStream) {
    const User user = add_user();
    const Broadcast first = make_broadcast(user.id, "st_1");
    ASSERT_TRUE(store().broadcasts().add(first));
    const auto again = store().broadcasts().add(make_broadcast(user.id, "st_1"));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().name, "broadcast_active");
    EXPECT_EQ(store().broadcasts().find_active("st_1").value()->id, first.id);
    ASSERT_TRUE(store().broadcasts().update(Scope::all(), first.id, [](Broadcast& edited) -> base::Result<> {
        edited.status = BroadcastStatus::ended;
        return {};
    }));
    EXPECT_FALSE(store().broadcasts().find_active("st_1").value());
    EXPECT_TRUE(store().broadcasts().add(make_broadcast(user.id, "st_1")));
}

TEST_P(Broadcasts, OfManyStartsAtOnceOneWins) {
    const User user = add_user();
    std::vector<Broadcast> wanted;
    for (int i = 0; i < 6; ++i) wanted.push_back(make_broadcast(user.id, "st_1"));
    std::atomic<int> won = 0;
    {
        std::vector<std::jthread> callers;
        for (const Broadcast& broadcast : wanted)
            callers.emplace_back([&] {
                const auto added = store().broadcasts().add(broadcast);
                if (added) return void(++won);
                EXPECT_EQ(added.error().name, "broadcast_active") << added.error().message;
            });
    }
    EXPECT_EQ(won, 1);
}

TEST_P(Broadcasts, AreTakenUpAgainAfterARestart) {
    const User user = add_user();
    const Broadcast one = make_broadcast(user.id, "st_1");
    Broadcast two = make_broadcast(add_user().id, "st_2");
    two.destinations = {part_of(add_destination(two.owner_id))};
    Broadcast over = make_broadcast(user.id, "st_3");
    over.status = BroadcastStatus::ended;
    for (const Broadcast& broadcast : {one, two, over}) ASSERT_TRUE(store().broadcasts().add(broadcast));
    reopen();
    const auto active = store().broadcasts().active().value();
    ASSERT_EQ(active.size(), 2u);
    EXPECT_EQ(active[0].id, one.id);
    EXPECT_EQ(active[1].id, two.id);
    EXPECT_EQ(active[1].destinations.size(), 1u);
}

TEST_P(Broadcasts, DestinationsJoinAndLeave) {
    const User user = add_user();
    const Destination a = add_destination(user.id);
    const Destination b = add_destination(user.id);
    const Destination c = add_destination(user.id);
    Broadcast broadcast = make_broadcast(user.id, "st_1");
    broadcast.destinations = {part_of(a), part_of(b)};
    ASSERT_TRUE(store().broadcasts().add(broadcast));
    ASSERT_TRUE(
        store().broadcasts().update(Scope::all(), broadcast.id, [&](Broadcast& edited) -> base::Result<> {
            edited.destinations[0].desired = false;
            edited.destinations[0].outcome = Outcome::removed;
            edited.destinations[0].left_at = clock_->wall();
            edited.destinations.push_back(part_of(c));
            return {};
        }));
    Broadcast read = store().broadcasts().get(Scope::all(), broadcast.id).value();
    ASSERT_EQ(read.destinations.size(), 3u);
    EXPECT_FALSE(read.destinations[0].desired);
    EXPECT_EQ(read.destinations[0].outcome, Outcome::removed);
    EXPECT_EQ(read.destinations[2].destination_id, c.id) << "the last to join comes last";

    const auto changed = store().broadcasts().update_destination(
        broadcast.id, b.id, [](BroadcastDestination& part) -> base::Result<> {
            part.outcome = Outcome::failed;
            part.reasons.assign(30, "again and again");
            part.last_error_at = base::from_unix_millis(1'700'000'000'000);
            part.destination_id = "de_other";
            return {};
        });
    EXPECT_EQ(changed.value().destination_id, b.id);
    read = store().broadcasts().get(Scope::all(), broadcast.id).value();
    EXPECT_EQ(read.destinations[1].outcome, Outcome::failed);
    EXPECT_EQ(read.destinations[1].last_error_at, changed.value().last_error_at);
    EXPECT_TRUE(read.destinations[1].last_error_at);
    EXPECT_EQ(read.destinations[1].reasons.size(), 20u) << "bounded";
    EXPECT_EQ(read.destinations[0].outcome, Outcome::removed) << "the others are as they were";
    EXPECT_EQ(store()
                  .broadcasts()
                  .update_destination(broadcast.id, "de_none",
                                      [](BroadcastDestination&) -> base::Result<> { return {}; })
                  .error()
                  .name,
              "destination_not_found");

    const auto twice =
        store().broadcasts().update(Scope::all(), broadcast.id, [&](Broadcast& edited) -> base::Result<> {
            edited.title = "Never";
            edited.destinations.push_back(part_of(c));
            return {};
        });
    EXPECT_EQ(twice.error().code, base::ErrorCode::invalid_argument);
    EXPECT_EQ(store().broadcasts().get(Scope::all(), broadcast.id).value().title, "Tonight");
}

TEST_P(Broadcasts, AreListedAndScoped) {
    const User user = add_user();
    const Station station = add_station(user.id);
    Broadcast first = make_broadcast(user.id, station.id);
    first.station_id = station.id;
    first.status = BroadcastStatus::ended;
    Broadcast second = make_broadcast(user.id, station.id);
    second.station_id = station.id;
    const Broadcast foreign = make_broadcast(add_user().id, "st_2");
    for (const Broadcast& broadcast : {first, second, foreign})
        ASSERT_TRUE(store().broadcasts().add(broadcast));
    const auto list = [&](const Scope& scope, const BroadcastFilter& filter) {
        Ids ids;
        const auto page = store().broadcasts().list(scope, filter, {});
        for (const Broadcast& broadcast : page.value().items) ids.push_back(broadcast.id);
        return ids;
    };
    const Scope own = Scope::of(user.id);
    EXPECT_EQ(list(Scope::all(), {}), (Ids{foreign.id, second.id, first.id}));
    EXPECT_EQ(list(own, {}), (Ids{second.id, first.id}));
    EXPECT_EQ(list(own, {.station_id = station.id, .livestream_id = {}, .stream_id = {}, .active = true}),
              (Ids{second.id}));
    EXPECT_EQ(list(own, {.station_id = {}, .livestream_id = {}, .stream_id = station.id, .active = false}),
              (Ids{first.id}));
    EXPECT_EQ(store().broadcasts().get(own, foreign.id).error().name, "session_not_found");
    EXPECT_FALSE(
        store().broadcasts().update(own, foreign.id, [](Broadcast&) -> base::Result<> { return {}; }));
    EXPECT_FALSE(store().broadcasts().events(own, foreign.id));
}

TEST_P(Broadcasts, TellTheirStoryInOrder) {
    const Broadcast broadcast = make_broadcast(add_user().id, "st_1");
    ASSERT_TRUE(store().broadcasts().add(broadcast));
    const auto say = [&](const std::string& message) {
        BroadcastEvent event;
        event.broadcast_id = broadcast.id;
        event.at = next_time();
        event.kind = "note";
        event.severity = "warning";
        event.destination_id = "de_1";
        event.message = message;
        return store().broadcasts().add_event(event);
    };
    EXPECT_EQ(say("the encoder connected").value(), 1);
    EXPECT_EQ(say("the server restarted").value(), 2);
    const auto events = store().broadcasts().events(Scope::all(), broadcast.id).value();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].message, "the server restarted");
    EXPECT_EQ(events[1].severity, "warning");
    EXPECT_EQ(events[1].destination_id, "de_1");
    const auto last = store().broadcasts().events(Scope::all(), broadcast.id, 1).value();
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(last.front().sequence, 2) << "of more than are shown, the newest";
    BroadcastEvent lost;
    lost.broadcast_id = "se_none";
    EXPECT_EQ(store().broadcasts().add_event(lost).error().code, base::ErrorCode::not_found);
}

TEST_P(Broadcasts, ForgetTheOldestOfTooMuchStory) {
    const Broadcast broadcast = make_broadcast(add_user().id, "st_1");
    ASSERT_TRUE(store().broadcasts().add(broadcast));
    const auto db = connect();
    Query(
        *db,
        "INSERT INTO broadcast_events (broadcast_id, sequence, happened_at, kind, severity, message) VALUES "
        "(:id, 1, 0, 'old', 'info', ''), (:id, 2, 0, 'old', 'info', ''), (:id, 1001, 0, 'old', 'info', '')")
        .bind("id", broadcast.id)
        .run();
    BroadcastEvent event;
    event.broadcast_id = broadcast.id;
    EXPECT_EQ(store().broadcasts().add_event(event).value(), 1002);
    EXPECT_EQ(count("broadcast_events"), 2);
}

TEST_P(Broadcasts, ManyWritersTellOneStory) {
    const Broadcast broadcast = make_broadcast(add_user().id, "st_1");
    ASSERT_TRUE(store().broadcasts().add(broadcast));
    {
        std::vector<std::jthread> writers;
        for (int i = 0; i < 4; ++i)
            writers.emplace_back([&] {
                BroadcastEvent event;
                event.broadcast_id = broadcast.id;
                for (int n = 0; n < 10; ++n) {
                    const auto added = store().broadcasts().add_event(event);
                    EXPECT_TRUE(added) << added.error().message;
                }
            });
    }
    const auto events = store().broadcasts().events(Scope::all(), broadcast.id).value();
    ASSERT_EQ(events.size(), 40u);
    EXPECT_EQ(events.back().sequence, 40);
}

}  // namespace
}  // namespace store
