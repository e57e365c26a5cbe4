// Brings a database to the schema of this program: forward only, one transaction a step, after a backup of an
// embedded database. Called by Store at start, on one connection.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/connection.h"
#include "store/migrations/migrations.h"

namespace store {

struct MigrationReport {
    int from = 0;
    int to = 0;
    std::string backup;  // empty: none was needed, or the database has its own ways
};

// Waits up to `patience` for another server that migrates the same database. On an error the database is what
// it was after the last whole step.
base::Result<MigrationReport> migrate(Connection& connection, std::span<const migrations::Migration> steps,
                                      const base::Clock& clock,
                                      std::chrono::milliseconds patience = std::chrono::seconds(60));

// The number of the last step taken; 0 for an empty database.
int schema_version(Connection& connection);

}  // namespace store
