#include "store/refresh_token_repository.h"

#include "store/database.h"
#include "store/query.h"

namespace store {

namespace {

constexpr std::string_view select_columns =
    "SELECT id, family_id, user_id, client_software, client_address, created_at, expires_at, used_at, "
    "revoked_at "
    "FROM refresh_tokens";

RefreshToken token_from(const Row& row) {
    RefreshToken token;
    token.id = row.text("id");
    token.family_id = row.text("family_id");
    token.user_id = row.text("user_id");
    token.client_software = row.text("client_software");
    token.client_address = row.text("client_address");
    token.created_at = row.time("created_at");
    token.expires_at = row.time("expires_at");
    token.used_at = row.maybe_time("used_at");
    token.revoked_at = row.maybe_time("revoked_at");
    return token;
}

void insert(Connection& db, const RefreshToken& token, const std::string& hash) {
    Query(db,
          "INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, client_software, client_address, "
          "created_at, expires_at, used_at, revoked_at) VALUES (:id, :family_id, :user_id, :token_hash, "
          ":client_software, :client_address, :created_at, :expires_at, :used_at, :revoked_at)")
        .bind("id", token.id)
        .bind("family_id", token.family_id)
        .bind("user_id", token.user_id)
        .bind("token_hash", hash)
        .bind("client_software", token.client_software)
        .bind("client_address", token.client_address)
        .bind("created_at", token.created_at)
        .bind("expires_at", token.expires_at)
        .bind("used_at", token.used_at)
        .bind("revoked_at", token.revoked_at)
        .run();
}

void revoke(Connection& db, const std::string& family_id, base::WallTime now) {
    Query(db,
          "UPDATE refresh_tokens SET revoked_at = :now WHERE family_id = :family_id AND revoked_at IS NULL")
        .bind("now", now)
        .bind("family_id", family_id)
        .run();
}

}  // namespace

base::Result<> RefreshTokenRepository::add(const RefreshToken& record, const base::Secret& token) {
    return database_.write([&](Connection& db) -> base::Result<> {
        insert(db, record, database_.vault().hash(refresh_token_domain, token));
        return {};
    });
}

base::Result<Rotation> RefreshTokenRepository::rotate(const base::Secret& shown,
                                                      const RefreshToken& successor,
                                                      const base::Secret& successor_token, base::WallTime now,
                                                      std::chrono::milliseconds leeway) {
    return database_.write([&](Connection& db) -> base::Result<Rotation> {
        // The row is locked, so of two who show the same token one finds it used.
        Query query(db, select_columns);
        query.sql(" WHERE token_hash = :hash")
            .bind("hash", database_.vault().hash(refresh_token_domain, shown));
        const auto found = query.for_update().one(token_from);
        if (!found) return Rotation{};
        Rotation rotation{RotationOutcome::rotated, *found};
        if (found->revoked_at) {
            rotation.outcome = RotationOutcome::revoked;
        } else if (found->used_at && now - *found->used_at <= leeway) {
            rotation.outcome = RotationOutcome::raced;
        } else if (found->used_at) {
            rotation.outcome = RotationOutcome::reused;
            revoke(db, found->family_id, now);
        } else if (found->expires_at <= now) {
            rotation.outcome = RotationOutcome::expired;
        } else {
            Query(db, "UPDATE refresh_tokens SET used_at = :now WHERE id = :id")
                .bind("now", now)
                .bind("id", found->id)
                .run();
            RefreshToken next = successor;
            next.family_id = found->family_id;
            next.user_id = found->user_id;
            insert(db, next, database_.vault().hash(refresh_token_domain, successor_token));
        }
        return rotation;
    });
}

base::Result<std::optional<RefreshToken>> RefreshTokenRepository::find(const base::Secret& token) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<RefreshToken>> {
        return Query(db, select_columns)
            .sql(" WHERE token_hash = :hash")
            .bind("hash", database_.vault().hash(refresh_token_domain, token))
            .one(token_from);
    });
}

base::Result<bool> RefreshTokenRepository::is_family_active(const std::string& family_id,
                                                            base::WallTime now) {
    return database_.read([&](Connection& db) -> base::Result<bool> {
        const auto count =
            Query(db,
                  "SELECT COUNT(*) FROM refresh_tokens WHERE family_id = :family_id AND used_at IS "
                  "NULL AND revoked_at IS NULL AND expires_at > :now")
                .bind("family_id", family_id)
                .bind("now", now)
                .number();
        return count.value_or(0) > 0;
    });
}

base::Result<> RefreshTokenRepository::revoke_family(const std::string& family_id, base::WallTime now) {
    return database_.write([&](Connection& db) -> base::Result<> {
        revoke(db, family_id, now);
        return {};
    });
}

base::Result<> RefreshTokenRepository::revoke_all(const std::string& user_id, base::WallTime now,
                                                  const std::string& except_family) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query(
            db,
            "UPDATE refresh_tokens SET revoked_at = :now WHERE user_id = :user_id AND revoked_at IS NULL AND "
            "family_id <> :except_family")
            .bind("now", now)
            .bind("user_id", user_id)
            .bind("except_family", except_family)
            .run();
        return {};
    });
}

base::Result<std::int64_t> RefreshTokenRepository::remove_expired(base::WallTime before) {
    return database_.write([&](Connection& db) -> base::Result<std::int64_t> {
        return Query(db, "DELETE FROM refresh_tokens WHERE expires_at < :before")
            .bind("before", before)
            .run();
    });
}

}  // namespace store
