// Broadcasts (the API's sessions): what is wanted of each running one, how each ended, and what happened
// meanwhile. Owned by Store; any thread. See user_repository.h.
#pragma once

#include <functional>

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

struct BroadcastFilter {
    std::optional<std::string> station_id;
    std::optional<std::string> livestream_id;
    std::optional<std::string> stream_id;
    std::optional<bool> active;  // not ended / ended
};

inline constexpr std::int64_t max_events_per_broadcast = 1000;

class BroadcastRepository {
  public:
    explicit BroadcastRepository(Database& database) : database_(database) {}

    // With its destinations. Conflict ("broadcast_active", field "streamId") while another one of the stream
    // runs.
    base::Result<> add(const Broadcast& broadcast);
    base::Result<Broadcast> get(const Scope& scope, const std::string& id);
    base::Result<std::optional<Broadcast>> find_active(const std::string& stream_id);
    // Everything that runs, of all owners: taken up again at start.
    base::Result<std::vector<Broadcast>> active();
    base::Result<Page<Broadcast>> list(const Scope& scope, const BroadcastFilter& filter,
                                       const PageRequest& page);

    // Edits the broadcast and its destinations: entries added join it, entries missing are forgotten (to keep
    // history, set `desired` false and an outcome instead). stream_id and started_at cannot be changed.
    base::Result<Broadcast> update(const Scope& scope, const std::string& id,
                                   const std::function<base::Result<>(Broadcast&)>& change);
    // Edits one destination's part; not_found when it has none. Cheaper than update(): for the engine's
    // reports.
    base::Result<BroadcastDestination> update_destination(
        const std::string& id, const std::string& destination_id,
        const std::function<base::Result<>(BroadcastDestination&)>& change);
    base::Result<> record_viewers(const std::string& id, std::int64_t now_watching, std::int64_t total);

    // Writes a line of history; answers its sequence. Of more than max_events_per_broadcast the oldest go.
    base::Result<std::int64_t> add_event(const BroadcastEvent& event);
    // The last lines, oldest first.
    base::Result<std::vector<BroadcastEvent>> events(const Scope& scope, const std::string& id,
                                                     int limit = max_page_size);

  private:
    Database& database_;
};

}  // namespace store
