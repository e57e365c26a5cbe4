#include "store/migrations/migrations.h"

namespace store::migrations {

namespace {

constexpr Sql statements[] = {
    // What the installation knows of itself: the salt of its keys and the value that tells a wrong one.
    R"sql(CREATE TABLE meta (
        name  TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ))sql",

    R"sql(CREATE TABLE settings (
        name       TEXT NOT NULL PRIMARY KEY,
        value      TEXT NOT NULL,
        updated_at BIGINT NOT NULL
    ))sql",

    R"sql(CREATE TABLE users (
        id            TEXT NOT NULL PRIMARY KEY,
        email         TEXT NOT NULL,
        name          TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        role          TEXT NOT NULL CHECK (role IN ('admin', 'broadcaster', 'viewer')),
        token_balance BIGINT NOT NULL CHECK (token_balance >= 0),
        disabled      BIGINT NOT NULL,
        last_login_at BIGINT,
        created_at    BIGINT NOT NULL,
        updated_at    BIGINT NOT NULL
    ))sql",
    "CREATE UNIQUE INDEX users__email ON users (email)",
    "CREATE INDEX users_by_age ON users (created_at, id)",

    R"sql(CREATE TABLE refresh_tokens (
        id              TEXT NOT NULL PRIMARY KEY,
        family_id       TEXT NOT NULL,
        user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        token_hash      TEXT NOT NULL,
        client_software TEXT NOT NULL,
        client_address  TEXT NOT NULL,
        created_at      BIGINT NOT NULL,
        expires_at      BIGINT NOT NULL,
        used_at         BIGINT,
        revoked_at      BIGINT
    ))sql",
    "CREATE UNIQUE INDEX refresh_tokens__token_hash ON refresh_tokens (token_hash)",
    "CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id)",
    "CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id)",
    "CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at)",

    R"sql(CREATE TABLE api_tokens (
        id           TEXT NOT NULL PRIMARY KEY,
        user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name         TEXT NOT NULL,
        hint         TEXT NOT NULL,
        scopes       TEXT NOT NULL,
        token_hash   TEXT NOT NULL,
        created_at   BIGINT NOT NULL,
        expires_at   BIGINT,
        last_used_at BIGINT
    ))sql",
    "CREATE UNIQUE INDEX api_tokens__token_hash ON api_tokens (token_hash)",
    "CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at, id)",
};

}  // namespace

const Migration accounts{1, "accounts", statements};

}  // namespace store::migrations
