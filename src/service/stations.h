// Stations: channels with a public page and a stream key of their own. Owned by app/, safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "service/actor.h"
#include "service/page.h"
#include "service/settings.h"

namespace store {
struct Station;
}

namespace service {

class BroadcastService;
class PlaybackLinks;
struct Context;
struct LiveEntry;

// Where a stream can be watched. Holds no stream key; the playback id is another secret-free identifier.
struct Playback {
    std::string playback_id;
    // Not when the stream does not come here; so the one below.
    std::optional<std::string> hls_url;
    std::optional<std::string> rtmp_url;
};

// The show that runs on a station now.
struct CurrentShow {
    std::string session_id;
    // The livestream behind the show, when it has one.
    std::optional<std::string> livestream_id;
    std::string title;
    std::string description;
    base::WallTime started_at{};
    std::int64_t viewer_count = 0;
    Playback playback;
};

struct Station {
    std::string id;
    std::string slug;
    std::string name;
    std::string description;
    std::string artwork_url;
    std::string owner_id;
    // A session is active and the encoder is connected.
    bool is_live = false;
    std::optional<CurrentShow> current;
    base::WallTime created_at{};
    base::WallTime updated_at{};
    // Only for those who manage the station, and not for a token that only reads.
    std::optional<base::Secret> stream_key;
    // Where to publish, without the key: only with it.
    std::optional<std::string> rtmp_url;
};

struct NewStation {
    std::string name;
    // 3 to 63 of a-z, 0-9 and inner hyphens; made from the name when absent.
    std::optional<std::string> slug = {};
    std::string description = {};
    std::string artwork_url = {};
};

struct StationChange {
    std::optional<std::string> name = {};
    std::optional<std::string> slug = {};
    std::optional<std::string> description = {};
    std::optional<std::string> artwork_url = {};
};

class StationService {
  public:
    StationService(Context& context, BroadcastService& broadcasts, BroadcastSettings settings,
                   InstanceLimits limits);

    // Open to everybody; `mine` lists the actor's own only.
    base::Result<Page<Station>> list(const Actor& actor, const PageRequest& page, bool mine = false);
    base::Result<Station> find(const Actor& actor, const std::string& id_or_slug);
    // What its page plays; open to everybody, since it opens nothing that is gated.
    base::Result<std::string> playback_id(const std::string& id_or_slug);

    base::Result<Station> create(const Actor& actor, const NewStation& station);
    base::Result<Station> update(const Actor& actor, const std::string& id, const StationChange& change);
    // Ends its broadcast and disconnects its encoder first.
    base::Result<> remove(const Actor& actor, const std::string& id);
    // A new key. The old one stops at once: an encoder that runs on it is told why and disconnected, and goes
    // on only with the new key. The running broadcast waits for it like for any encoder that went away.
    base::Result<Station> rotate_key(const Actor& actor, const std::string& id);

  private:
    Station view(const Actor& actor, const store::Station& record) const;
    Playback playback(const Actor& actor, const store::Station& record, const LiveEntry& running) const;
    base::Result<std::string> free_slug(const NewStation& station) const;

    Context& context_;
    BroadcastService& broadcasts_;
    const BroadcastSettings settings_;
    const InstanceLimits limits_;
    // A pointer, because the links are told in this header's terms.
    const std::shared_ptr<const PlaybackLinks> links_;
};

}  // namespace service
