// A process killed at every write that it makes to an SQLite database, and at many moments of its work on a
// PostgreSQL one: afterwards the database is at the old or the new version, with the old or the new rows, and
// never between.
#include <cstdlib>
#include <map>
#include <thread>

#include "store/asset_repository.h"
#include "store/database.h"
#include "store/destination_repository.h"
#include "store/killed_child_test.h"
#include "store/migrator.h"
#include "store/refresh_token_repository.h"
#include "store/setting_repository.h"
#include "store/station_repository.h"
#include "store/store_test.h"
#include "store/user_repository.h"

namespace store {
namespace {

namespace fs = std::filesystem;

using migrations::Migration;

// Only a sample of the points by default; all of them when the long tests are asked for.
bool all_points() {
    const char* const full = std::getenv("EVERYCAST_FULL");
    return full && std::string_view(full) == "1";
}

class KillSweep : public StoreTest {
  protected:
    void prepare() override {}
    // A killed process leaves the same behind on any file system; this one is fast.
    fs::path folder() const override {
        return fs::exists("/dev/shm") ? fs::path("/dev/shm") : StoreTest::folder();
    }

    static std::span<const Migration> up_to(int version) {
        return migrations::all().first(static_cast<std::size_t>(version));
    }
    static int newest() { return migrations::all().back().version; }

    bool migrate_to(int version) const {
        if (GetParam() == Kind::sqlite && !prepare_sqlite_file(settings_.file)) return false;
        const auto db = connect();
        return migrate(*db, up_to(version), *clock_).has_value();
    }

    static constexpr Sql sqlite_shape =
        "SELECT name || ' ' || COALESCE(sql, '') AS line FROM sqlite_master ORDER BY name";
    static constexpr Sql postgres_shape =
        "SELECT line FROM (SELECT table_name || '.' || column_name || ' ' || data_type || is_nullable AS "
        "line "
        "FROM information_schema.columns WHERE table_schema = 'public' UNION ALL SELECT indexdef FROM "
        "pg_indexes WHERE schemaname = 'public') AS all_of_it ORDER BY line";
    // Every table, column and index, as text.
    static std::string shape(Connection& db, Kind kind) {
        std::string text;
        Query(db, kind == Kind::sqlite ? sqlite_shape : postgres_shape).each([&](const Row& row) {
            text += row.text("line") + "\n";
        });
        return text;
    }
    // The database must be exactly what one of the versions from `from` on is; answers which.
    void expect_whole_version(const std::map<int, std::string>& shapes, int from, const std::string& where) {
        const auto db = connect();
        const std::string found = shape(*db, GetParam());
        const int version = found.empty() ? 0 : schema_version(*db);
        EXPECT_GE(version, from) << where;
        ASSERT_TRUE(shapes.contains(version)) << where << ": version " << version;
        EXPECT_TRUE(found.empty() || found == shapes.at(version)) << where << ": half a version " << version;
    }
    void expect_sound(const fs::path& file, const std::string& where) {
        if (GetParam() != Kind::sqlite || !fs::exists(file)) return;
        std::string verdict;
        const auto db = sqlite_factory(file)();
        Query(*db, "PRAGMA integrity_check").each([&](const Row& row) {
            verdict += row.text("integrity_check");
        });
        EXPECT_EQ(verdict, "ok") << where;
    }
    void expect_settings_kept(int from, const std::string& where) {
        if (from < 1) return;
        const auto db = connect();
        EXPECT_EQ(Query(*db, "SELECT COUNT(*) FROM settings").number(), 40) << where;
    }
    void add_settings() {
        const auto db = connect();
        for (int i = 0; i < 40; ++i)
            Query(*db, "INSERT INTO settings (name, value, updated_at) VALUES (:name, :value, 0)")
                .bind("name", "n" + std::to_string(i))
                .bind("value", std::string(500, 'x'))
                .run();
    }
};

class SqliteKillSweep : public KillSweep {
  protected:
    // Runs `work` again and again on a fresh copy of `seed`, killed at its first write, its second …, until
    // it survives; `judge` looks at what each death left.
    template <class Work, class Judge>
    int sweep(const fs::path& seed, Work work, Judge judge) {
        const auto run_at = [&](int at, Cut how) {
            for (const auto& entry : fs::directory_iterator(directory_)) fs::remove_all(entry.path());
            if (fs::exists(seed)) fs::copy_file(seed, settings_.file);
            return in_child([&](auto say) {
                make_writes_deadly(at, how);
                return work(say);
            });
        };
        judge(run_at(never, Cut::before), "alive");
        const int points = *writes;

        const int step = all_points() ? 1 : std::max(1, points / sample);
        // Another remainder each time, so that every point has its turn over the runs.
        const int first =
            1 + static_cast<int>(std::chrono::steady_clock::now().time_since_epoch().count() % step);
        for (const Cut how : {Cut::before, Cut::half_way})
            for (int at = first; at <= points && !HasFatalFailure(); at += step)
                judge(run_at(at, how), "killed at write " + std::to_string(at) + " of " +
                                           std::to_string(points) +
                                           (how == Cut::before ? "" : ", half of it done"));
        return points;
    }

