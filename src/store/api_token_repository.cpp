#include "store/api_token_repository.h"

#include "store/database.h"
#include "store/listing.h"
#include "store/settings_text.h"

namespace store {

namespace {

constexpr std::chrono::minutes use_resolution{1};

constexpr std::string_view select_columns =
    "SELECT id, user_id, name, hint, scopes, created_at, expires_at, last_used_at FROM api_tokens";

ApiToken token_from(const Row& row) {
    ApiToken token;
    token.id = row.text("id");
    token.user_id = row.text("user_id");
    token.name = row.text("name");
    token.hint = row.text("hint");
    token.scopes = list_from(row.text("scopes"));
    token.created_at = row.time("created_at");
    token.expires_at = row.maybe_time("expires_at");
    token.last_used_at = row.maybe_time("last_used_at");
    return token;
}

}  // namespace

base::Result<> ApiTokenRepository::add(const ApiToken& record, const base::Secret& token) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query(db,
              "INSERT INTO api_tokens (id, user_id, name, hint, scopes, token_hash, created_at, expires_at, "
              "last_used_at) VALUES (:id, :user_id, :name, :hint, :scopes, :token_hash, :created_at, "
              ":expires_at, "
              ":last_used_at)")
            .bind("id", record.id)
            .bind("user_id", record.user_id)
            .bind("name", record.name)
            .bind("hint", record.hint)
            .bind("scopes", to_text(record.scopes))
            .bind("token_hash", database_.vault().hash(api_token_domain, token))
            .bind("created_at", record.created_at)
            .bind("expires_at", record.expires_at)
            .bind("last_used_at", record.last_used_at)
            .run();
        return {};
    });
}

base::Result<std::optional<ApiToken>> ApiTokenRepository::find(const base::Secret& token) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<ApiToken>> {
        return Query(db, select_columns)
            .sql(" WHERE token_hash = :hash")
            .bind("hash", database_.vault().hash(api_token_domain, token))
            .one(token_from);
    });
}

base::Result<Page<ApiToken>> ApiTokenRepository::list(const Scope& scope, const PageRequest& page) {
    return database_.read([&](Connection& db) -> base::Result<Page<ApiToken>> {
        Query query(db, select_columns);
        query.sql(" WHERE 1 = 1").within(scope, "user_id");
        return page_of(query, {"created_at"}, page, token_from,
                       [](const ApiToken& token) { return base::unix_millis(token.created_at); });
    });
}

base::Result<> ApiTokenRepository::record_use(const std::string& id, base::WallTime at) {
    // Looked at first: a read needs no lock.
    const auto is_due = database_.read([&](Connection& db) -> base::Result<bool> {
        const auto last =
            Query(db, "SELECT last_used_at FROM api_tokens WHERE id = :id").bind("id", id).number();
        return !last || at - base::from_unix_millis(*last) >= use_resolution;
    });
    if (!is_due) return base::fail(is_due.error());
    if (!*is_due) return {};
    return database_.write([&](Connection& db) -> base::Result<> {
        Query(db, "UPDATE api_tokens SET last_used_at = :at WHERE id = :id")
            .bind("at", at)
            .bind("id", id)
            .run();
        return {};
    });
}

base::Result<> ApiTokenRepository::remove(const Scope& scope, const std::string& id) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(db, "DELETE FROM api_tokens WHERE id = :id");
        if (query.bind("id", id).within(scope, "user_id").run() == 0) return not_found("token");
        return {};
    });
}

}  // namespace store
