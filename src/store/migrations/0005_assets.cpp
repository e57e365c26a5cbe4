#include "store/migrations/migrations.h"

namespace store::migrations {

namespace {

constexpr Sql statements[] = {
    R"sql(CREATE TABLE assets (
        id            TEXT NOT NULL PRIMARY KEY,
        owner_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        station_id    TEXT REFERENCES stations (id) ON DELETE SET NULL,
        livestream_id TEXT REFERENCES livestreams (id) ON DELETE SET NULL,
        broadcast_id  TEXT REFERENCES broadcasts (id) ON DELETE SET NULL,
        title         TEXT NOT NULL,
        description   TEXT NOT NULL,
        visibility    TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
        status        TEXT NOT NULL CHECK (status IN ('recording', 'processing', 'ready', 'failed')),
        problem       TEXT NOT NULL,
        place         TEXT NOT NULL CHECK (place IN ('local', 's3')),
        recorded_at   BIGINT NOT NULL,
        duration_ms   BIGINT NOT NULL,
        size_bytes    BIGINT NOT NULL,
        created_at    BIGINT NOT NULL,
        updated_at    BIGINT NOT NULL
    ))sql",
    "CREATE INDEX assets_by_age ON assets (recorded_at, id)",
    "CREATE INDEX assets_by_owner ON assets (owner_id, recorded_at, id)",
    "CREATE INDEX assets_by_station ON assets (station_id, recorded_at, id)",
    "CREATE INDEX assets_by_livestream ON assets (livestream_id)",
    "CREATE INDEX assets_by_broadcast ON assets (broadcast_id)",
    "CREATE INDEX assets_by_status ON assets (status, recorded_at, id)",

    R"sql(CREATE TABLE asset_files (
        asset_id    TEXT NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
        number      BIGINT NOT NULL,
        size_bytes  BIGINT NOT NULL,
        init_size   BIGINT NOT NULL,
        duration_ms BIGINT NOT NULL,
        width       BIGINT NOT NULL,
        height      BIGINT NOT NULL,
        codecs      TEXT NOT NULL,
        started_at  BIGINT NOT NULL,
        complete    BIGINT NOT NULL,
        checksum    TEXT NOT NULL,
        place       TEXT NOT NULL CHECK (place IN ('local', 's3')),
        PRIMARY KEY (asset_id, number)
    ))sql",
};

}  // namespace

const Migration assets{5, "assets", statements};

}  // namespace store::migrations