    static constexpr int never = 0;
    static constexpr int sample = 12;
    fs::path kept_ = folder() / ("everycast-seed-" + base::random_hex(12));

    void TearDown() override {
        StoreTest::TearDown();
        fs::remove(kept_);
    }
    // The database made so far becomes the beginning of each run.
    void keep_as_seed() {
        fs::copy_file(settings_.file, kept_, fs::copy_options::overwrite_existing);
        fs::permissions(kept_, fs::perms::owner_read | fs::perms::owner_write);
    }
};
INSTANTIATE_TEST_SUITE_P(Databases, SqliteKillSweep, testing::Values(Kind::sqlite), kind_name);

TEST_P(SqliteKillSweep, MigrationsLeaveOldOrNewNeverHalf) {
    std::map<int, std::string> shapes;
    for (int version = 0; version <= newest(); ++version) {
        ASSERT_TRUE(migrate_to(version));
        shapes[version] = shape(*connect(), GetParam());
    }
    for (int from = 0; from < newest(); ++from) {
        fs::remove(settings_.file);
        if (from > 0) {
            ASSERT_TRUE(migrate_to(from));
            add_settings();
            keep_as_seed();
        }
        const auto migrate_all = [&](auto) { return migrate_to(newest()); };
        const int points = sweep(kept_, migrate_all, [&](const Death& death, std::string where) {
            where = "from " + std::to_string(from) + ", " + where;
            SCOPED_TRACE(where);
            if (!fs::exists(settings_.file)) return;
            ASSERT_TRUE(prepare_sqlite_file(settings_.file)) << where;
            expect_sound(settings_.file, where);
            expect_whole_version(shapes, death.killed ? from : newest(), where);
            expect_settings_kept(from, where);
            for (const fs::path& backup : backups_of(settings_.file))
                expect_sound(backup, where + ", its backup");
            // The next start finishes what this one began.
            ASSERT_TRUE(migrate_to(newest())) << where;
            expect_whole_version(shapes, newest(), where);
            expect_settings_kept(from, where);
        });
        EXPECT_GT(points, 20) << "the writes were not seen";
    }
}

// The store without its start, which derives keys and takes longer than all of this.
struct Shelf {
    Shelf(const ConnectionFactory& make, const crypto::KeyRing& keys,
          std::shared_ptr<const base::Clock> clock)
        : database(std::make_unique<ConnectionPool>(make, 2), std::move(clock), {}) {
        database.set_vault(Vault(keys));
    }
    Database database;
    UserRepository users{database};
    StationRepository stations{database};
    DestinationRepository destinations{database};
    BroadcastRepository broadcasts{database};
    AssetRepository assets{database};
    RefreshTokenRepository refresh_tokens{database};
    SettingRepository settings{database};
};

// One thing that the program writes, and whether it is there. `present` fails the test when half of it is.
struct Deed {
    std::string name;
    std::function<bool(Shelf&)> act;
    std::function<bool(Shelf&)> present;
};

TEST_P(SqliteKillSweep, WritesAreThereWholeOrNotAtAllAndThereOnceAcknowledged) {
    ASSERT_TRUE(migrate_to(newest()));
    keep_as_seed();
    const auto keys = crypto::KeyRing::derive(test_key, base::Bytes(crypto::salt_size, 7), {.n = 16}).value();

    const User user = make_user();
    const Station station = make_station(user.id);
    const Destination first = make_destination(user.id);
    const Destination second = make_destination(user.id);
    Broadcast broadcast = make_broadcast(user.id, station.id);
    broadcast.input_source = base::Secret("srt://u:p@example.com");
    broadcast.destinations = {part_of(first), part_of(second)};
    BroadcastEvent event;
    event.broadcast_id = broadcast.id;
    event.at = next_time();
    event.kind = "encoder_connected";
    event.message = "The encoder is there.";
    Asset asset;
    asset.id = base::random_id("as_");
    asset.owner_id = user.id;
    asset.broadcast_id = broadcast.id;
    asset.recorded_at = asset.created_at = asset.updated_at = next_time();
    AssetFile file;
    file.asset_id = asset.id;
    file.number = 1;
    file.size_bytes = file.duration_ms = 5'000;
    RefreshToken refresh;
    refresh.id = "rt_1";
    refresh.family_id = "f";
    refresh.user_id = user.id;
    refresh.expires_at = next_time() + std::chrono::hours(1);
    const base::Secret shown(base::random_hex(32));

    const std::vector<Deed> deeds{
        {"an account", [&](Shelf& on) { return on.users.add(user).has_value(); },
         [&](Shelf& on) { return on.users.get(user.id).has_value(); }},
        {"a station", [&](Shelf& on) { return on.stations.add(station).has_value(); },
         [&](Shelf& on) {
             const auto found = on.stations.get(Scope::all(), station.id);
             if (found) {
                 EXPECT_EQ(found->stream_key.reveal(), station.stream_key.reveal());
             }
             return found.has_value();
         }},
        {"two destinations",
         [&](Shelf& on) {
             return on.destinations.add(first).has_value() && on.destinations.add(second).has_value();
         },
         [&](Shelf& on) { return on.destinations.get(Scope::all(), second.id).has_value(); }},
        {"a session with its destinations",
         [&](Shelf& on) { return on.broadcasts.add(broadcast).has_value(); },
         [&](Shelf& on) {
             const auto found = on.broadcasts.get(Scope::all(), broadcast.id);
             if (found) {
                 EXPECT_EQ(found->destinations.size(), 2u) << "half a session";
                 EXPECT_EQ(found->input_source.reveal(), broadcast.input_source.reveal());
             }
             return found.has_value();
         }},
        {"a line of its history", [&](Shelf& on) { return on.broadcasts.add_event(event).has_value(); },
         [&](Shelf& on) {
             const auto lines = on.broadcasts.events(Scope::all(), broadcast.id);
             return lines && lines->size() == 1;
         }},
        {"its end",
         [&](Shelf& on) {
             return on.broadcasts
                 .update(Scope::all(), broadcast.id,
                         [&](Broadcast& row) -> base::Result<> {
                             row.ended_at = clock_->wall();
                             for (BroadcastDestination& part : row.destinations) part.desired = false;
                             return {};
                         })
                 .has_value();
         },
         [&](Shelf& on) {
             const auto found = on.broadcasts.get(Scope::all(), broadcast.id);
             if (!found) return false;
             for (const BroadcastDestination& part : found->destinations)
                 EXPECT_EQ(part.desired, !found->ended_at.has_value()) << "half an end";
             return found->ended_at.has_value();
         }},
        {"a recording", [&](Shelf& on) { return on.assets.add(asset).has_value(); },
         [&](Shelf& on) { return on.assets.get(Scope::all(), asset.id).has_value(); }},
        {"its file, with the sums", [&](Shelf& on) { return on.assets.put_file(file).has_value(); },
         [&](Shelf& on) {
             const auto found = on.assets.get(Scope::all(), asset.id);
             if (!found) return false;
             EXPECT_EQ(found->size_bytes, found->files.empty() ? 0 : 5'000) << "a file without its sum";
             return !found->files.empty();
         }},
        {"a sign-in", [&](Shelf& on) { return on.refresh_tokens.add(refresh, shown).has_value(); },
         [&](Shelf& on) { return on.refresh_tokens.find(shown).value().has_value(); }},
        {"a secret", [&](Shelf& on) { return on.settings.set_secret("hook", shown).has_value(); },
         [&](Shelf& on) { return on.settings.find_secret("hook").value().has_value(); }},
        {"a payment", [&](Shelf& on) { return on.users.add_tokens(user.id, 5).has_value(); },
         [&](Shelf& on) {
             const auto found = on.users.get(user.id);
             return found && found->token_balance == 5;
         }},
    };

    const auto do_all = [&](auto say) {
        Shelf shelf(sqlite_factory(settings_.file), keys, clock_);
        for (const Deed& deed : deeds) {
            if (!deed.act(shelf)) return false;
            say();
        }
        return true;
    };
    const int points = sweep(kept_, do_all, [&](const Death& death, const std::string& where) {
        SCOPED_TRACE(where);
        ASSERT_TRUE(prepare_sqlite_file(settings_.file)) << where;
        expect_sound(settings_.file, where);
        Shelf shelf(sqlite_factory(settings_.file), keys, clock_);
        for (std::size_t i = 0; i < deeds.size(); ++i) {
            const bool there = deeds[i].present(shelf);
            const auto acknowledged = static_cast<std::size_t>(death.acknowledged);
            if (i == acknowledged) continue;  // killed while at it: either is right
            EXPECT_EQ(there, i < acknowledged)
                << deeds[i].name << (there ? " was not begun" : " was acknowledged");
        }
    });
    EXPECT_GT(points, 40) << "the writes were not seen";
}

class PostgresKillSweep : public KillSweep {};
INSTANTIATE_TEST_SUITE_P(Databases, PostgresKillSweep, testing::Values(Kind::postgres), kind_name);

TEST_P(PostgresKillSweep, MigrationsLeaveOldOrNewNeverHalf) {
    using Clock = std::chrono::steady_clock;
    std::map<int, std::string> shapes;
    for (int version = 0; version <= newest(); ++version) {
        ASSERT_TRUE(migrate_to(version));
        shapes[version] = shape(*connect(), GetParam());
    }
    const auto fresh = [&](int from) {
        settings_.url = base::Secret(postgres().make_database());
        if (from == 0) return;
        ASSERT_TRUE(migrate_to(from));
        add_settings();
    };
    const auto migrate_all = [&](auto) { return migrate_to(newest()); };
    const auto judge = [&](int from, const std::string& where) {
        SCOPED_TRACE(where);
        expect_whole_version(shapes, from, where);
        expect_settings_kept(from, where);
        ASSERT_TRUE(migrate_to(newest())) << where;
        expect_whole_version(shapes, newest(), where);
        expect_settings_kept(from, where);
    };
    const int points = all_points() ? 40 : 6;
    for (int from = 0; from < newest(); from += all_points() ? 1 : newest() - 1) {
        fresh(from);
        const auto begin = Clock::now();
        EXPECT_FALSE(in_child(migrate_all).killed);
        const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
        for (int at = 1; at <= points && !HasFatalFailure(); ++at) {
            fresh(from);
            in_child(migrate_all, whole * at / points);
            judge(from, "from " + std::to_string(from) + ", the client killed after " + std::to_string(at) +
                            "/" + std::to_string(points) + " of its time");
        }
        // The server itself, as `pg_ctl stop -m immediate` does it.
        const int stops = all_points() ? 8 : 1;
        for (int at = 1; at <= stops && !HasFatalFailure(); ++at) {
            fresh(from);
            {
                std::jthread migrating([&] {
                    try {
                        (void)migrate_to(newest());
                    } catch (const std::exception&) {
                        // The server went away, which is what is looked at.
                    } catch (const Failure&) {
                    }
                });
                std::this_thread::sleep_for(whole * at / (stops + 1));
                postgres().stop();
            }
            postgres().start();
            judge(from, "from " + std::to_string(from) + ", the server stopped after " + std::to_string(at) +
                            "/" + std::to_string(stops + 1) + " of its time");
        }
    }
}

}  // namespace
}  // namespace store
