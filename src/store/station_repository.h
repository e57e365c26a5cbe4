// Stations: channels with a slug and a stream key of their own. Owned by Store; any thread. See
// user_repository.h.
#pragma once

#include <functional>

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

class StationRepository {
  public:
    explicit StationRepository(Database& database) : database_(database) {}

    base::Result<> add(const Station& station);
    base::Result<Station> get(const Scope& scope, const std::string& id);
    base::Result<Station> get_by_id_or_slug(const Scope& scope, const std::string& id_or_slug);
    // The publish gate's question. The key is looked up by its keyed hash.
    base::Result<std::optional<Station>> find_by_stream_key(const base::Secret& key);
    base::Result<std::optional<Station>> find_by_playback_id(const std::string& playback_id);
    base::Result<Page<Station>> list(const Scope& scope, const PageRequest& page);
    // A new stream_key in the record replaces the old one (and its hash).
    base::Result<Station> update(const Scope& scope, const std::string& id,
                                 const std::function<base::Result<>(Station&)>& change);
    // Livestreams, destinations, profiles and history stay and lose their station. Conflict while a broadcast
    // runs.
    base::Result<> remove(const Scope& scope, const std::string& id);

  private:
    Database& database_;
};

}  // namespace store
