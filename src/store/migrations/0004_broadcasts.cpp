#include "store/migrations/migrations.h"

namespace store::migrations {

namespace {

constexpr Sql statements[] = {
    R"sql(CREATE TABLE broadcasts (
        id                TEXT NOT NULL PRIMARY KEY,
        owner_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        stream_id         TEXT NOT NULL,
        station_id        TEXT REFERENCES stations (id) ON DELETE SET NULL,
        livestream_id     TEXT REFERENCES livestreams (id) ON DELETE SET NULL,
        title             TEXT NOT NULL,
        description       TEXT NOT NULL,
        status            TEXT NOT NULL CHECK (status IN ('waiting', 'live', 'ended')),
        use_multistream   BIGINT NOT NULL,
        recording_enabled BIGINT NOT NULL,
        profile_id        TEXT REFERENCES profiles (id) ON DELETE SET NULL,
        input_source      TEXT NOT NULL,
        peak_viewers      BIGINT NOT NULL,
        total_viewers     BIGINT NOT NULL,
        end_reason        TEXT NOT NULL,
        started_at        BIGINT NOT NULL,
        live_at           BIGINT,
        ended_at          BIGINT
    ))sql",
    // One stream has at most one broadcast that runs.
    "CREATE UNIQUE INDEX broadcasts__stream_id ON broadcasts (stream_id) WHERE status <> 'ended'",
    "CREATE INDEX broadcasts_by_owner ON broadcasts (owner_id, started_at, id)",
    "CREATE INDEX broadcasts_by_age ON broadcasts (started_at, id)",
    "CREATE INDEX broadcasts_by_station ON broadcasts (station_id, started_at, id)",
    "CREATE INDEX broadcasts_by_livestream ON broadcasts (livestream_id)",
    "CREATE INDEX broadcasts_by_stream ON broadcasts (stream_id, started_at)",
    "CREATE INDEX broadcasts_by_profile ON broadcasts (profile_id)",

    // No reference to destinations: what happened stays true after one is deleted.
    R"sql(CREATE TABLE broadcast_destinations (
        broadcast_id       TEXT NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
        destination_id     TEXT NOT NULL,
        position           BIGINT NOT NULL,
        name               TEXT NOT NULL,
        platform           TEXT NOT NULL,
        desired            BIGINT NOT NULL,
        settings           TEXT,
        outcome            TEXT NOT NULL,
        last_status        TEXT NOT NULL,
        last_detail        TEXT NOT NULL,
        last_problem       TEXT NOT NULL,
        last_error         TEXT NOT NULL,
        last_error_at      BIGINT,
        bytes_sent         BIGINT NOT NULL,
        frames_sent        BIGINT NOT NULL,
        frames_dropped     BIGINT NOT NULL,
        retries            BIGINT NOT NULL,
        reconnects         BIGINT NOT NULL,
        reasons            TEXT NOT NULL,
        joined_at          BIGINT NOT NULL,
        first_connected_at BIGINT,
        last_connected_at  BIGINT,
        left_at            BIGINT,
        PRIMARY KEY (broadcast_id, destination_id)
    ))sql",

    R"sql(CREATE TABLE broadcast_events (
        broadcast_id   TEXT NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
        sequence       BIGINT NOT NULL,
        happened_at    BIGINT NOT NULL,
        kind           TEXT NOT NULL,
        severity       TEXT NOT NULL,
        destination_id TEXT,
        message        TEXT NOT NULL,
        PRIMARY KEY (broadcast_id, sequence)
    ))sql",
};

}  // namespace

const Migration broadcasts{4, "broadcasts", statements};

}  // namespace store::migrations
