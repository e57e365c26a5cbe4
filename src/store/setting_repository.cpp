#include "store/setting_repository.h"

#include "store/database.h"
#include "store/query.h"
#include "store/text.h"

namespace store {

namespace {

std::optional<std::string> find_value(Connection& db, std::string_view name) {
    return Query(db, "SELECT value FROM settings WHERE name = :name")
        .bind("name", name)
        .one([](const Row& row) { return row.text("value"); });
}

void put(Connection& db, std::string_view name, std::string_view value, base::WallTime now) {
    Query(db,
          "INSERT INTO settings (name, value, updated_at) VALUES (:name, :value, :now) "
          "ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at")
        .bind("name", name)
        .bind("value", value)
        .bind("now", now)
        .run();
}

}  // namespace

base::Result<std::optional<std::string>> SettingRepository::find(const std::string& name) {
    return database_.read(
        [&](Connection& db) -> base::Result<std::optional<std::string>> { return find_value(db, name); });
}

base::Result<> SettingRepository::set(const std::string& name, const std::string& value) {
    return database_.write([&](Connection& db) -> base::Result<> {
        put(db, name, value, database_.now());
        return {};
    });
}

base::Result<> SettingRepository::remove(const std::string& name) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query(db, "DELETE FROM settings WHERE name = :name").bind("name", name).run();
        return {};
    });
}

base::Result<std::optional<base::Secret>> SettingRepository::find_secret(const std::string& name) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<base::Secret>> {
        const auto sealed = find_value(db, name);
        if (!sealed) return std::nullopt;
        return database_.vault().open({"settings", name, "value"}, *sealed);
    });
}

base::Result<> SettingRepository::set_secret(const std::string& name, const base::Secret& value) {
    return database_.write([&](Connection& db) -> base::Result<> {
        put(db, name, database_.vault().seal({"settings", name, "value"}, value), database_.now());
        return {};
    });
}

base::Result<> SettingRepository::set_setup_code(const base::Secret& code) {
    return set(std::string(setup_code_setting), database_.vault().hash(setup_code_domain, code));
}

base::Result<bool> SettingRepository::has_setup_code() {
    return database_.read(
        [&](Connection& db) -> base::Result<bool> { return find_value(db, setup_code_setting).has_value(); });
}

base::Result<> SettingRepository::remove_setup_code() {
    return remove(std::string(setup_code_setting));
}

}  // namespace store
