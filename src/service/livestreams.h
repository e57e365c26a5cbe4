// Livestreams: single shows, from scheduled to archived. Owned by app/, safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "service/actor.h"
#include "service/live_board.h"
#include "service/livestream_state.h"
#include "service/page.h"
#include "service/playback_links.h"
#include "service/settings.h"
#include "service/stations.h"

namespace store {
struct Livestream;
}

namespace service {

class BroadcastService;

struct Livestream {
    std::string id;
    std::string owner_id;
    std::optional<std::string> station_id;
    std::string title;
    std::string description;
    LivestreamStatus status = LivestreamStatus::scheduled;
    std::optional<base::WallTime> scheduled_at;
    std::optional<base::WallTime> started_at;
    std::optional<base::WallTime> ended_at;
    // 0: open to everybody who may see it.
    std::int64_t token_gate_amount = 0;
    Visibility visibility = Visibility::open;
    bool record = false;
    // The owner said "ready to go live".
    bool ready = false;
    std::int64_t viewer_count = 0;
    std::int64_t peak_viewers = 0;
    std::int64_t total_viewers = 0;
    base::WallTime created_at{};
    base::WallTime updated_at{};
    // Only while live, and only for those who may watch.
    std::optional<Playback> playback;
    // Only for those who manage it, as all below.
    std::optional<base::Secret> stream_key;
    std::optional<std::string> rtmp_url;
    std::vector<std::string> destination_ids;
    std::optional<std::string> profile_id;
};

struct NewLivestream {
    std::string title;
    std::string description = {};
    std::optional<base::WallTime> scheduled_at = {};
    std::int64_t token_gate_amount = 0;
    std::optional<std::string> station_id = {};
    bool record = false;
    // One of the two at most.
    std::vector<std::string> destination_ids = {};
    std::optional<std::string> profile_id = {};
    Visibility visibility = Visibility::open;
};

struct LivestreamChange {
    std::optional<std::string> title = {};
    std::optional<std::string> description = {};
    std::optional<base::WallTime> scheduled_at = {};
    std::optional<std::int64_t> token_gate_amount = {};
    std::optional<std::string> station_id = {};
    std::optional<bool> record = {};
    std::optional<std::vector<std::string>> destination_ids = {};
    std::optional<std::string> profile_id = {};
    std::optional<Visibility> visibility = {};
};

enum class LivestreamFilter : std::uint8_t { all, active, upcoming };

// What anybody may poll; answered from memory.
struct PublicStatus {
    LivestreamStatus status = LivestreamStatus::scheduled;
    // The encoder is connected now.
    bool live = false;
    std::int64_t viewer_count = 0;
    // Only while live, and only for those who may watch.
    std::optional<std::string> hls_url;
};

class LivestreamService {
  public:
    LivestreamService(Context& context, BroadcastService& broadcasts, BroadcastSettings settings,
                      InstanceLimits limits);

    base::Result<Livestream> create(const Actor& actor, const NewLivestream& livestream);
    // Open to everybody: those that are public, and the actor's own; an admin sees all. `mine` lists the
    // actor's own only.
    base::Result<Page<Livestream>> list(const Actor& actor, LivestreamFilter filter, const PageRequest& page,
                                        bool mine = false);
    // Errors of this and the next two: not_found also for a private one that is another's.
    base::Result<Livestream> find(const Actor& actor, const std::string& id);
    base::Result<PublicStatus> status(const Actor& actor, const std::string& id);
    // What its page plays; for everybody, since it opens nothing that is gated.
    base::Result<std::string> playback_id(const std::string& id);

    base::Result<Livestream> update(const Actor& actor, const std::string& id,
                                    const LivestreamChange& change);
    // Ready to go live: it becomes live when the encoder starts publishing. Answers a live one as it is.
    // Errors: conflict when it is cancelled, ended or archived.
    base::Result<Livestream> start(const Actor& actor, const std::string& id);
    // Ends a live one and its broadcast; the encoder is told and disconnected.
    base::Result<Livestream> stop(const Actor& actor, const std::string& id);
    base::Result<Livestream> cancel(const Actor& actor, const std::string& id);
    base::Result<Livestream> archive(const Actor& actor, const std::string& id);
    // As StationService::rotate_key. Errors: conflict when nothing can be published any more.
    base::Result<Livestream> rotate_key(const Actor& actor, const std::string& id);

  private:
    base::Result<Livestream> view(const Actor& actor, const store::Livestream& record);
    base::Result<bool> may_watch(const Actor& actor, const LivestreamBrief& show);
    // For this actor, who may watch.
    Playback playback(const Actor& actor, const std::string& id, const LivestreamBrief& brief,
                      const std::optional<LiveEntry>& session);
    // From the board, or the store, if this actor may see it.
    base::Result<LivestreamBrief> brief(const Actor& actor, const std::string& id);
    // That what the livestream names is its owner's.
    base::Result<> check_references(const store::Livestream& record);
    base::Result<Livestream> changed(const Actor& actor, base::Result<store::Livestream> record);

    Context& context_;
    BroadcastService& broadcasts_;
    const BroadcastSettings settings_;
    const InstanceLimits limits_;
    const PlaybackLinks links_;
};

}  // namespace service
