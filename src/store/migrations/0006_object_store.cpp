#include "store/migrations/migrations.h"

namespace store::migrations {

namespace {

constexpr Sql statements[] = {
    // Where a file is, or will be, in the object store: written before anything is sent there.
    "ALTER TABLE asset_files ADD COLUMN object_key TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE asset_files ADD COLUMN upload_id TEXT NOT NULL DEFAULT ''",
    // Objects whose recording is gone. No reference: they outlive everything until the store has let go.
    R"sql(CREATE TABLE object_removals (
        object_key TEXT NOT NULL PRIMARY KEY,
        upload_id  TEXT NOT NULL,
        created_at BIGINT NOT NULL
    ))sql",
    "CREATE INDEX object_removals_by_age ON object_removals (created_at, object_key)",
};

}  // namespace

const Migration object_store{6, "object_store", statements};

}  // namespace store::migrations
