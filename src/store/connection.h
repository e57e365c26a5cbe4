// One connection to a database, as the rest of the store sees it. Owned by ConnectionPool; used by one thread
// at a time. Its calls throw SOCI's errors or Failure; Database turns both into base::Error.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace soci {
class session;
}

namespace store {

enum class Access : std::uint8_t { read, write };

// An error that is ready to be shown, thrown inside the store only.
struct Failure {
    base::Error error;
};

class Connection {
  public:
    virtual ~Connection() = default;

    virtual soci::session& session() = 0;
    // Starts a transaction. A write waits for its lock no longer than `patience`.
    virtual void begin(Access access, std::chrono::milliseconds patience) = 0;
    virtual void commit() = 0;
    virtual void rollback() = 0;
    // What a SELECT ends with to keep others from changing its rows until the transaction ends.
    virtual std::string_view for_update() const = 0;

    // "SQLite 3.40.1"
    virtual std::string kind() = 0;
    // One server migrates at a time. False: another one is at it.
    virtual bool try_lock_migrations() = 0;
    virtual void unlock_migrations() = 0;
    // Saves the database before it is migrated to `version`; answers the file, empty when the kind of
    // database has its own ways.
    virtual std::string back_up(int version) = 0;
};

using ConnectionFactory = std::function<std::unique_ptr<Connection>()>;

}  // namespace store
