#include "store/migrator.h"

#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "store/store_test.h"

namespace store {
namespace {

using migrations::Migration;

class Migrations : public StoreTest {
  protected:
    void prepare() override {
        if (GetParam() == Kind::sqlite) {
            ASSERT_TRUE(prepare_sqlite_file(settings_.file));
        }
    }
    base::Result<MigrationReport> migrate_by(std::span<const Migration> steps) const {
        const auto db = connect();
        return migrate(*db, steps, *clock_);
    }
    int version() const {
        const auto db = connect();
        return schema_version(*db);
    }
    static std::span<const Migration> up_to_previous() {
        return migrations::all().first(migrations::all().size() - 1);
    }
};
EVERYCAST_BOTH_DATABASES(Migrations);

constexpr Sql good_statements[] = {"CREATE TABLE added (id TEXT NOT NULL PRIMARY KEY)",
                                   "INSERT INTO added (id) VALUES ('x')"};
constexpr Sql broken_statements[] = {"CREATE TABLE half (id TEXT NOT NULL PRIMARY KEY)",
                                     "INSERT INTO half (id) VALUES ('x')",
                                     "INSERT INTO nowhere (id) VALUES ('x')"};

std::vector<Migration> all_and(std::initializer_list<std::span<const Sql>> more) {
    std::vector<Migration> steps(migrations::all().begin(), migrations::all().end());
    for (const auto statements : more)
        steps.push_back({static_cast<int>(steps.size()) + 1, "of the test", statements});
    return steps;
}

TEST_P(Migrations, AreNumberedWithoutGaps) {
    int expected = 1;
    for (const Migration& step : migrations::all()) EXPECT_EQ(step.version, expected++) << step.name;
}

TEST_P(Migrations, MakeADatabaseFromNothingOnce) {
    const int newest = migrations::all().back().version;
    const MigrationReport first = migrate_by(migrations::all()).value();
    EXPECT_EQ(first.from, 0);
    EXPECT_EQ(first.to, newest);
    EXPECT_TRUE(first.backup.empty()) << "of nothing";
    const MigrationReport second = migrate_by(migrations::all()).value();
    EXPECT_EQ(second.from, newest);
    EXPECT_EQ(second.to, newest);
    EXPECT_EQ(count("schema_migrations"), newest);
}

TEST_P(Migrations, UpgradeFromThePreviousVersionKeepsData) {
    ASSERT_TRUE(migrate_by(up_to_previous()));
    {
        const auto db = connect();
        Query(*db, "INSERT INTO settings (name, value, updated_at) VALUES ('a', 'kept', 0)").run();
    }
    reopen();
    EXPECT_EQ(store().settings().find("a").value(), "kept");
    EXPECT_EQ(store().health().value().schema_version, migrations::all().back().version);
    const User user = add_user();
    EXPECT_TRUE(store().broadcasts().add(make_broadcast(user.id, "st_1")));
}

TEST_P(Migrations, LivestreamsOfBeforeAreForEverybody) {
    ASSERT_TRUE(migrate_by(migrations::all().first(6)));
    {
        const auto db = connect();
        Query(*db,
              "INSERT INTO users (id, email, name, password_hash, role, token_balance, disabled, created_at, "
              "updated_at) VALUES ('us_1', 'a@example.org', 'A', 'x', 'broadcaster', 0, 0, 0, 0)")
            .run();
        Query(*db,
              "INSERT INTO livestreams (id, owner_id, title, description, status, ready, token_gate_amount, "
              "record, stream_key, stream_key_hash, playback_id, peak_viewers, total_viewers, created_at, "
              "updated_at) VALUES ('ls_1', 'us_1', 'T', '', 'scheduled', 0, 0, 0, 'k', 'h', 'p', 0, 0, 0, 0)")
            .run();
    }
    ASSERT_TRUE(migrate_by(migrations::all()));
    const auto db = connect();
    EXPECT_EQ(Query(*db, "SELECT COUNT(*) FROM livestreams WHERE visibility = 'public'").number(), 1);
    EXPECT_ANY_THROW(Query(*db, "UPDATE livestreams SET visibility = 'secret'").run());
}

TEST_P(Migrations, FailureInTheMiddleLeavesTheVersionBefore) {
    const int newest = migrations::all().back().version;
    ASSERT_TRUE(migrate_by(migrations::all()));
    const auto failed = migrate_by(all_and({good_statements, broken_statements, good_statements}));
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("Migration " + std::to_string(newest + 2)), std::string::npos)
        << failed.error().message;
    EXPECT_EQ(version(), newest + 1) << "the whole step before it stays";
    EXPECT_EQ(count("added"), 1);
    const auto db = connect();
    EXPECT_ANY_THROW(Query(*db, "SELECT COUNT(*) FROM half").number()) << "nothing of the broken one does";

