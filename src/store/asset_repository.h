// Assets: recordings of sessions and their files. Owned by Store; any thread. See user_repository.h.
#pragma once

#include <functional>

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

struct AssetFilter {
    std::optional<std::string> station_id = {};
    std::optional<std::string> broadcast_id = {};
    std::optional<AssetStatus> status = {};
    // Besides what the scope holds, everybody's that are public and ready.
    bool and_public = false;
};

class AssetRepository {
  public:
    explicit AssetRepository(Database& database) : database_(database) {}

    // Without files: put_file() adds them.
    base::Result<> add(const Asset& asset);
    base::Result<Asset> get(const Scope& scope, const std::string& id);
    // The latest recorded first.
    base::Result<Page<Asset>> list(const Scope& scope, const AssetFilter& filter, const PageRequest& page);
    // Of all owners: what was being recorded or finished. Taken up again at start.
    base::Result<std::vector<Asset>> unfinished();
    // Of all owners: those that are over and were recorded before this, the oldest first.
    base::Result<std::vector<Asset>> oldest_finished(base::WallTime before, int limit);
    // Those of these ids that are there.
    base::Result<std::vector<std::string>> known(const std::vector<std::string>& ids);

    // Everything but the files and their sums.
    base::Result<Asset> update(const Scope& scope, const std::string& id,
                               const std::function<base::Result<>(Asset&)>& change);
    // Adds the file or writes what is known of it now, and the asset's sums with it. not_found without the
    // asset.
    base::Result<> put_file(const AssetFile& file);
    base::Result<> remove(const Scope& scope, const std::string& id);

  private:
    Database& database_;
};

}  // namespace store
