// The one door to the database: opens and migrates it, checks the encryption key against it, owns the
// connections and the repositories. Made by app/, used by services from any thread. Every call blocks on SQL
// (at most about 2 s when the database is locked or lost), so never call it from a media thread.
#pragma once

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/key_ring.h"
#include "store/repositories.h"

namespace store {

struct StoreSettings {
    // postgresql://user:password@host/name, or empty for the embedded database in `file`.
    base::Secret url;
    std::filesystem::path file = "everycast.db";
    // Connections kept; 0: what fits the kind of database.
    int connections = 0;
};

// One line of health for `everycast check` and /readyz.
struct StoreHealth {
    std::string kind;  // "SQLite 3.40.1" or "PostgreSQL 15.20"
    int schema_version = 0;
    std::int64_t size_bytes = 0;  // embedded database with its write-ahead log; 0 for PostgreSQL
};

class Store {
  public:
    // Opens, checks, backs up and migrates; then derives the keys from `encryption_key`. An error says what
    // is wrong and how to mend it: not reachable, damaged (and which backup to restore), newer than this
    // program, wrong key.
    static base::Result<std::unique_ptr<Store>> open(const StoreSettings& settings,
                                                     const base::Secret& encryption_key,
                                                     std::shared_ptr<const base::Clock> clock,
                                                     base::Logger log);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    UserRepository& users();
    RefreshTokenRepository& refresh_tokens();
    ApiTokenRepository& api_tokens();
    StationRepository& stations();
    LivestreamRepository& livestreams();
    DestinationRepository& destinations();
    ProfileRepository& profiles();
    BroadcastRepository& broadcasts();
    AssetRepository& assets();
    SettingRepository& settings();

    // The keys derived from the encryption key: for JWTs and playback tokens.
    const crypto::KeyRing& keys() const;

    // Asks the database a question now.
    base::Result<StoreHealth> health();

  private:
    struct Parts;
    explicit Store(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace store
