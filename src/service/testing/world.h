// World: all use-cases on a real embedded database in a folder of its own, a clock that stands still, and an
// engine that does what the test says. One per test, one thread.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "base/ids.h"
#include "crypto/jwt.h"
#include "crypto/password_hasher.h"
#include "media/event_sink.h"
#include "service/accounts.h"
#include "service/api_tokens.h"
#include "service/broadcasts.h"
#include "service/context.h"
#include "service/destinations.h"
#include "service/event_hub.h"
#include "service/live_board.h"
#include "service/livestreams.h"
#include "service/profiles.h"
#include "service/recordings.h"
#include "service/stations.h"
#include "service/testing/fake_engine.h"
#include "service/users.h"
#include "store/store.h"

namespace service::testing {

class Folder {
  public:
    Folder() : path_(std::filesystem::temp_directory_path() / base::random_id("everycast_test_")) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

class World {
  public:
    // `folder` of an earlier world: the same database after a restart.
    explicit World(std::shared_ptr<Folder> kept = nullptr, std::shared_ptr<base::ManualClock> time = nullptr,
                   AccountSettings account_settings = {})
        : folder(kept ? std::move(kept) : std::make_shared<Folder>()),
          clock(time ? std::move(time) : std::make_shared<base::ManualClock>()),
          store(open()),
          passwords({.cost = {.passes = 1, .memory_bytes = 8192}}),
          tokens(store->keys().key(crypto::Purpose::access_token), {}),
          context{*store, passwords, tokens, outputs, ingests, board, events, *clock, {}},
          accounts(context, account_settings),
          api_tokens(context, account_settings),
          recordings(context, recorder, recording_settings()),
          broadcasts(context, broadcast_settings(), limits(), &recordings),
          users(context, &broadcasts),
          stations(context, broadcasts, broadcast_settings(), limits()),
          livestreams(context, broadcasts, broadcast_settings(), limits()),
          destinations(context, broadcasts, limits()),
          profiles(context, limits()) {}

    // An account, as somebody who is signed in.
    Actor person(Role role = Role::broadcaster) {
        store::User user;
        user.id = base::random_id("us_");
        user.email = user.id + "@example.org";
        user.name = "Somebody";
        user.role = role == Role::admin         ? store::Role::admin
                    : role == Role::broadcaster ? store::Role::broadcaster
                                                : store::Role::viewer;
        user.created_at = clock->wall();
        EXPECT_TRUE(store->users().add(user));
        Actor actor;
        actor.user_id = user.id;
        actor.role = role;
        actor.scopes = scope_all;
        actor.address = "203.0.113.9";
        return actor;
    }

    Station station(const Actor& owner) { return stations.create(owner, {.name = "Radio One"}).value(); }
    Livestream livestream(const Actor& owner) {
        return livestreams.create(owner, {.title = "The show"}).value();
    }
    Destination destination(const Actor& owner, const std::string& name = "Mine") {
        NewDestination wanted{.platform = "custom"};
        wanted.name = name;
        wanted.rtmp_url = "rtmp://media.example.org/live";
        wanted.stream_key = base::Secret("secret-key-1234");
        return destinations.create(owner, wanted).value();
    }

    void encoder_starts(const std::string& stream_id, const std::string& ingest_id = "ig_1") {
        media::IngestFacts facts;
        facts.since = clock->wall();
        facts.video = {media::Codec::h264, "High 4.1", 1280, 720, 30, 2500, 2, false};
        facts.audio = {media::Codec::aac, 48000, 2, 128};
        ingests.running[stream_id] = {stream_id, ingest_id, true, facts};
        const auto applied =
            broadcasts.on_event(media::IngestStarted{stream_id, ingest_id, facts, false, false});
        EXPECT_TRUE(applied) << applied.error().message;
    }
    void encoder_goes(const std::string& stream_id, const std::string& ingest_id = "ig_1") {
        ingests.running.erase(stream_id);
        const auto applied =
            broadcasts.on_event(media::IngestLost{stream_id, ingest_id, "connection reset", {}});
        EXPECT_TRUE(applied) << applied.error().message;
    }
    void stream_ends(const std::string& stream_id, bool may_return = false) {
        const auto applied = broadcasts.on_event(media::StreamEnded{stream_id, may_return});
        EXPECT_TRUE(applied) << applied.error().message;
    }
    void output_is(const std::string& session_id, const std::string& destination_id, media::OutputState state,
                   media::OutputProblem problem = media::OutputProblem::none, const std::string& error = {}) {
        media::OutputStatus status;
        status.broadcast_id = session_id;
        status.destination_id = destination_id;
        status.state = state;
        status.problem = problem;
        status.last_error = error;
        if (!error.empty()) status.last_error_at = clock->wall();
        if (state == media::OutputState::connected) status.connected_at = clock->wall();
        status.retry_count = problem == media::OutputProblem::none ? 0 : 1;
        status.metrics.bytes_sent = 1'000;
        std::erase_if(outputs.statuses,
                      [&](const auto& old) { return old.destination_id == destination_id; });
        outputs.statuses.push_back(status);
        const auto applied = broadcasts.on_event(media::OutputChanged{status});
        EXPECT_TRUE(applied) << applied.error().message;
    }

    static BroadcastSettings broadcast_settings() {
        BroadcastSettings settings;
        settings.rtmp_url = "rtmp://everycast.example:1935/live";
        settings.flush_window = std::chrono::milliseconds(40);
        return settings;
    }
    RecordingSettings recording_settings() const {
        RecordingSettings settings;
        settings.folder = folder->path() / "recordings";
        settings.public_url = "https://everycast.example";
        return settings;
    }
    static InstanceLimits limits() { return {}; }

    std::shared_ptr<Folder> folder;
    std::shared_ptr<base::ManualClock> clock;
    std::unique_ptr<store::Store> store;
    crypto::PasswordHasher passwords;
    crypto::AccessTokens tokens;
    FakeOutputs outputs;
    FakeIngests ingests;
    FakeRecordings recorder;
    LiveBoard board;
    EventHub events;
    Context context;
    AccountService accounts;
    ApiTokenService api_tokens;
    RecordingService recordings;
    BroadcastService broadcasts;
    UserService users;
    StationService stations;
    LivestreamService livestreams;
    DestinationService destinations;
    ProfileService profiles;

  private:
    std::unique_ptr<store::Store> open() {
        store::StoreSettings settings;
        settings.file = folder->path() / "everycast.db";
        auto opened = store::Store::open(settings, base::Secret("an encryption key for tests"), clock, {});
        if (!opened) throw std::runtime_error(opened.error().message);
        return std::move(*opened);
    }
};

// "livestream_ended" of a refusal; what it succeeded with is no name.
template <class T>
std::string error_name(const base::Result<T>& result) {
    return result ? "(no error)" : result.error().name;
}

}  // namespace service::testing
