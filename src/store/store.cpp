#include "store/store.h"

#include "base/bytes.h"
#include "base/ids.h"
#include "store/database.h"
#include "store/migrator.h"
#include "store/postgres_connection.h"
#include "store/query.h"
#include "store/sql_error.h"
#include "store/sqlite_connection.h"

namespace store {

namespace {

// SQLite has one writer at a time; more connections serve readers. PostgreSQL shares its own among servers.
constexpr int sqlite_connections = 4;
constexpr int postgres_connections = 8;

// At the start there is time to hear why a server cannot be reached.
constexpr std::chrono::seconds opening_patience{10};

constexpr const char* salt_name = "encryption_salt";
constexpr const char* check_name = "encryption_check";

std::optional<std::string> meta(Connection& db, const char* name) {
    return Query(db, "SELECT value FROM meta WHERE name = :name").bind("name", name).one([](const Row& row) {
        return row.text("value");
    });
}

// Writes it unless another server, starting at the same moment, was first; answers what stands there.
std::string meta_or(Connection& db, const char* name, const std::string& value) {
    Query(db, "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")
        .bind("name", name)
        .bind("value", value)
        .run();
    return meta(db, name).value_or(value);
}

base::Result<crypto::KeyRing> unlock(Database& database, const base::Secret& encryption_key) {
    const auto salt = database.write([](Connection& db) -> base::Result<std::string> {
        return meta_or(db, salt_name, base::to_hex(base::random_bytes(crypto::salt_size)));
    });
    if (!salt) return base::fail(salt.error());
    auto keys = crypto::KeyRing::derive(encryption_key, base::from_hex(*salt));
    if (!keys) return keys;
    const std::string ours = keys->check_value();
    const auto stored = database.write(
        [&](Connection& db) -> base::Result<std::string> { return meta_or(db, check_name, ours); });
    if (!stored) return base::fail(stored.error());
    if (*stored != ours)
        return base::fail(
            {base::ErrorCode::forbidden,
             "ENCRYPTION_KEY is not the key this database was written with, so its stream keys cannot be "
             "read. Start with the key it had: the setting ENCRYPTION_KEY, or the file encryption.key of "
             "its data directory (from a backup, if it was lost).",
             "encryption_key_wrong"});
    return keys;
}

base::Result<ConnectionFactory> factory_of(const StoreSettings& settings) {
    if (settings.url.empty()) {
        if (auto prepared = prepare_sqlite_file(settings.file); !prepared)
            return base::fail(prepared.error());
        return sqlite_factory(settings.file);
    }
    if (auto checked = check_postgres_url(settings.url); !checked) return base::fail(checked.error());
    return postgres_factory(settings.url);
}

}  // namespace

struct Store::Parts {
    Parts(const StoreSettings& store_settings, std::unique_ptr<ConnectionPool> pool,
          std::shared_ptr<const base::Clock> clock, base::Logger log)
        : file(store_settings.url.empty() ? store_settings.file : std::filesystem::path()),
          database(std::move(pool), std::move(clock), std::move(log)) {}

    std::filesystem::path file;  // empty for PostgreSQL
    Database database;
    std::optional<crypto::KeyRing> keys;

    UserRepository users{database};
    RefreshTokenRepository refresh_tokens{database};
    ApiTokenRepository api_tokens{database};
    StationRepository stations{database};
    LivestreamRepository livestreams{database};
    DestinationRepository destinations{database};
    ProfileRepository profiles{database};
    BroadcastRepository broadcasts{database};
    AssetRepository assets{database};
    SettingRepository settings{database};
};

base::Result<std::unique_ptr<Store>> Store::open(const StoreSettings& settings,
                                                 const base::Secret& encryption_key,
                                                 std::shared_ptr<const base::Clock> clock, base::Logger log) {
    const auto make = factory_of(settings);
    if (!make) return base::fail(make.error());
    const bool embedded = settings.url.empty();
    auto pool = std::make_unique<ConnectionPool>(
        *make, settings.connections > 0 ? settings.connections
                                        : (embedded ? sqlite_connections : postgres_connections));
    try {
        const auto lease = pool->lease(std::chrono::steady_clock::now() + opening_patience);
        const auto report = migrate(*lease, migrations::all(), *clock);
        if (!report) return base::fail(report.error());
        if (report->from != report->to)
            log.info("database migrated", {{"from", report->from},
                                           {"to", report->to},
                                           {"backup", report->backup.empty() ? "none" : report->backup}});
    } catch (const Failure& failure) {
        return base::fail(failure.error);
    } catch (const std::exception& caught) {
        return base::fail(to_error(classify(caught)));
    }
    if (embedded) {
        try {
            pool->fill();
        } catch (const Failure& failure) {
            return base::fail(failure.error);
        } catch (const std::exception& caught) {
            return base::fail(to_error(classify(caught)));
        }
    }

    auto parts = std::make_unique<Parts>(settings, std::move(pool), std::move(clock), std::move(log));
    auto keys = unlock(parts->database, encryption_key);
    if (!keys) return base::fail(keys.error());
    parts->database.set_vault(Vault(*keys));
    parts->keys = std::move(*keys);
    return std::unique_ptr<Store>(new Store(std::move(parts)));
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::~Store() = default;

UserRepository& Store::users() {
    return parts_->users;
}
RefreshTokenRepository& Store::refresh_tokens() {
    return parts_->refresh_tokens;
}
ApiTokenRepository& Store::api_tokens() {
    return parts_->api_tokens;
}
StationRepository& Store::stations() {
    return parts_->stations;
}
LivestreamRepository& Store::livestreams() {
    return parts_->livestreams;
}
DestinationRepository& Store::destinations() {
    return parts_->destinations;
}
ProfileRepository& Store::profiles() {
    return parts_->profiles;
}
BroadcastRepository& Store::broadcasts() {
    return parts_->broadcasts;
}
AssetRepository& Store::assets() {
    return parts_->assets;
}
SettingRepository& Store::settings() {
    return parts_->settings;
}

const crypto::KeyRing& Store::keys() const {
    return *parts_->keys;
}

base::Result<StoreHealth> Store::health() {
    StoreHealth health;
    if (!parts_->file.empty()) {
        std::error_code error;
        const auto size = std::filesystem::file_size(parts_->file, error);
        if (error)
            return base::fail(
                {base::ErrorCode::unavailable,
                 "The database file " + parts_->file.string() +
                     " is gone. What is written now is lost at the next start: put the file back, or stop "
                     "the server and restore a backup.",
                 "database_gone"});
        const auto log_size = std::filesystem::file_size(wal_of(parts_->file), error);
        health.size_bytes = static_cast<std::int64_t>(size + (error ? 0 : log_size));
    }
    return parts_->database.read([&](Connection& db) -> base::Result<StoreHealth> {
        health.kind = db.kind();
        health.schema_version = schema_version(db);
        return health;
    });
}

}  // namespace store
