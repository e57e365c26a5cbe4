// What goes wrong with databases: locked, lost, damaged, gone, and secrets that somebody tampered with.
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "store/store_test.h"

namespace store {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

class Faults : public StoreTest {
  protected:
    std::unique_ptr<Connection> holding_the_write_lock() {
        auto db = connect();
        db->begin(Access::write, seconds(30));
        if (GetParam() == Kind::postgres)
            Query(*db, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE").run();
        else
            Query(*db, "UPDATE users SET disabled = disabled").run();
        return db;
    }
};
EVERYCAST_BOTH_DATABASES(Faults);

TEST_P(Faults, TwoStoresWriteAtOnce) {
    const User user = add_user();
    auto second = open();
    ASSERT_TRUE(second) << second.error().message;
    constexpr int rounds = 25;
    const auto add_one_by_one = [&](Store& from) {
        for (int i = 0; i < rounds; ++i) {
            const auto added = from.users().add_tokens(user.id, 1);
            ASSERT_TRUE(added) << added.error().message;
        }
    };
    {
        std::jthread a([&] { add_one_by_one(store()); });
        std::jthread b([&] { add_one_by_one(**second); });
        std::jthread c([&] { add_one_by_one(store()); });
    }
    EXPECT_EQ(store().users().get(user.id).value().token_balance, 3 * rounds) << "no addition is lost";
}

TEST_P(Faults, LockedDatabaseAnswersSoon) {
    const User user = add_user();
    const auto holder = holding_the_write_lock();
    const auto begin = Clock::now();
    const auto refused = store().users().add(make_user());
    const auto took = Clock::now() - begin;
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::unavailable);
    EXPECT_LT(took, milliseconds(2300));
    EXPECT_GT(took, milliseconds(1000)) << "a short lock is waited for";
    holder->rollback();
    EXPECT_TRUE(store().users().add(make_user())) << "and then all is as before";
}

TEST_P(Faults, LockedDatabaseAnswersEveryCallerSoon) {
    add_user();
    const auto holder = holding_the_write_lock();
    std::atomic<int> unavailable = 0;
    const auto begin = Clock::now();
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 16; ++i)  // more than there are connections
            callers.emplace_back([&, user = make_user()] {
                const auto refused = store().users().add(user);
                unavailable += !refused && refused.error().code == base::ErrorCode::unavailable;
            });
    }
    EXPECT_LT(Clock::now() - begin, milliseconds(2600)) << "they wait together, not one after the other";
    EXPECT_EQ(unavailable, 16);
    holder->rollback();
}

TEST_P(Faults, HealthTellsTheDatabase) {
    const StoreHealth health = store().health().value();
    EXPECT_TRUE(health.kind.starts_with(GetParam() == Kind::sqlite ? "SQLite 3." : "PostgreSQL 15."))
        << health.kind;
    EXPECT_GT(health.schema_version, 0);
    EXPECT_EQ(health.size_bytes > 0, GetParam() == Kind::sqlite);
}

TEST_P(Faults, WrongKeyRefusesToStart) {
    store_.reset();
    const auto refused = open(base::Secret("another key than the one before"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().name, "encryption_key_wrong");
    EXPECT_NE(refused.error().message.find("ENCRYPTION_KEY"), std::string::npos);
    EXPECT_EQ(refused.error().message.find("another key than"), std::string::npos);
    EXPECT_TRUE(open()) << "the right one still does";
}

TEST_P(Faults, SwappedSecretsFailClosed) {
    const User user = add_user();
    const Station one = add_station(user.id);
    const Station two = add_station(user.id);
    const auto db = connect();
    Query(
        *db,
        "UPDATE stations SET stream_key = (SELECT stream_key FROM stations WHERE id = :one) WHERE id = :two")
        .bind("one", one.id)
        .bind("two", two.id)
        .run();
    const auto read = store().stations().get(Scope::all(), two.id);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::ErrorCode::internal);
    EXPECT_EQ(read.error().message.find(one.stream_key.reveal()), std::string::npos);
    EXPECT_TRUE(store().stations().get(Scope::all(), one.id));
}