    const auto mended = migrate_by(all_and({good_statements, {}, good_statements}));
    EXPECT_FALSE(mended) << "its last step makes the table again";
    EXPECT_EQ(version(), newest + 2);
}

TEST_P(Migrations, RefuseANewerDatabase) {
    ASSERT_TRUE(migrate_by(all_and({good_statements})));
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().name, "database_newer");
    EXPECT_NE(refused.error().message.find("newer version"), std::string::npos);
}

TEST_P(Migrations, OfManyServersAtOnceOneMigrates) {
    std::atomic<int> did = 0;
    {
        std::vector<std::jthread> servers;
        for (int i = 0; i < 4; ++i)
            servers.emplace_back([&] {
                const auto report = migrate_by(migrations::all());
                ASSERT_TRUE(report) << report.error().message;
                did += report->from == 0;
            });
    }
    EXPECT_EQ(did, 1);
}

TEST_P(Migrations, WaitForAnotherServerOnlySoLong) {
    const auto other = connect();
    ASSERT_TRUE(other->try_lock_migrations());
    const auto db = connect();
    const auto refused = migrate(*db, migrations::all(), *clock_, std::chrono::milliseconds(200));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::unavailable);
    other->unlock_migrations();
    EXPECT_TRUE(migrate(*db, migrations::all(), *clock_, std::chrono::milliseconds(200)));
}

// PostgreSQL is backed up by its own tools.
class SqliteMigrations : public Migrations {};
INSTANTIATE_TEST_SUITE_P(Databases, SqliteMigrations, testing::Values(Kind::sqlite), kind_name);

TEST_P(SqliteMigrations, BackUpAnEmbeddedDatabaseFirst) {
    ASSERT_TRUE(migrate_by(up_to_previous()));
    const int newest = migrations::all().back().version;
    const MigrationReport report = migrate_by(migrations::all()).value();
    EXPECT_EQ(report.backup, settings_.file.string() + ".before-" + std::to_string(newest) + ".bak");
    struct stat info {};
    ASSERT_EQ(::stat(report.backup.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    EXPECT_FALSE(std::filesystem::exists(report.backup + ".tmp"));

    const auto backup = sqlite_factory(report.backup)();
    EXPECT_EQ(schema_version(*backup), newest - 1) << "it is the database as it was";
    EXPECT_EQ(Query(*backup, "SELECT COUNT(*) FROM users").number(), 0);
}

TEST_P(SqliteMigrations, KeepTheLastThreeBackups) {
    ASSERT_TRUE(migrate_by(migrations::all()));
    const auto db = connect();
    for (int version = 8; version <= 12; ++version) db->back_up(version);
    std::vector<std::string> names;
    for (const auto& backup : backups_of(settings_.file)) names.push_back(backup.filename().string());
    EXPECT_EQ(names, (std::vector<std::string>{"everycast.db.before-12.bak", "everycast.db.before-11.bak",
                                               "everycast.db.before-10.bak"}));
}

TEST_P(SqliteMigrations, DoNotBeginWithoutTheBackup) {
    ASSERT_TRUE(migrate_by(up_to_previous()));
    const int before = version();
    // A directory with something in it stands where the backup would be written.
    std::filesystem::create_directories(settings_.file.string() + ".before-" + std::to_string(before + 1) +
                                        ".bak/in-the-way");
    EXPECT_FALSE(migrate_by(migrations::all()));
    EXPECT_EQ(version(), before);
}

}  // namespace
}  // namespace store
