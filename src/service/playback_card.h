// PlaybackCards: what a page shows around a player, from what the board knows. For PlaybackDesk; any thread
// that may wait for SQL.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "service/playback.h"
#include "service/playback_directory.h"
#include "service/playback_links.h"
#include "service/playback_rights.h"
#include "service/playback_sessions.h"

namespace service {

class PlaybackCards {
  public:
    // Whether there is a picture of this stream now.
    using HasPoster = std::function<bool(const std::string& stream_id)>;

    PlaybackCards(Context& context, const BroadcastSettings& settings, PlaybackRights& rights,
                  PlaybackSessions& sessions, HasPoster has_poster)
        : context_(context),
          links_(context, settings),
          rights_(rights),
          sessions_(sessions),
          has_poster_(std::move(has_poster)) {}

    base::Result<PlaybackCard> make(const Actor& actor, const std::string& playback_id,
                                    const PlaybackPlace& place, const Viewer& viewer);

  private:
    void tell_of_livestream(const std::string& livestream_id, PlaybackCard& card);
    void tell_of_station(const std::string& station_id, bool with_show, PlaybackCard& card);
    // From the board, or the store.
    std::optional<StationBrief> station(const std::string& id);
    // Who may watch it by what was shown; empty: nobody.
    std::string watcher(const Actor& actor, const std::string& playback_id, const LivePlace& place,
                        const Viewer& viewer);

    Context& context_;
    const PlaybackLinks links_;
    PlaybackRights& rights_;
    PlaybackSessions& sessions_;
    const HasPoster has_poster_;
};

}  // namespace service