TEST_P(Faults, SecretsLieNowhereInClear) {
    const std::string canary = "c4n4ry" + base::random_hex(26);
    const std::string in_url = "url" + base::random_hex(20);
    const User user = add_user();
    Station station = make_station(user.id);
    station.stream_key = base::Secret(canary);
    ASSERT_TRUE(store().stations().add(station));
    Livestream livestream = make_livestream(user.id);
    livestream.stream_key = base::Secret(canary);
    add_livestream(livestream);
    Destination destination = make_destination(user.id);
    destination.stream_key = base::Secret(canary);
    destination.rtmp_url = "rtmps://x.example.com/" + in_url;
    destination.bridge_proxy_url = "https://x.example.com/" + in_url;
    ASSERT_TRUE(store().destinations().add(destination));
    Broadcast broadcast = make_broadcast(user.id, station.id);
    broadcast.input_source = base::Secret("srt://u:" + canary + "@example.com");
    ASSERT_TRUE(store().broadcasts().add(broadcast));
    ASSERT_TRUE(store().settings().set_secret("hook", base::Secret(canary)));
    ASSERT_TRUE(store().settings().set_setup_code(base::Secret(canary)));
    RefreshToken refresh;
    refresh.id = "1";
    refresh.family_id = "f";
    refresh.user_id = user.id;
    ASSERT_TRUE(store().refresh_tokens().add(refresh, base::Secret(canary)));
    ApiToken token;
    token.id = "tk_1";
    token.user_id = user.id;
    ASSERT_TRUE(store().api_tokens().add(token, base::Secret(canary)));

    const auto expect_clean = [&](const std::string& bytes, const std::string& where) {
        EXPECT_FALSE(bytes.empty()) << where;
        EXPECT_EQ(bytes.find(canary), std::string::npos) << where;
        EXPECT_EQ(bytes.find(in_url), std::string::npos) << where;
        EXPECT_EQ(bytes.find(test_key.reveal()), std::string::npos) << where;
    };
    const auto db = connect();
    if (GetParam() == Kind::sqlite) {
        db->back_up(99);
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            if (entry.file_size() == 0) continue;
            expect_clean(contents(entry.path()), entry.path().string());
            ++files;
        }
        EXPECT_GE(files, 3u) << "database, log and backup were looked at";
    } else {
        constexpr Sql tables[] = {"stations", "livestreams", "destinations",   "broadcasts",
                                  "settings", "meta",        "refresh_tokens", "api_tokens"};
        for (const Sql table : tables) {
            std::string all;
            Query(*db, "SELECT CAST(t AS TEXT) AS line FROM ").sql(table).sql(" t").each([&](const Row& row) {
                all += row.text("line");
            });
            expect_clean(all, std::string(table.text()));
        }
    }
    EXPECT_EQ(store().stations().find_by_stream_key(base::Secret(canary)).value()->id, station.id);
}

TEST_P(Faults, ErrorsHoldNoSqlAndNoValues) {
    const User user = add_user();
    Station first = make_station(user.id);
    first.slug = "canary-slug";
    Station second = first;
    second.id = "st_2";
    ASSERT_TRUE(store().stations().add(first));
    const base::Error error = store().stations().add(second).error();
    for (const char* word : {"canary-slug", "INSERT", "stations", "constraint"})
        EXPECT_EQ(error.message.find(word), std::string::npos) << error.message;
}

// What only an embedded database can suffer.
class SqliteFaults : public Faults {};
INSTANTIATE_TEST_SUITE_P(Databases, SqliteFaults, testing::Values(Kind::sqlite), kind_name);

TEST_P(SqliteFaults, ReadersDoNotWaitForWriters) {
    const User user = add_user();
    const auto holder = holding_the_write_lock();
    const auto begin = Clock::now();
    EXPECT_TRUE(store().users().get(user.id));
    EXPECT_LT(Clock::now() - begin, milliseconds(500));
    holder->rollback();
}

