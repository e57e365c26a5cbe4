// Recordings as use-cases: what becomes of a session, who sees it, and what is deleted.
#include "service/recordings.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <thread>

#include "service/testing/world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::error_name;
using testing::World;
using Names = std::vector<std::string>;

// Upkeep has a thread of its own.
template <class Condition>
bool comes_true(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

struct Recordings : ::testing::Test {
    World world;
    Actor owner = world.person();
    Station station = world.station(owner);

    std::string go_live(bool recorded = true) {
        GoLive request{.stream_key = *station.stream_key};
        request.title = "Tonight";
        request.recording_enabled = recorded;
        const auto live = world.broadcasts.go_live(owner, request);
        EXPECT_TRUE(live) << live.error().message;
        return live->session.id;
    }
    // Of the only recording there is.
    std::string started() const {
        EXPECT_EQ(world.recorder.started.size(), 1u);
        return world.recorder.started.empty() ? "" : world.recorder.started.begin()->first;
    }
    Recording shown(const std::string& id) {
        const auto found = world.recordings.find(owner, id);
        EXPECT_TRUE(found) << found.error().message;
        return found.value_or(Recording());
    }
    void engine_says(const media::Event& event) {
        const auto applied = world.broadcasts.on_event(event);
        EXPECT_TRUE(applied) << applied.error().message;
    }
    void engine_finishes(const std::string& id) {
        world.recorder.put(id, true);
        engine_says(media::RecordingStopped{id, 1, ""});
    }
    // A recording that is ready.
    std::string recorded() {
        world.encoder_starts(station.id);
        const std::string session = go_live();
        const auto running = world.recordings.of_session(session);
        EXPECT_TRUE(running);
        EXPECT_TRUE(world.broadcasts.stop(owner, session));
        engine_finishes(running->asset_id);
        return running->asset_id;
    }
    Names kinds(const std::string& session) {
        Names all;
        const Session found = world.broadcasts.find(owner, session).value();
        for (const auto& event : found.events) all.push_back(event.kind);
        return all;
    }
    Names seen_by(const Actor& actor, const RecordingFilter& filter = {}) {
        Names ids;
        const auto page = world.recordings.list(actor, filter, {});
        EXPECT_TRUE(page) << page.error().message;
        if (page)
            for (const auto& one : page->items) ids.push_back(one.id);
        return ids;
    }
};

TEST_F(Recordings, begin_with_the_media_and_are_ready_when_the_engine_says_so) {
    const std::string session = go_live();
    EXPECT_TRUE(world.recorder.started.empty()) << "before any media";
    EXPECT_TRUE(seen_by(owner).empty());
    world.encoder_starts(station.id);
    const std::string id = started();
    EXPECT_EQ(world.recorder.started.at(id), station.id);
    EXPECT_EQ(shown(id).status, RecordingStatus::recording);
    EXPECT_EQ(shown(id).title, "Tonight");
    EXPECT_EQ(shown(id).session_id, session);
    EXPECT_EQ(shown(id).station_id, station.id);
    EXPECT_FALSE(shown(id).video_url);
    ASSERT_TRUE(world.broadcasts.find(owner, session)->recording);
    EXPECT_EQ(world.broadcasts.find(owner, session)->recording->asset_id, id);

    world.recorder.put(id);
    engine_says(media::RecordingProgress{world.recorder.files(id).front()});
    EXPECT_EQ(shown(id).duration, 10s);
    EXPECT_EQ(shown(id).size_bytes, 5'000'000);

    ASSERT_TRUE(world.broadcasts.stop(owner, session));
    EXPECT_TRUE(world.recorder.was_stopped(id));
    EXPECT_EQ(shown(id).status, RecordingStatus::processing);
    engine_finishes(id);
    EXPECT_EQ(shown(id).status, RecordingStatus::ready);
    EXPECT_EQ(shown(id).video_url, "https://everycast.example/vod/" + id + "/video.mp4");
    EXPECT_EQ(shown(id).playlist_url, "https://everycast.example/vod/" + id + "/index.m3u8");
    EXPECT_FALSE(shown(id).thumbnail_url);
    EXPECT_EQ(shown(id).width, 1280);
    EXPECT_EQ(world.broadcasts.find(owner, session)->recording->status, RecordingStatus::ready);
    EXPECT_EQ(kinds(session).back(), "recording_ready");
}

TEST_F(Recordings, are_made_of_sessions_that_ask_for_it_alone) {
    world.encoder_starts(station.id);
    const std::string session = go_live(false);
    EXPECT_TRUE(world.recorder.started.empty());
    EXPECT_FALSE(world.broadcasts.find(owner, session)->recording);
    ASSERT_TRUE(world.broadcasts.stop(owner, session));
    EXPECT_TRUE(world.recorder.stopped.empty());
}

TEST_F(Recordings, are_asked_for_by_the_livestream_too) {
    const auto show = world.livestreams.create(owner, {.title = "The show", .record = true});
    world.encoder_starts(show->id);
    EXPECT_EQ(shown(started()).title, "The show");
    EXPECT_EQ(shown(started()).livestream_id, show->id);
    // A go-live that takes the session over does not take its recording away.
    GoLive request{.stream_key = *world.livestreams.find(owner, show->id)->stream_key};
    ASSERT_TRUE(world.broadcasts.go_live(owner, request));
    EXPECT_EQ(world.recorder.started.size(), 1u);
    EXPECT_TRUE(world.recorder.stopped.empty());
}

TEST_F(Recordings, are_asked_for_by_a_go_live_that_takes_a_session_over) {
    const auto show = world.livestreams.create(owner, {.title = "The show"});
    world.encoder_starts(show->id);
    EXPECT_TRUE(world.recorder.started.empty());
    GoLive request{.stream_key = *world.livestreams.find(owner, show->id)->stream_key};
    request.recording_enabled = true;
    ASSERT_TRUE(world.broadcasts.go_live(owner, request));
    EXPECT_EQ(world.recorder.started.size(), 1u);
}

TEST_F(Recordings, are_asked_for_by_the_profile_too) {
    NewProfile wanted{.name = "All"};
    wanted.recording_enabled = true;
    const auto profile = world.profiles.create(owner, wanted);
    GoLive request{.stream_key = *station.stream_key};
    request.profile_id = profile->id;
    ASSERT_TRUE(world.broadcasts.go_live(owner, request));
    world.encoder_starts(station.id);
    EXPECT_EQ(world.recorder.started.size(), 1u);
}

TEST_F(Recordings, go_on_when_the_encoder_returns) {
    go_live();
    world.encoder_starts(station.id);
    const std::string id = started();
    world.encoder_goes(station.id);
    EXPECT_TRUE(world.recorder.stopped.empty());
    EXPECT_EQ(shown(id).status, RecordingStatus::recording);
    world.encoder_starts(station.id, "ig_2");
    EXPECT_EQ(started(), id) << "the same one";
    world.encoder_goes(station.id, "ig_2");
    world.stream_ends(station.id);
    EXPECT_TRUE(world.recorder.was_stopped(id));
}

TEST_F(Recordings, of_gated_shows_are_private_at_first) {
    const auto show =
        world.livestreams.create(owner, {.title = "The show", .token_gate_amount = 5, .record = true});
    world.encoder_starts(show->id);
    EXPECT_FALSE(shown(started()).open);
    EXPECT_FALSE(world.recordings.access(started())->open);
    ASSERT_TRUE(world.recordings.update(owner, started(), {.open = true}));
    EXPECT_TRUE(shown(started()).open);
    EXPECT_FALSE(world.recordings.access(started())->open) << "not before it is ready";
}

TEST_F(Recordings, of_shows_that_are_not_for_everybody_are_private) {
    const auto made = [&](Visibility visibility) {
        const auto show =
            world.livestreams.create(owner, {.title = "The show", .record = true, .visibility = visibility});
        world.encoder_starts(show->id);
        return show->id;
    };
    const auto is_open = [&](const std::string& livestream_id) {
        const auto all = world.recordings.list(owner, {.mine = true}, {});
        const auto found = std::ranges::find(all->items, livestream_id, &Recording::livestream_id);
        EXPECT_NE(found, all->items.end());
        return found == all->items.end() || found->open;
    };
    EXPECT_FALSE(is_open(made(Visibility::unlisted)));
    EXPECT_FALSE(is_open(made(Visibility::closed)));
    const std::string show = made(Visibility::open);
    EXPECT_TRUE(is_open(show));
    ASSERT_TRUE(world.livestreams.update(owner, show, {.visibility = Visibility::closed}));
    EXPECT_FALSE(is_open(show)) << "also when it becomes so while it is on the air";
}

TEST_F(Recordings, without_a_keyframe_fail_and_say_why) {
    const std::string session = go_live();
    world.encoder_starts(station.id);
    const std::string id = started();
    ASSERT_TRUE(world.broadcasts.stop(owner, session));
    engine_says(media::RecordingStopped{id, 0, ""});
    EXPECT_EQ(shown(id).status, RecordingStatus::failed);
    EXPECT_FALSE(shown(id).problem.empty());
    EXPECT_FALSE(shown(id).video_url);
    EXPECT_EQ(kinds(session).back(), "recording_failed");
    EXPECT_EQ(error_name(world.recordings.playable(id)), "asset_not_found");
    EXPECT_TRUE(world.recordings.remove(owner, id));
}

TEST_F(Recordings, in_trouble_say_so_once_and_when_they_are_well_again) {
    const std::string session = go_live();
    world.encoder_starts(station.id);
    const std::string id = started();
    const auto listener = world.events.subscribe(owner, std::nullopt, [] {});
    const media::RecordingTrouble trouble{id, media::RecordingProblem::disk_full, "The disk is full."};
    engine_says(trouble);
    engine_says(trouble);
    EXPECT_EQ(shown(id).problem, "The disk is full.");
    EXPECT_EQ(shown(id).status, RecordingStatus::recording);
    EXPECT_EQ(world.broadcasts.find(owner, session)->recording->problem, "The disk is full.");
    engine_says(media::RecordingTrouble{id, media::RecordingProblem::none, ""});
    EXPECT_EQ(shown(id).problem, "");
    const auto all = kinds(session);
    EXPECT_EQ(std::count(all.begin(), all.end(), "recording_trouble"), 1);
    EXPECT_EQ(all.back(), "recording_resumed");
    Names told;
    for (const auto& event : listener->take())
        if (event->type == "recording.changed")
            told.push_back(boost::json::serialize(event->data.at("error")));
    EXPECT_EQ(told, (Names{"\"The disk is full.\"", "null"}));
}

TEST_F(Recordings, a_crash_left_are_mended_at_the_next_start) {
    go_live();
    world.encoder_starts(station.id);
    const std::string id = started();
    // It was killed, and comes up with the same database.
    World after(world.folder, world.clock);
    after.recorder.put(id);
    ASSERT_TRUE(after.recordings.resume());
    ASSERT_TRUE(after.broadcasts.resume());
    ASSERT_TRUE(
        comes_true([&] { return after.recordings.find(owner, id)->status == RecordingStatus::ready; }));
    EXPECT_EQ(after.recordings.find(owner, id)->duration, 10s);
    // The session goes on, in another recording.
    after.encoder_starts(station.id);
    ASSERT_EQ(after.recorder.started.size(), 1u);
    EXPECT_NE(after.recorder.started.begin()->first, id);
}

TEST_F(Recordings, of_which_a_crash_left_nothing_fail) {
    go_live();
    world.encoder_starts(station.id);
    World after(world.folder, world.clock);
    ASSERT_TRUE(after.recordings.resume());
    EXPECT_TRUE(comes_true(
        [&] { return after.recordings.find(owner, started())->status == RecordingStatus::failed; }));
}

TEST_F(Recordings, whose_end_was_not_told_are_looked_after) {
    const std::string session = go_live();
    world.encoder_starts(station.id);
    const std::string id = started();
    world.recorder.put(id);
    ASSERT_TRUE(world.broadcasts.stop(owner, session));
    world.clock->advance(31s);
    world.recordings.tick();
    EXPECT_EQ(shown(id).status, RecordingStatus::processing) << "the engine is still at it";
    world.recorder.put(id, true);
    world.clock->advance(31s);
    world.recordings.tick();
    EXPECT_EQ(shown(id).status, RecordingStatus::ready);
}

TEST_F(Recordings, are_seen_by_whom_they_are_for) {
    const std::string id = recorded();
    const Actor stranger = world.person();
    const Actor viewer = world.person(Role::viewer);
    const Actor admin = world.person(Role::admin);
    const Actor nobody = Actor::nobody();
    for (const Actor& anyone : {owner, stranger, viewer, admin, nobody}) {
        EXPECT_EQ(seen_by(anyone), Names{id});
        EXPECT_TRUE(world.recordings.find(anyone, id));
    }
    EXPECT_EQ(seen_by(stranger, {.mine = true}), Names{});
    EXPECT_EQ(error_name(world.recordings.list(nobody, {.mine = true}, {})), "sign_in_required");
    EXPECT_TRUE(world.recordings.access(id)->open);

    ASSERT_TRUE(world.recordings.update(owner, id, {.open = false}));
    EXPECT_FALSE(world.recordings.access(id)->open);
    for (const Actor& other : {stranger, viewer, nobody}) {
        EXPECT_EQ(seen_by(other), Names{});
        const auto hidden = world.recordings.find(other, id);
        const auto unknown = world.recordings.find(other, "as_unknown");
        ASSERT_FALSE(hidden);
        EXPECT_EQ(hidden.error().name, "asset_not_found");
        EXPECT_EQ(hidden.error().message, unknown.error().message);
    }
    for (const Actor& one : {owner, admin}) {
        EXPECT_EQ(seen_by(one), Names{id});
        EXPECT_TRUE(world.recordings.find(one, id)->video_url->find("video.mp4?token=") != std::string::npos);
    }
    Actor token = owner;
    token.scopes = scope_live;
    EXPECT_EQ(seen_by(token), Names{}) << "a token that may not read sees what anybody sees";
}

TEST_F(Recordings, in_the_making_are_their_owners) {
    go_live();
    world.encoder_starts(station.id);
    EXPECT_EQ(seen_by(owner), Names{started()});
    EXPECT_EQ(seen_by(Actor::nobody()), Names{});
    EXPECT_EQ(error_name(world.recordings.find(world.person(), started())), "asset_not_found");
}

TEST_F(Recordings, are_edited_and_deleted_by_their_owner_alone) {
    const std::string id = recorded();
    for (const Actor& other : {world.person(), world.person(Role::viewer)}) {
        EXPECT_EQ(error_name(world.recordings.update(other, id, {.title = "Mine"})), "asset_not_found");
        EXPECT_EQ(error_name(world.recordings.remove(other, id)), "asset_not_found");
    }
    EXPECT_EQ(error_name(world.recordings.update(Actor::nobody(), id, {.title = "Mine"})),
              "sign_in_required");
    EXPECT_EQ(error_name(world.recordings.remove(Actor::nobody(), id)), "sign_in_required");
    Actor reader = owner;
    reader.scopes = scope_read;
    EXPECT_FALSE(world.recordings.remove(reader, id));

    const std::string hostile = R"("><img src=x onerror=alert(1)>'; DROP TABLE assets;--)";
    const auto edited = world.recordings.update(owner, id, {.title = hostile, .description = "Two\nlines"});
    ASSERT_TRUE(edited) << edited.error().message;
    EXPECT_EQ(edited->title, hostile);
    for (const char* wrong : {"", " ", "a\nb", "\xff"})
        EXPECT_FALSE(world.recordings.update(owner, id, {.title = wrong})) << wrong;
    EXPECT_FALSE(world.recordings.update(owner, id, {.title = std::string(201, 'x')}));
    EXPECT_EQ(shown(id).title, hostile);

    const auto picture = world.recording_settings().folder / id / "thumbnail.jpg";
    std::filesystem::create_directories(picture.parent_path());
    std::ofstream(picture) << "a picture";
    EXPECT_TRUE(shown(id).thumbnail_url);
    ASSERT_TRUE(world.recordings.remove(owner, id));
    EXPECT_FALSE(std::filesystem::exists(picture));
    EXPECT_EQ(world.recorder.were_removed(), Names{id});
    EXPECT_EQ(error_name(world.recordings.find(owner, id)), "asset_not_found");
}

TEST_F(Recordings, are_not_deleted_before_they_are_over) {
    const std::string session = go_live();
    world.encoder_starts(station.id);
    const std::string id = started();
    EXPECT_EQ(error_name(world.recordings.remove(owner, id)), "recording_running");
    ASSERT_TRUE(world.broadcasts.stop(owner, session));
    EXPECT_EQ(error_name(world.recordings.remove(owner, id)), "recording_running");
    engine_finishes(id);
    EXPECT_TRUE(world.recordings.remove(owner, id));
}

TEST_F(Recordings, keep_their_row_while_the_disk_keeps_their_files) {
    const std::string id = recorded();
    world.recorder.remove_fails = true;
    EXPECT_FALSE(world.recordings.remove(owner, id));
    EXPECT_TRUE(world.recordings.find(owner, id));
    world.recorder.remove_fails = false;
    EXPECT_TRUE(world.recordings.remove(owner, id));
}

TEST_F(Recordings, answer_players_on_a_worker) {
    const std::string id = recorded();
    std::atomic<int> answers = 0;
    base::Result<media::Content> last = base::fail(base::ErrorCode::internal, "");
    for (const std::string& asked : {id, std::string("as_unknown")}) {
        const int before = answers;
        world.recordings.ask({asked, "nothing.txt"}, [&](base::Result<media::Content> answer) {
            last = std::move(answer);
            ++answers;
        });
        ASSERT_TRUE(comes_true([&] { return answers > before; }));
        EXPECT_EQ(last.error().code, base::ErrorCode::not_found);
    }
}

struct Retention : Recordings {
    // Another service on the same rows, with settings of its own.
    std::unique_ptr<RecordingService> with(const std::function<void(RecordingSettings&)>& change) {
        RecordingSettings settings = world.recording_settings();
        change(settings);
        return std::make_unique<RecordingService>(world.context, world.recorder, settings);
    }
    // Waits for the round of upkeep that a tick begins.
    void run(RecordingService& service, const std::function<bool()>& done) {
        EXPECT_TRUE(comes_true([&] {
            service.tick();
            return done();
        }));
    }
    Names several(int count) {
        Names ids;
        for (int i = 0; i < count; ++i) {
            ids.push_back(recorded());
            world.encoder_goes(station.id);
            world.clock->advance(1h);
            world.recorder.started.clear();
        }
        return ids;
    }
};

TEST_F(Retention, deletes_what_is_older_than_the_days_that_are_kept) {
    const Names ids = several(2);
    world.clock->advance(23h);
    const auto service = with([](RecordingSettings& s) { s.keep_days = 1; });
    // The files go first, then the row.
    run(*service, [&] { return seen_by(owner) == Names{ids[1]}; });
    EXPECT_EQ(world.recorder.were_removed(), Names{ids[0]});
    EXPECT_EQ(seen_by(owner), Names{ids[1]});
}

TEST_F(Retention, warns_when_the_disk_is_nearly_full_and_deletes_nothing) {
    const Names ids = several(1);
    world.encoder_starts(station.id);
    const std::string session = go_live();
    const auto admin = world.events.subscribe(world.person(Role::admin), std::nullopt, [] {});
    world.recorder.disk = {.free = 50, .total = 1'000};
    std::size_t told = 0;
    const auto count = [&] {
        for (const auto& event : admin->take()) told += event->type == "recording.space";
        return told;
    };
    run(world.recordings, [&] { return count() == 1; });
    ASSERT_TRUE(comes_true([&] {
        const auto all = kinds(session);
        return std::find(all.begin(), all.end(), "recording_space_low") != all.end();
    }));
    world.recorder.disk = {.free = 500, .total = 1'000};
    world.clock->advance(61s);
    run(world.recordings, [&] { return count() == 2; });
    EXPECT_TRUE(world.recorder.were_removed().empty());
}

TEST_F(Retention, makes_room_with_the_oldest_where_that_is_wanted) {
    const Names ids = several(3);
    world.recorder.disk = {.free = 50, .total = 1'000};
    world.recorder.space_per_removal = 30;
    const auto service = with([](RecordingSettings& s) { s.delete_oldest = true; });
    run(*service, [&] { return seen_by(owner) == Names{ids[2]}; });
    EXPECT_EQ(world.recorder.were_removed(), (Names{ids[0], ids[1]}));
    EXPECT_EQ(seen_by(owner), Names{ids[2]});
}

}  // namespace
}  // namespace service
