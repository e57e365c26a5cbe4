#include "store/user_repository.h"

#include "store/database.h"
#include "store/listing.h"
#include "store/text.h"

namespace store {

namespace {

constexpr std::string_view select_columns =
    "SELECT id, email, name, password_hash, role, token_balance, disabled, last_login_at, created_at, "
    "updated_at "
    "FROM users";

User user_from(const Row& row) {
    User user;
    user.id = row.text("id");
    user.email = row.text("email");
    user.name = row.text("name");
    user.password_hash = base::Secret(row.text("password_hash"));
    user.role = role_from(row.text("role")).value_or(Role::viewer);
    user.token_balance = row.integer("token_balance");
    user.disabled = row.flag("disabled");
    user.last_login_at = row.maybe_time("last_login_at");
    user.created_at = row.time("created_at");
    user.updated_at = row.time("updated_at");
    return user;
}

void bind_user(Query& query, const User& user) {
    query.bind("id", user.id)
        .bind("email", lower_case(user.email))
        .bind("name", user.name)
        .bind("password_hash", user.password_hash.reveal())
        .bind("role", to_string(user.role))
        .bind("token_balance", user.token_balance)
        .bind("disabled", user.disabled)
        .bind("updated_at", user.updated_at);
}

void insert(Connection& db, const User& user) {
    Query query(
        db,
        "INSERT INTO users (id, email, name, password_hash, role, token_balance, disabled, last_login_at, "
        "created_at, updated_at) VALUES (:id, :email, :name, :password_hash, :role, :token_balance, "
        ":disabled, :last_login_at, :created_at, :updated_at)");
    bind_user(query, user);
    query.bind("last_login_at", user.last_login_at).bind("created_at", user.created_at).run();
}

std::optional<User> find(Connection& db, const std::string& id, bool for_update = false) {
    Query query(db, select_columns);
    query.sql(" WHERE id = :id").bind("id", id);
    if (for_update) query.for_update();
    return query.one(user_from);
}

void filter_by(Query& query, const UserFilter& filter) {
    query.sql(" WHERE 1 = 1")
        .where("role", filter.role ? std::optional(std::string(to_string(*filter.role))) : std::nullopt);
}

}  // namespace

base::Result<> UserRepository::add(const User& user) {
    return database_.write([&](Connection& db) -> base::Result<> {
        insert(db, user);
        return {};
    });
}

base::Result<> UserRepository::add_with_setup_code(const User& user, const base::Secret& code) {
    const std::string hash = database_.vault().hash(setup_code_domain, code);
    return database_.write([&](Connection& db) -> base::Result<> {
        const auto used = Query(db, "DELETE FROM settings WHERE name = :name AND value = :hash")
                              .bind("name", setup_code_setting)
                              .bind("hash", hash)
                              .run();
        if (used == 0)
            return base::fail(
                {base::ErrorCode::forbidden,
                 "The setup code is wrong or was used already. The server prints the current one at "
                 "start while there is no admin.",
                 "setup_code_invalid"});
        insert(db, user);
        return {};
    });
}

base::Result<User> UserRepository::get(const std::string& id) {
    return database_.read([&](Connection& db) -> base::Result<User> {
        auto found = find(db, id);
        if (!found) return not_found("user");
        return std::move(*found);
    });
}

base::Result<std::optional<User>> UserRepository::find_by_email(const std::string& email) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<User>> {
        return Query(db, select_columns)
            .sql(" WHERE email = :email")
            .bind("email", lower_case(email))
            .one(user_from);
    });
}

base::Result<Page<User>> UserRepository::list(const UserFilter& filter, const PageRequest& page) {
    return database_.read([&](Connection& db) -> base::Result<Page<User>> {
        Query query(db, select_columns);
        filter_by(query, filter);
        return page_of(query, {"created_at"}, page, user_from,
                       [](const User& user) { return base::unix_millis(user.created_at); });
    });
}

base::Result<std::int64_t> UserRepository::count(const UserFilter& filter) {
    return database_.read([&](Connection& db) -> base::Result<std::int64_t> {
        Query query(db, "SELECT COUNT(*) FROM users");
        filter_by(query, filter);
        return query.number().value_or(0);
    });
}

base::Result<User> UserRepository::update(const std::string& id,
                                          const std::function<base::Result<>(User&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<User> {
        const auto before = find(db, id, true);
        if (!before) return not_found("user");
        User user = *before;
        if (auto changed = change(user); !changed) return base::fail(changed.error());
        user.id = before->id;
        user.created_at = before->created_at;
        user.email = lower_case(user.email);
        user.updated_at = database_.now();
        Query query(
            db,
            "UPDATE users SET email = :email, name = :name, password_hash = :password_hash, role = :role, "
            "token_balance = :token_balance, disabled = :disabled, updated_at = :updated_at WHERE id = :id");
        bind_user(query, user);
        query.run();
        return user;
    });
}

base::Result<> UserRepository::record_login(const std::string& id, base::WallTime at) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query(db, "UPDATE users SET last_login_at = :at WHERE id = :id").bind("at", at).bind("id", id).run();
        return {};
    });
}

base::Result<std::int64_t> UserRepository::add_tokens(const std::string& id, std::int64_t amount) {
    return database_.write([&](Connection& db) -> base::Result<std::int64_t> {
        const auto user = find(db, id, true);
        if (!user) return not_found("user");
        std::int64_t balance = 0;
        if (__builtin_add_overflow(user->token_balance, amount, &balance) || balance < 0)
            return base::fail({base::ErrorCode::conflict,
                               "The balance is " + std::to_string(user->token_balance) +
                                   "; it must stay between 0 and what a number can hold.",
                               "token_balance_out_of_range"});
        Query(db, "UPDATE users SET token_balance = :balance, updated_at = :updated_at WHERE id = :id")
            .bind("balance", balance)
            .bind("updated_at", database_.now())
            .bind("id", id)
            .run();
        return balance;
    });
}

base::Result<> UserRepository::remove(const std::string& id) {
    return database_.write([&](Connection& db) -> base::Result<> {
        if (!find(db, id, true)) return not_found("user");
        const auto running =
            Query(db, "SELECT COUNT(*) FROM broadcasts WHERE owner_id = :id AND status <> 'ended'")
                .bind("id", id)
                .number();
        if (running.value_or(0) > 0)
            return base::fail({base::ErrorCode::conflict,
                               "One of this user's broadcasts is running. Stop it first.",
                               "broadcast_active"});
        // Their recordings go with them; what these have in the object store must not be forgotten.
        Query(db,
              "INSERT INTO object_removals (object_key, upload_id, created_at) SELECT object_key, upload_id, "
              ":now FROM asset_files WHERE object_key <> '' AND asset_id IN (SELECT id FROM assets WHERE "
              "owner_id = :id)")
            .bind("id", id)
            .bind("now", database_.now())
            .run();
        Query(db, "DELETE FROM users WHERE id = :id").bind("id", id).run();
        return {};
    });
}

}  // namespace store