TEST_P(SqliteFaults, FilesAreTheirOwnersAlone) {
    add_user();
    int looked_at = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
        struct stat info {};
        ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
        ++looked_at;
    }
    EXPECT_GE(looked_at, 3) << "database, log, shared memory";
}

TEST_P(SqliteFaults, PathMayHoldWhatPathsHold) {
    store_.reset();
    settings_.file = directory_ / "a = b 'c' ünïcode; 100%" / "my data.db";
    reopen();
    add_user();
    EXPECT_TRUE(std::filesystem::exists(settings_.file));
    settings_.file = directory_ / "a\"b.db";
    EXPECT_FALSE(open());
}

TEST_P(SqliteFaults, DamagedFileRefusesToStartAndNamesTheBackup) {
    const User user = add_user();
    for (int i = 0; i < 200; ++i) add_destination(user.id);
    {
        const auto db = connect();
        db->back_up(9);
    }
    store_.reset();
    // Pages in the middle overwritten: the header is whole.
    const auto size = std::filesystem::file_size(settings_.file);
    {
        std::fstream file(settings_.file, std::ios::in | std::ios::out | std::ios::binary);
        for (std::uintmax_t at = 4096 * 3; at + 4096 < size; at += 4096 * 2) {
            file.seekp(static_cast<std::streamoff>(at));
            file << std::string(512, '\xee');
        }
    }
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().name, "database_damaged");
    EXPECT_NE(refused.error().message.find(settings_.file.string() + ".before-9.bak"), std::string::npos)
        << refused.error().message;

    // The hint works.
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(settings_.file.string() + ending);
    std::filesystem::copy_file(settings_.file.string() + ".before-9.bak", settings_.file);
    reopen();
    EXPECT_EQ(store().users().get(user.id).value().id, user.id);
}

TEST_P(SqliteFaults, SomethingElseThanADatabaseIsLeftAlone) {
    store_.reset();
    settings_.file = directory_ / "notes.txt";
    const std::string text(10'000, 'n');
    std::ofstream(settings_.file) << text;
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().name, "database_damaged");
    EXPECT_EQ(contents(settings_.file), text);
}

TEST_P(SqliteFaults, MissingFileIsToldAndNotReplaced) {
    std::filesystem::rename(settings_.file, settings_.file.string() + ".moved");
    const auto health = store().health();
    ASSERT_FALSE(health);
    EXPECT_EQ(health.error().name, "database_gone");
    EXPECT_FALSE(std::filesystem::exists(settings_.file));
}

TEST_P(SqliteFaults, DirectoryThatCannotBeWrittenIsTold) {
    settings_.file = "/proc/everycast.db";
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::unavailable);
    EXPECT_NE(refused.error().message.find("/proc/everycast.db"), std::string::npos);
}

TEST_P(SqliteFaults, WriteAheadLogStaysBounded) {
    // A reader that never ends keeps every checkpoint from the log's start.
    const auto reader = connect();
    reader->begin(Access::read, milliseconds(100));
    Query(*reader, "SELECT COUNT(*) FROM users").number();

    const auto log_size = [&] {
        return static_cast<std::int64_t>(std::filesystem::file_size(wal_of(settings_.file)));
    };
    bool refused = false;
    for (int i = 0; i < 90 && !refused; ++i) {
        // Another text each time: SQLite does not write what is there already.
        const auto written =
            store().settings().set("big", std::string(1 << 20, static_cast<char>('A' + i % 26)));
        refused = !written;
        EXPECT_TRUE(written || written.error().code == base::ErrorCode::unavailable);
        ASSERT_LE(log_size(), std::int64_t{64} << 20);
    }
    EXPECT_TRUE(refused) << "past the bound writes are refused";
    EXPECT_TRUE(store().settings().find("big")) << "reads are not";

    reader->rollback();
    ASSERT_TRUE(store().settings().set("big", "small")) << "the reader is gone";
    EXPECT_LE(log_size(), wal_restart_bytes);
}

class PostgresFaults : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Databases, PostgresFaults, testing::Values(Kind::postgres), kind_name);

