// LiveBoard: what runs now, in memory, so that public questions and the publish gate need no SQL. Written by
// BroadcastService, read by everybody; safe from any thread. Owned by app/, made before the engine.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "media/facts.h"
#include "service/livestream_state.h"

namespace service {

// A session that runs.
struct LiveEntry {
    std::string session_id;
    std::string owner_id;
    std::string stream_id;
    std::optional<std::string> station_id;
    std::optional<std::string> livestream_id;
    std::string title;
    std::string description;
    base::WallTime started_at{};
    std::optional<base::WallTime> live_at;
    // Everybody may be told of it: follows its show's visibility.
    bool listed = true;
    // Filled in when it is asked for.
    std::int64_t viewer_count = 0;
    struct Endpoint {
        std::string destination_id;
        std::string platform;
        std::string name;
        // Not tried: why.
        std::string skipped;
    };
    // Those that are wanted now.
    std::vector<Endpoint> endpoints;
};

// An encoder at a stream, with or without a session.
struct LiveIngest {
    bool connected = false;
    std::string ingest_id;
    media::IngestFacts facts;
};

// What public polls ask of a livestream.
struct LivestreamBrief {
    std::string owner_id;
    LivestreamStatus status = LivestreamStatus::scheduled;
    std::int64_t token_gate_amount = 0;
    std::string playback_id;
    std::string title = {};
    std::string description = {};
    std::optional<std::string> station_id = {};
    std::optional<base::WallTime> scheduled_at = {};
    std::optional<base::WallTime> started_at = {};
    Visibility visibility = Visibility::open;

    bool listed() const { return visibility == Visibility::open; }
    // Whoever watches has to show a right.
    bool restricted() const { return visibility == Visibility::closed || token_gate_amount > 0; }
};

// The same of a station.
struct StationBrief {
    std::string owner_id;
    std::string playback_id;
    std::string name;
    std::string description;
    std::string artwork_url;
};

// Where a playback id is played now, and for whom.
struct LivePlace {
    // Nothing is on the air where a livestream has no session: then its own.
    std::string stream_id;
    std::string owner_id;
    // The show that decides who may watch; empty on a station without one.
    std::string livestream_id;
    // Above 0: for those who hold so many tokens.
    std::int64_t gate = 0;
    // For the owner and admins, whatever others hold.
    bool closed = false;

    bool restricted() const { return closed || gate > 0; }
};

class LiveBoard {
  public:
    void put(LiveEntry entry);
    void remove(const std::string& session_id);
    std::optional<LiveEntry> session(const std::string& session_id) const;
    std::optional<LiveEntry> of_stream(const std::string& stream_id) const;
    std::optional<LiveEntry> of_livestream(const std::string& livestream_id) const;
    // The session on this station, with its own key or a livestream's; one with an encoder first.
    // `listed`: among those that everybody may be told of.
    std::optional<LiveEntry> of_station(const std::string& station_id, bool listed = false) const;
    std::vector<LiveEntry> sessions() const;

    void encoder_came(const std::string& stream_id, const std::string& ingest_id,
                      const media::IngestFacts& facts);
    void encoder_facts(const std::string& stream_id, const media::IngestFacts& facts);
    // Away; false when another encoder took its place meanwhile.
    bool encoder_left(const std::string& stream_id, const std::string& ingest_id);
    void forget_encoder(const std::string& stream_id);
    std::optional<LiveIngest> ingest(const std::string& stream_id) const;
    bool connected(const std::string& stream_id) const;

    static constexpr std::size_t max_briefs = 10'000;
    // After a write to the store.
    void know(const std::string& livestream_id, LivestreamBrief brief);
    // After a read of the store: a write that came in between wins.
    void learn(const std::string& livestream_id, LivestreamBrief brief);
    std::optional<LivestreamBrief> brief(const std::string& livestream_id) const;
    // The same three for stations, and the end of one.
    void know_station(const std::string& station_id, StationBrief brief);
    void learn_station(const std::string& station_id, StationBrief brief);
    std::optional<StationBrief> station(const std::string& station_id) const;
    void forget_station(const std::string& station_id);

    // Where a station or a livestream is played; nothing when the board lacks what it takes to say for whom:
    // learn it, and ask again.
    std::optional<LivePlace> place(const std::string& station_or_livestream_id) const;

    // Rises with everything that may change who may watch what: what was decided before is to be asked again.
    std::uint64_t rights_revision() const { return rights_revision_.load(std::memory_order_acquire); }
    void rights_changed() { rights_revision_.fetch_add(1, std::memory_order_acq_rel); }

    // Who watches each stream now; those that are not named have no viewers.
    void set_viewers(std::unordered_map<std::string, std::int64_t> by_stream);
    std::int64_t viewers(const std::string& stream_id) const;

  private:
    // The session of this show is told to everybody from now on, or not any more.
    void list(const std::string& livestream_id, bool listed);
    LiveEntry shown(const LiveEntry& entry) const;
    const LiveEntry* on_stream(const std::string& stream_id) const;
    const LiveEntry* on_livestream(const std::string& livestream_id) const;

    mutable std::mutex mutex_;
    std::map<std::string, LiveEntry> sessions_;
    // To the session's id.
    std::unordered_map<std::string, std::string> by_stream_;
    std::unordered_map<std::string, std::string> by_livestream_;
    std::map<std::string, LiveIngest> ingests_;
    std::unordered_map<std::string, LivestreamBrief> briefs_;
    std::unordered_map<std::string, StationBrief> stations_;
    std::unordered_map<std::string, std::int64_t> viewers_;
    std::atomic<std::uint64_t> rights_revision_{1};
};

}  // namespace service
