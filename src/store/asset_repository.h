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
    // Of all owners: those that are over and were recorded before this, the oldest first. `local`: only those
    // with files here.
    base::Result<std::vector<Asset>> oldest_finished(base::WallTime before, int limit, bool local = false);
    // Of all owners: those that are ready and have files here, the oldest first.
    base::Result<std::vector<Asset>> to_archive(int limit);
    // How many these are, and how much they take.
    struct Sum {
        std::int64_t recordings = 0;
        std::int64_t bytes = 0;
    };
    base::Result<Sum> count_to_archive();
    // Those of these ids that are there.
    base::Result<std::vector<std::string>> known(const std::vector<std::string>& ids);

    // Everything but the files and their sums.
    base::Result<Asset> update(const Scope& scope, const std::string& id,
                               const std::function<base::Result<>(Asset&)>& change);
    // Adds the file or writes what is known of it now, and the asset's sums with it; where a file is and its
    // checksum are update_file's from then on. not_found without the asset.
    base::Result<> put_file(const AssetFile& file);
    // Its checksum, its place, and what is known of it in the object store. not_found without the file.
    base::Result<> update_file(const std::string& asset_id, std::int64_t number,
                               const std::function<void(AssetFile&)>& change);
    // What it has in the object store is to be removed there, too: object_removals() tells it from now on.
    base::Result<> remove(const Scope& scope, const std::string& id);

    // The oldest first.
    base::Result<std::vector<ObjectRemoval>> object_removals(int limit);
    base::Result<> object_removed(const std::string& object_key);

  private:
    Database& database_;
};

}  // namespace store
