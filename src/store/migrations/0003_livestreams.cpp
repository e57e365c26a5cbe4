#include "store/migrations/migrations.h"

namespace store::migrations {

namespace {

constexpr Sql statements[] = {
    R"sql(CREATE TABLE livestreams (
        id                TEXT NOT NULL PRIMARY KEY,
        owner_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        station_id        TEXT REFERENCES stations (id) ON DELETE SET NULL,
        title             TEXT NOT NULL,
        description       TEXT NOT NULL,
        status            TEXT NOT NULL CHECK (status IN ('scheduled', 'live', 'ended', 'archived', 'cancelled')),
        ready             BIGINT NOT NULL,
        scheduled_at      BIGINT,
        token_gate_amount BIGINT NOT NULL,
        record            BIGINT NOT NULL,
        profile_id        TEXT REFERENCES profiles (id) ON DELETE SET NULL,
        stream_key        TEXT NOT NULL,
        stream_key_hash   TEXT NOT NULL,
        playback_id       TEXT NOT NULL,
        peak_viewers      BIGINT NOT NULL,
        total_viewers     BIGINT NOT NULL,
        started_at        BIGINT,
        ended_at          BIGINT,
        created_at        BIGINT NOT NULL,
        updated_at        BIGINT NOT NULL
    ))sql",
    "CREATE UNIQUE INDEX livestreams__stream_key_hash ON livestreams (stream_key_hash)",
    "CREATE UNIQUE INDEX livestreams__playback_id ON livestreams (playback_id)",
    "CREATE INDEX livestreams_by_age ON livestreams (created_at, id)",
    "CREATE INDEX livestreams_by_owner ON livestreams (owner_id, created_at, id)",
    "CREATE INDEX livestreams_by_status ON livestreams (status, started_at)",
    "CREATE INDEX livestreams_by_station ON livestreams (station_id, status)",
    "CREATE INDEX livestreams_by_profile ON livestreams (profile_id)",

    R"sql(CREATE TABLE livestream_destinations (
        livestream_id  TEXT NOT NULL REFERENCES livestreams (id) ON DELETE CASCADE,
        destination_id TEXT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
        position       BIGINT NOT NULL,
        PRIMARY KEY (livestream_id, destination_id)
    ))sql",
    "CREATE INDEX livestream_destinations_by_destination ON livestream_destinations (destination_id)",
};

}  // namespace

const Migration livestreams{3, "livestreams", statements};

}  // namespace store::migrations
