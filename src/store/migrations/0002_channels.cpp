#include "store/migrations/migrations.h"

namespace store::migrations {

namespace {

constexpr Sql statements[] = {
    R"sql(CREATE TABLE stations (
        id              TEXT NOT NULL PRIMARY KEY,
        owner_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        slug            TEXT NOT NULL,
        name            TEXT NOT NULL,
        description     TEXT NOT NULL,
        artwork_url     TEXT NOT NULL,
        stream_key      TEXT NOT NULL,
        stream_key_hash TEXT NOT NULL,
        playback_id     TEXT NOT NULL,
        created_at      BIGINT NOT NULL,
        updated_at      BIGINT NOT NULL
    ))sql",
    "CREATE UNIQUE INDEX stations__slug ON stations (slug)",
    "CREATE UNIQUE INDEX stations__stream_key_hash ON stations (stream_key_hash)",
    "CREATE UNIQUE INDEX stations__playback_id ON stations (playback_id)",
    "CREATE INDEX stations_by_age ON stations (created_at, id)",
    "CREATE INDEX stations_by_owner ON stations (owner_id, created_at, id)",

    R"sql(CREATE TABLE destinations (
        id                 TEXT NOT NULL PRIMARY KEY,
        owner_id           TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        station_id         TEXT REFERENCES stations (id) ON DELETE SET NULL,
        platform           TEXT NOT NULL,
        name               TEXT NOT NULL,
        rtmp_url           TEXT NOT NULL,
        stream_key         TEXT NOT NULL,
        bridge_proxy_url   TEXT NOT NULL,
        is_active          BIGINT NOT NULL,
        settings           TEXT NOT NULL,
        max_retries        BIGINT NOT NULL,
        playback_url       TEXT NOT NULL,
        platform_stream_id TEXT NOT NULL,
        last_status        TEXT NOT NULL,
        last_error         TEXT NOT NULL,
        last_connected_at  BIGINT,
        retry_count        BIGINT NOT NULL,
        created_at         BIGINT NOT NULL,
        updated_at         BIGINT NOT NULL
    ))sql",
    "CREATE INDEX destinations_by_owner ON destinations (owner_id, created_at, id)",
    "CREATE INDEX destinations_by_station ON destinations (station_id)",

    R"sql(CREATE TABLE profiles (
        id                TEXT NOT NULL PRIMARY KEY,
        owner_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        station_id        TEXT REFERENCES stations (id) ON DELETE SET NULL,
        name              TEXT NOT NULL,
        description       TEXT NOT NULL,
        is_default        BIGINT NOT NULL,
        recording_enabled BIGINT NOT NULL,
        created_at        BIGINT NOT NULL,
        updated_at        BIGINT NOT NULL
    ))sql",
    "CREATE INDEX profiles_by_owner ON profiles (owner_id, created_at, id)",
    "CREATE INDEX profiles_by_station ON profiles (station_id)",

    R"sql(CREATE TABLE profile_destinations (
        profile_id     TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
        destination_id TEXT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
        position       BIGINT NOT NULL,
        settings       TEXT,
        PRIMARY KEY (profile_id, destination_id)
    ))sql",
    "CREATE INDEX profile_destinations_by_destination ON profile_destinations (destination_id)",
};

}  // namespace

const Migration channels{2, "channels", statements};

}  // namespace store::migrations
