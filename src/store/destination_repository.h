// Destinations: places at a platform to push to. Owned by Store; any thread. See user_repository.h.
#pragma once

#include <functional>

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

struct DestinationFilter {
    std::optional<std::string> station_id;
    std::optional<std::string> platform;
    std::optional<bool> is_active;
};

struct DestinationSeen {
    std::string status;  // media::to_string(media::OutputState)
    std::string last_error;
    std::optional<base::WallTime> connected_at;  // nothing: keeps the time it had
    std::int64_t retry_count = 0;
};

class DestinationRepository {
  public:
    explicit DestinationRepository(Database& database) : database_(database) {}

    base::Result<> add(const Destination& destination);
    base::Result<Destination> get(const Scope& scope, const std::string& id);
    // Those of `ids` that exist in the scope, in the order of `ids`, each once.
    base::Result<std::vector<Destination>> get_many(const Scope& scope, const std::vector<std::string>& ids);
    base::Result<Page<Destination>> list(const Scope& scope, const DestinationFilter& filter,
                                         const PageRequest& page);
    base::Result<std::int64_t> count(const Scope& scope);
    base::Result<Destination> update(const Scope& scope, const std::string& id,
                                     const std::function<base::Result<>(Destination&)>& change);
    // What the engine saw. A destination deleted meanwhile is no error; updated_at stays.
    base::Result<> record_status(const std::string& id, const DestinationSeen& seen);
    // It leaves profiles and livestreams; broadcasts keep their rows about it. Whether a running one may lose
    // it is the caller's rule.
    base::Result<> remove(const Scope& scope, const std::string& id);

  private:
    Database& database_;
};

}  // namespace store
