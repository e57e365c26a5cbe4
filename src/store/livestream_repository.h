// Livestreams: single shows, scheduled to archived. Owned by Store; any thread. See user_repository.h.
#pragma once

#include <functional>

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

struct LivestreamFilter {
    enum class Show : std::uint8_t {
        all,       // newest first
        active,    // live, the latest started first
        upcoming,  // scheduled with a time that is not long past, the next one first; those without a time
                   // last
    };
    Show show = Show::all;
    std::optional<std::string> station_id;
    std::optional<LivestreamStatus> status;
    // Those of the scope, and everybody's that are public.
    bool and_public = false;
};

class LivestreamRepository {
  public:
    explicit LivestreamRepository(Database& database) : database_(database) {}

    base::Result<> add(const Livestream& livestream);
    base::Result<Livestream> get(const Scope& scope, const std::string& id);
    base::Result<std::optional<Livestream>> find_by_stream_key(const base::Secret& key);
    base::Result<std::optional<Livestream>> find_by_playback_id(const std::string& playback_id);
    // The show a station has on now: live, the latest started.
    base::Result<std::optional<Livestream>> find_live_on_station(const std::string& station_id);
    base::Result<Page<Livestream>> list(const Scope& scope, const LivestreamFilter& filter,
                                        const PageRequest& page);
    // One that was for everybody and is not any more takes its recordings with it: they become private.
    // The place for a change of status: `change` sees the current one and refuses what is not allowed.
    base::Result<Livestream> update(const Scope& scope, const std::string& id,
                                    const std::function<base::Result<>(Livestream&)>& change);
    // Raises peak_viewers and sets total_viewers; never lowers either.
    base::Result<> record_viewers(const std::string& id, std::int64_t now_watching, std::int64_t total);
    base::Result<> remove(const Scope& scope, const std::string& id);

  private:
    Database& database_;
};

}  // namespace store
