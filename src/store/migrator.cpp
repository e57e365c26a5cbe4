#include "store/migrator.h"

#include <thread>

#include "store/query.h"
#include "store/sql_error.h"

namespace store {

namespace {

constexpr std::chrono::milliseconds lock_patience{5000};
constexpr std::chrono::milliseconds lock_poll{100};

class MigrationLock {
  public:
    MigrationLock(Connection& connection, std::chrono::milliseconds patience) : connection_(connection) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!connection_.try_lock_migrations()) {
            if (std::chrono::steady_clock::now() >= deadline)
                throw Failure{
                    {base::ErrorCode::unavailable,
                     "Another server has been migrating this database for too long. Wait for it or stop it, "
                     "then start again."}};
            std::this_thread::sleep_for(lock_poll);
        }
    }
    ~MigrationLock() {
        try {
            connection_.unlock_migrations();
        } catch (const std::exception&) {
            // The connection is gone, and the lock with it.
        }
    }
    MigrationLock(const MigrationLock&) = delete;
    MigrationLock& operator=(const MigrationLock&) = delete;

  private:
    Connection& connection_;
};

void roll_back(Connection& connection) {
    try {
        connection.rollback();
    } catch (const std::exception&) {
        // Whatever it was: the error that led here is the one to tell.
    }
}

void in_transaction(Connection& connection, const std::function<void()>& work) {
    connection.begin(Access::write, lock_patience);
    try {
        work();
        connection.commit();
    } catch (...) {
        roll_back(connection);
        throw;
    }
}

void take_step(Connection& connection, const migrations::Migration& step, const base::Clock& clock) {
    in_transaction(connection, [&] {
        for (const Sql statement : step.statements) Query(connection, statement).run();
        Query(
            connection,
            "INSERT INTO schema_migrations (version, name, applied_at) VALUES (:version, :name, :applied_at)")
            .bind("version", step.version)
            .bind("name", step.name)
            .bind("applied_at", clock.wall())
            .run();
    });
}

std::string failed_step(const migrations::Migration& step, const std::string& words,
                        const std::string& backup) {
    std::string text = "Migration " + std::to_string(step.version) + " (" + std::string(step.name) +
                       ") of the database failed: " + words + ". The database is as it was before it.";
    if (!backup.empty()) text += " A backup from before all of this is " + backup + ".";
    return text;
}

base::Result<MigrationReport> migrate_locked(Connection& connection,
                                             std::span<const migrations::Migration> steps,
                                             const base::Clock& clock) {
    in_transaction(connection, [&] {
        Query(connection,
              "CREATE TABLE IF NOT EXISTS schema_migrations ("
              "version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)")
            .run();
    });

    MigrationReport report;
    report.from = report.to = schema_version(connection);
    const int newest = steps.empty() ? 0 : steps.back().version;
    if (report.from > newest)
        return base::fail({base::ErrorCode::unavailable,
                           "The database was written by a newer version of this program (schema " +
                               std::to_string(report.from) + "; this one knows " + std::to_string(newest) +
                               "). Install that version again, or restore a backup made before the upgrade.",
                           "database_newer"});
    if (report.from == newest) return report;
    if (report.from > 0) report.backup = connection.back_up(report.from + 1);

    for (const migrations::Migration& step : steps) {
        if (step.version <= report.from) continue;
        try {
            take_step(connection, step, clock);
        } catch (const Failure& failure) {
            return base::fail(base::ErrorCode::unavailable,
                              failed_step(step, failure.error.message, report.backup));
        } catch (const std::exception& caught) {
            return base::fail(base::ErrorCode::unavailable,
                              failed_step(step, classify(caught).words, report.backup));
        }
        report.to = step.version;
    }
    return report;
}

}  // namespace

int schema_version(Connection& connection) {
    return static_cast<int>(
        Query(connection, "SELECT MAX(version) FROM schema_migrations").number().value_or(0));
}

base::Result<MigrationReport> migrate(Connection& connection, std::span<const migrations::Migration> steps,
                                      const base::Clock& clock, std::chrono::milliseconds patience) {
    try {
        const MigrationLock lock(connection, patience);
        return migrate_locked(connection, steps, clock);
    } catch (const Failure& failure) {
        return base::fail(failure.error);
    } catch (const std::exception& caught) {
        const SqlFault fault = classify(caught);
        base::Error error = to_error(fault);
        if (fault.trouble == SqlTrouble::other)
            error.message = "The database cannot be migrated: " + fault.words + ".";
        return base::fail(std::move(error));
    }
}

}  // namespace store