TEST_P(PostgresFaults, LossIsToldAndReconnectionIsByItself) {
    const User user = add_user();
    EXPECT_TRUE(store().users().get(user.id));
    postgres().stop();
    const auto begin = Clock::now();
    const auto lost = store().users().get(user.id);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, base::ErrorCode::unavailable);
    EXPECT_LT(Clock::now() - begin, seconds(3));
    EXPECT_FALSE(store().users().add(make_user()));
    EXPECT_FALSE(open());
    postgres().start();
    EXPECT_EQ(store().users().get(user.id).value().id, user.id);
    EXPECT_TRUE(store().users().add(make_user()));
}

TEST_P(PostgresFaults, RestartBetweenTwoCallsIsNotNoticed) {
    const User user = add_user();
    {
        // Several connections, all broken by the restart.
        std::vector<std::jthread> callers;
        for (int i = 0; i < 6; ++i) callers.emplace_back([&] { EXPECT_TRUE(store().users().get(user.id)); });
    }
    postgres().stop();
    postgres().start();
    EXPECT_EQ(store().users().add_tokens(user.id, 5).value(), 5) << "once, not twice";
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(store().users().get(user.id));
    EXPECT_EQ(store().users().get(user.id).value().token_balance, 5);
}

TEST_P(PostgresFaults, AServerThatHangsIsToldInTimeAndHoldsNobody) {
    const User user = add_user();
    EXPECT_TRUE(store().users().get(user.id));
    const auto all_are_told_within = [&](milliseconds bound) {
        std::atomic<int> told = 0;
        std::vector<User> others;
        for (int i = 0; i < 16; ++i) others.push_back(make_user());  // more than there are connections
        const base::WallTime now = clock_->wall();
        const auto begin = Clock::now();
        {
            std::vector<std::jthread> callers;
            for (std::size_t i = 0; i < others.size(); ++i)
                callers.emplace_back([&, i] {
                    const auto answer = i % 2 == 0 ? store().users().add(others[i])
                                                   : store().users().record_login(user.id, now);
                    told += !answer && answer.error().code == base::ErrorCode::unavailable;
                });
        }
        EXPECT_EQ(told, 16);
        EXPECT_LT(Clock::now() - begin, bound);
    };
    postgres().hang();
    all_are_told_within(milliseconds(2'000));
    // Who comes later does not wait as long again.
    all_are_told_within(milliseconds(500));
    const auto begin = Clock::now();
    const auto refused = open();
    EXPECT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("did not answer"), std::string::npos) << refused.error().message;
    EXPECT_LT(Clock::now() - begin, seconds(5));
    postgres().go_on();
    const auto deadline = Clock::now() + seconds(10);
    while (!store().users().get(user.id) && Clock::now() < deadline)
        std::this_thread::sleep_for(milliseconds(10));
    EXPECT_EQ(store().users().add_tokens(user.id, 5).value(), 5) << "all is as before, by itself";
}

TEST_P(PostgresFaults, UnreachableServersAreToldWithoutTheUrl) {
    struct Case {
        const char* url;
        const char* expected;
    };
    for (const Case& c : {Case{"postgresql://me:pa55word@127.0.0.1:1/db", "cannot be reached"},
                          Case{"postgresql://me:pa55word@does-not-exist.invalid/db", "cannot be reached"},
                          Case{"postgresql://me:pa55word@host:port/db", "cannot be"},
                          Case{"postgresql://me:pa55word/with/slashes@host/db", "cannot be"},
                          Case{"mysql://me:pa55word@host/db", "cannot be read"},
                          Case{"host=localhost password=pa55word", "cannot be read"}}) {
        settings_.url = base::Secret(c.url);
        const auto refused = open();
        ASSERT_FALSE(refused) << c.url;
        EXPECT_NE(refused.error().message.find(c.expected), std::string::npos) << refused.error().message;
        EXPECT_EQ(refused.error().message.find("pa55word"), std::string::npos) << refused.error().message;
    }
}

}  // namespace
}  // namespace store
