// The inside of BroadcastService: running sessions in memory, their rows, and the engine's desired state.
// `changes_` is held over a whole change, SQL included, so that changes come one after another; `state_` only
// for a look at the map, so that reading never waits for SQL. They are taken in this order.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "output/outputs.h"
#include "service/broadcasts.h"
#include "service/context.h"
#include "service/destination_rules.h"
#include "service/live_board.h"
#include "store/records.h"

namespace service {

// A station or a livestream, as something that is published to.
struct StreamRef {
    std::string id;
    std::string owner_id;
    std::string playback_id;
    std::optional<store::Station> station;
    std::optional<store::Livestream> livestream;
};

// A session that has not ended.
struct Running {
    store::Broadcast record;
    // Destinations that are wanted and not tried: why.
    std::map<std::string, std::string> skipped;
    // Begun by the encoder's start: a go-live may take it over, once.
    bool by_encoder = false;
    // When the session ends if no encoder is there; nothing while that is the ingest's to decide.
    std::optional<base::MonotonicTime> return_by;
    std::string lost_reason;
    base::MonotonicTime health_checked{};
    base::MonotonicTime health_due{};
    // Something was reported since it was computed.
    bool health_stale = false;
    base::MonotonicTime counters_due{};
    // Failed tries in a row as last reported, to add up what is new.
    std::map<std::string, std::uint32_t> retries_seen;
};

// What a new session is to be.
struct Wish {
    std::string title;
    std::string description;
    bool use_multistream = true;
    bool recording_enabled = false;
    std::optional<std::string> profile_id;
    std::vector<store::BroadcastDestination> destinations;
    bool by_encoder = false;
};

class BroadcastService::Impl {
  public:
    Impl(Context& shared, BroadcastSettings given, InstanceLimits most, RecordingService* recorder)
        : context(shared), settings(std::move(given)), limits(most), recordings(recorder) {}

    // -- broadcast_start.cpp
    base::Result<StreamRef> stream_of_key(const base::Secret& key);
    base::Result<StreamRef> stream(const std::string& id);
    base::Result<std::vector<store::BroadcastDestination>> choose(
        const StreamRef& stream, const std::optional<std::string>& profile_id,
        const std::optional<std::vector<std::string>>& ids);
    base::Result<std::vector<store::BroadcastDestination>> own_choice(const store::Livestream& livestream);
    // With `changes_` held.
    base::Result<std::string> begin(const StreamRef& stream, Wish wish);
    base::Result<std::string> begin_or_adopt(const StreamRef& stream, Wish wish);
    base::Result<> mark_live(Running& running);
    // By the wish itself, its livestream or its profile.
    base::Result<bool> is_recorded(const StreamRef& stream, const Wish& wish);
    // Once the encoder is there. Only a database that is away is an error: a show goes on without its
    // recording.
    base::Result<> record_session(const store::Broadcast& session);

    // -- broadcast_desired.cpp; all with `changes_` held
    // Reads the destinations' rows and settles which are tried; edits the record's outcomes and `skipped`.
    base::Result<std::vector<output::DesiredOutput>> plan(Running& running);
    // Plans, writes what changed, and hands it to the engine.
    base::Result<> sync(const std::string& session_id);
    base::Result<> end(const std::string& session_id, const std::string& reason);
    base::Result<> end_livestream(const std::string& id, LivestreamStatus to, const std::string& reason);
    base::Result<> add(const std::string& session_id, const store::Destination& destination);
    base::Result<> remove(const std::string& session_id, const std::string& destination_id,
                          const std::string& why);

    // -- broadcast_events.cpp; the router's thread
    base::Result<> apply(const media::IngestStarted& event);
    base::Result<> apply(const media::IngestChanged& event);
    base::Result<> apply(const media::IngestLost& event);
    base::Result<> apply(const media::StreamEnded& event);
    base::Result<> apply(const media::PublishRefused& event);
    base::Result<> apply(const media::OutputChanged& event);
    base::Result<> apply(const media::OutputEnded& event);
    // Writes what the engine says of one destination. `final`: its last word.
    base::Result<> record(const media::OutputStatus& status, bool final);
    // Between reports: what a crash would lose. A failure is made good by the next time.
    void write_counters(const media::OutputStatus& status);
    std::optional<std::string> owner_of(const std::string& stream_id);

    // -- broadcast_health.cpp
    void check_health(const std::string& session_id);
    // The same for facts that come by the hundred: at once, and then once in `health_pause` by the tick, or
    // when somebody asks.
    void check_health_soon(const std::string& session_id);
    HealthInput health_input(const Running& running) const;
    // What moves all the time: one event for all destinations of a session that has been live.
    void tell_metrics(const Running& running) const;
    BandwidthAdvice bandwidth(const std::vector<store::Destination>& destinations,
                              const std::optional<media::IngestFacts>& source) const;

    // -- broadcast_view.cpp
    Session view(const store::Broadcast& record) const;
    base::Result<Session> detail(const std::string& session_id);
    std::optional<IngestState> ingest_state(const std::string& stream_id) const;
    // For this actor, who manages the stream.
    base::Result<LiveAnswer> live_answer(const Actor& actor, const StreamRef& stream,
                                         const std::string& session_id);

    // -- the map
    std::optional<Running> find(const std::string& session_id) const;
    std::optional<Running> find_stream(const std::string& stream_id) const;
    std::optional<Running> find_livestream(const std::string& livestream_id) const;
    std::vector<Running> all() const;
    // Writes the session back into the map and onto the board.
    void keep(Running running);
    void forget(const std::string& session_id);
    // Edits a running session in the map; nothing when it is gone.
    template <class Edit>
    void edit(const std::string& session_id, Edit change) {
        const std::lock_guard lock(state_);
        if (const auto found = running_.find(session_id); found != running_.end()) change(found->second);
    }

    // Something of a running session, without a copy of all its destinations; nothing when it is gone.
    template <class Look>
    auto look(const std::string& session_id, Look at) const
        -> std::optional<std::invoke_result_t<Look&, const Running&>> {
        const std::lock_guard lock(state_);
        const auto found = running_.find(session_id);
        if (found == running_.end()) return std::nullopt;
        return at(found->second);
    }

    // A line of the session's history.
    base::Result<> note(const std::string& session_id, const std::string& kind, const std::string& severity,
                        const std::string& message, std::optional<std::string> destination_id = std::nullopt);

    Context& context;
    const BroadcastSettings settings;
    const InstanceLimits limits;
    RecordingService* const recordings;  // null where nothing is recorded
    HealthBook health;
    std::mutex changes_;

  private:
    mutable std::mutex state_;
    std::map<std::string, Running> running_;
};

}  // namespace service
