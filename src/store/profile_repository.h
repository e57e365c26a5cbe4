// Profiles: named sets of destinations with settings. Owned by Store; any thread. See user_repository.h.
#pragma once

#include <functional>

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

struct ProfileFilter {
    std::optional<std::string> station_id;
};

class ProfileRepository {
  public:
    explicit ProfileRepository(Database& database) : database_(database) {}

    // Every entry must name a destination of the profile's owner: else invalid_argument, field
    // "destinationIds".
    base::Result<> add(const Profile& profile);
    base::Result<Profile> get(const Scope& scope, const std::string& id);
    base::Result<Page<Profile>> list(const Scope& scope, const ProfileFilter& filter,
                                     const PageRequest& page);
    base::Result<Profile> update(const Scope& scope, const std::string& id,
                                 const std::function<base::Result<>(Profile&)>& change);
    base::Result<> remove(const Scope& scope, const std::string& id);

  private:
    Database& database_;
};

}  // namespace store
