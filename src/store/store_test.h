// What the store's tests share: each test runs against a fresh SQLite file and a fresh database of a real
// PostgreSQL.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "base/ids.h"
#include "store/postgres_connection.h"
#include "store/query.h"
#include "store/sqlite_connection.h"
#include "store/store.h"
#include "support/postgres.h"

namespace store {

enum class Kind { sqlite, postgres };

inline const base::Secret test_key("the encryption key of these tests");

// One server for the whole program.
inline support::Postgres& postgres() {
    static support::Postgres server;
    return server;
}

class StoreTest : public testing::TestWithParam<Kind> {
  protected:
    void SetUp() override {
        if (GetParam() == Kind::postgres && !support::Postgres::installed()) {
            std::cerr << "*** PostgreSQL 15 is not installed: the store is NOT tested against it. Install "
                         "the package "
                         "`postgresql`.\n";
            GTEST_SKIP() << "PostgreSQL 15 is not installed";
        }
        directory_ = folder() / ("everycast-store-" + base::random_hex(12));
        std::filesystem::create_directories(directory_);
        settings_.file = directory_ / "everycast.db";
        if (GetParam() == Kind::postgres) settings_.url = base::Secret(postgres().make_database());
        prepare();
    }
    void TearDown() override {
        store_.reset();
        if (!directory_.empty()) std::filesystem::remove_all(directory_);
    }
    virtual std::filesystem::path folder() const { return std::filesystem::temp_directory_path(); }
    // Runs before the first open(); most tests want an open store.
    virtual void prepare() { reopen(); }

    base::Result<std::unique_ptr<Store>> open(const base::Secret& key = test_key) const {
        return Store::open(settings_, key, clock_, {});
    }
    void reopen() {
        store_.reset();
        auto opened = open();
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = std::move(*opened);
    }
    Store& store() { return *store_; }

    // A connection beside the store's, for SQL of the test's own.
    std::unique_ptr<Connection> connect() const {
        return GetParam() == Kind::sqlite ? sqlite_factory(settings_.file)()
                                          : postgres_factory(settings_.url)();
    }
    std::int64_t count(Sql table) const {
        const auto db = connect();
        return Query(*db, "SELECT COUNT(*) FROM ").sql(table).number().value_or(-1);
    }

    // Each record a millisecond after the one before it, so that lists have an order.
    base::WallTime next_time() {
        clock_->advance(std::chrono::milliseconds(1));
        return clock_->wall();
    }

    User make_user(const std::string& email = base::random_hex(8) + "@example.com",
                   Role role = Role::broadcaster) {
        User user;
        user.id = base::random_id("us_");
        user.email = email;
        user.name = "Somebody";
        user.password_hash = base::Secret("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA");
        user.role = role;
        user.created_at = user.updated_at = next_time();
        return user;
    }
    User add_user(const std::string& email = base::random_hex(8) + "@example.com",
                  Role role = Role::broadcaster) {
        User user = make_user(email, role);
        const auto added = store().users().add(user);
        EXPECT_TRUE(added) << added.error().message;
        return user;
    }
    Station make_station(const std::string& owner_id) {
        Station station;
        station.id = base::random_id("st_");
        station.owner_id = owner_id;
        station.slug = "slug-" + base::random_hex(8);
        station.name = "Night Radio";
        station.description = "All night";
        station.artwork_url = "https://example.com/a.png";
        station.stream_key = base::Secret(base::random_hex(32));
        station.playback_id = base::random_hex(22);
        station.created_at = station.updated_at = next_time();
        return station;
    }
    Station add_station(const std::string& owner_id) {
        Station station = make_station(owner_id);
        const auto added = store().stations().add(station);
        EXPECT_TRUE(added) << added.error().message;
        return station;
    }
    Livestream make_livestream(const std::string& owner_id) {
        Livestream livestream;
        livestream.id = base::random_id("ls_");
        livestream.owner_id = owner_id;
        livestream.title = "A show";
        livestream.stream_key = base::Secret(base::random_hex(32));
        livestream.playback_id = base::random_hex(22);
        livestream.created_at = livestream.updated_at = next_time();
        return livestream;
    }
    Livestream add_livestream(const Livestream& livestream) {
        const auto added = store().livestreams().add(livestream);
        EXPECT_TRUE(added) << added.error().message;
        return livestream;
    }
    Destination make_destination(const std::string& owner_id, const std::string& platform = "youtube") {
        Destination destination;
        destination.id = base::random_id("de_");
        destination.owner_id = owner_id;
        destination.platform = platform;
        destination.name = "Main channel";
        destination.rtmp_url = "rtmps://a.example.com/live2";
        destination.stream_key = base::Secret(base::random_hex(32));
        destination.created_at = destination.updated_at = next_time();
        return destination;
    }
    Destination add_destination(const std::string& owner_id, const std::string& platform = "youtube") {
        Destination destination = make_destination(owner_id, platform);
        const auto added = store().destinations().add(destination);
        EXPECT_TRUE(added) << added.error().message;
        return destination;
    }
    Broadcast make_broadcast(const std::string& owner_id, const std::string& stream_id) {
        Broadcast broadcast;
        broadcast.id = base::random_id("se_");
        broadcast.owner_id = owner_id;
        broadcast.stream_id = stream_id;
        broadcast.title = "Tonight";
        broadcast.started_at = next_time();
        return broadcast;
    }
    static BroadcastDestination part_of(const Destination& destination) {
        BroadcastDestination part;
        part.destination_id = destination.id;
        part.name = destination.name;
        part.platform = destination.platform;
        part.joined_at = destination.created_at;
        return part;
    }

    std::filesystem::path directory_;
    StoreSettings settings_;
    std::shared_ptr<base::ManualClock> clock_ = std::make_shared<base::ManualClock>();
    std::unique_ptr<Store> store_;
};

inline std::string kind_name(const testing::TestParamInfo<Kind>& info) {
    return info.param == Kind::sqlite ? "SQLite" : "PostgreSQL";
}

// Every suite runs against both.
#define EVERYCAST_BOTH_DATABASES(suite) \
    INSTANTIATE_TEST_SUITE_P(Databases, suite, testing::Values(Kind::sqlite, Kind::postgres), kind_name)

}  // namespace store
