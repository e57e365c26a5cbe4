// Broadcasts: one run of one stream to many destinations. Keeps what the owner wants (persisted, and handed
// to the engine), merges it with what the engine reports, and writes the history. Owned by app/, safe from
// any thread: the API's workers call the use-cases, the event router's thread the on_… methods.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "media/event_sink.h"
#include "media/output_status.h"
#include "service/actor.h"
#include "service/destinations.h"
#include "service/health.h"
#include "service/livestream_state.h"
#include "service/page.h"
#include "service/recordings.h"
#include "service/settings.h"
#include "service/stations.h"

namespace service {

struct Context;

enum class SessionStatus : std::uint8_t {
    waiting,      // for its first encoder
    live,         // the encoder is connected
    interrupted,  // the encoder is away, outputs are kept up
    ended,
};

std::string_view to_string(SessionStatus status);

// One destination of a session: what is wanted, merged with what is.
struct SessionEndpoint {
    std::string destination_id;
    std::string platform;
    std::string name;
    media::OutputState state = media::OutputState::unknown;
    media::OutputProblem problem = media::OutputProblem::none;
    std::string detail;
    std::string last_error;
    std::optional<base::WallTime> last_error_at;
    std::optional<base::WallTime> connected_at;
    std::optional<base::WallTime> next_retry_at;
    std::int64_t retry_count = 0;
    media::OutputMetrics metrics;
    // It is not tried, and `detail` says why.
    bool skipped = false;
    // It left the session before the end.
    bool removed = false;
    // pending, connected, completed, failed, removed, skipped: how it came out of the session so far.
    std::string outcome;
    // Distinct things that went wrong, oldest first.
    std::vector<std::string> reasons;
    std::vector<Advice> advice;
};

// One line of what happened: "encoder connected", "the server restarted", "YouTube: connected".
struct SessionEvent {
    base::WallTime at{};
    // Stable: session_started, encoder_connected, encoder_lost, destination_connected, destination_error,
    // destination_added, destination_removed, publish_refused, server_restarted, session_ended,
    // recording_trouble, recording_resumed, recording_space_low, recording_ready, recording_failed.
    std::string kind;
    // "info", "warning", "error"
    std::string severity;
    std::string message;
    // Empty when it concerns the whole session.
    std::string destination_id;
};

// What the encoder sends now.
struct IngestState {
    bool connected = false;
    std::string ingest_id;
    media::IngestFacts facts;
};

struct Session {
    std::string id;
    std::string user_id;
    std::string stream_id;
    std::optional<std::string> station_id;
    std::optional<std::string> livestream_id;
    std::string title;
    std::string description;
    SessionStatus status = SessionStatus::waiting;
    bool recording_enabled = false;
    base::WallTime started_at{};
    // When the first encoder came.
    std::optional<base::WallTime> live_at;
    std::optional<base::WallTime> ended_at;
    std::string end_reason;
    std::int64_t viewer_count = 0;
    std::vector<SessionEndpoint> endpoints;
    // Only in the detail of one session, not in lists: oldest first.
    std::vector<SessionEvent> events;
    std::optional<IngestState> ingest;
    // Of a session with recording on that went live; of one that is over only in its detail.
    std::optional<SessionRecording> recording;
};

// What anybody may know of a running session.
struct PublicSession {
    std::string session_id;
    std::optional<std::string> station_id;
    std::optional<std::string> livestream_id;
    std::string title;
    SessionStatus status = SessionStatus::waiting;
    base::WallTime started_at{};
    std::int64_t viewer_count = 0;
    // Platforms and states alone: no names, no reasons.
    struct Endpoint {
        std::string platform;
        media::OutputState state = media::OutputState::unknown;
    };
    std::vector<Endpoint> endpoints;
};

struct PublicLiveStatus {
    bool is_live = false;
    std::vector<PublicSession> sessions;
};

struct GoLive {
    base::Secret stream_key;
    std::optional<std::string> title = {};
    std::optional<std::string> description = {};
    // Has to be the key's own station when both are known.
    std::optional<std::string> station_id = {};
    bool use_multistream = true;
    // One of the two at most. With neither, the owner's active destinations that belong to this station or to
    // none.
    std::optional<std::string> profile_id = {};
    std::optional<std::vector<std::string>> selected_endpoints = {};
    bool recording_enabled = false;
};

// What the fan-out asks of the server's link.
struct BandwidthAdvice {
    std::int64_t total_kbps = 0;
    // Twice the total: what the link should be able to carry.
    std::int64_t recommended_kbps = 0;
    // What the link carries, by setting; nothing when not known.
    std::optional<std::int64_t> uplink_kbps;
    // The total is from what the encoder sends now, not from what the destinations take at most.
    bool measured = false;
    bool enough = true;
    std::string message;
};

struct LiveAnswer {
    Session session;
    // Where the encoder publishes, without the key.
    std::string ingest_url;
    Playback playback;
    BandwidthAdvice bandwidth;
};

struct SimulcastStart {
    // Pulled sources are not taken yet: a text here is refused with `unsupported` (an invalid_argument, 422).
    std::optional<std::string> input_source = {};
    std::optional<std::vector<std::string>> destination_ids = {};
};

struct SimulcastStatus {
    std::string stream_id;
    // The last session of the stream, running or ended; nothing before its first.
    std::optional<Session> session;
    std::optional<IngestState> ingest;
    BandwidthAdvice bandwidth;
};

struct RtmpStatus {
    std::vector<Session> sessions;
    std::size_t total_active = 0;
};

struct LiveHealth {
    HealthLevel level = HealthLevel::healthy;
    int score = 100;
    std::size_t active_sessions = 0;
    // Sessions by level: nothing that names anybody.
    std::size_t healthy = 0;
    std::size_t degraded = 0;
    std::size_t unhealthy = 0;
};

class BroadcastService {
  public:
    // Without `recordings` nothing is recorded.
    BroadcastService(Context& context, BroadcastSettings settings, InstanceLimits limits,
                     RecordingService* recordings = nullptr);
    ~BroadcastService();

    // -- /api/live
    // A session for the stream of this key, which has to be the actor's; before or after the encoder
    // connects. A session that the encoder's start began is taken over with the new title and destinations.
    // Destinations that cannot be tried are listed as skipped with the reason and never fail the start.
    // Errors: not_found `stream_key_unknown`; conflict `already_live` with sessionId, or what the
    // livestream's state forbids.
    base::Result<LiveAnswer> go_live(const Actor& actor, const GoLive& request);
    base::Result<Session> stop(const Actor& actor, const std::string& session_id);
    // Open to everybody and cheap: from memory. `station_id` empty: all.
    PublicLiveStatus live_status(const std::string& station_id) const;
    LiveHealth live_health() const;

    // -- /api/rtmp/status and /api/multistream/sessions
    // The actor's running sessions; an admin's answer has everybody's.
    base::Result<RtmpStatus> rtmp_status(const Actor& actor);
    base::Result<Page<Session>> history(const Actor& actor, const std::string& station_id,
                                        const PageRequest& page);
    base::Result<Session> find(const Actor& actor, const std::string& session_id);

    // -- /api/simulcast/{streamId}
    base::Result<LiveAnswer> start_stream(const Actor& actor, const std::string& stream_id,
                                          const SimulcastStart& request);
    base::Result<Session> stop_stream(const Actor& actor, const std::string& stream_id);
    base::Result<SimulcastStatus> stream_status(const Actor& actor, const std::string& stream_id);
    // Errors: conflict `not_live` without a running session, as for the two below.
    base::Result<Health> stream_health(const Actor& actor, const std::string& stream_id);
    base::Result<std::vector<SessionEndpoint>> stream_metrics(const Actor& actor,
                                                              const std::string& stream_id);
    // Joins the running session, at a keyframe. Adding one that takes part already changes nothing.
    base::Result<Session> add_destination(const Actor& actor, const std::string& stream_id,
                                          const std::string& destination_id);
    base::Result<Session> remove_destination(const Actor& actor, const std::string& stream_id,
                                             const std::string& destination_id);
    // Tries a failed or waiting destination now.
    base::Result<Session> retry_destination(const Actor& actor, const std::string& session_id,
                                            const std::string& destination_id);
    // What fanning out to these would ask of the link, before going live.
    base::Result<BandwidthAdvice> bandwidth(const Actor& actor,
                                            const std::vector<std::string>& destination_ids);

    // -- for the other use-cases, which have asked the policy already
    // A destination was changed, or is about to be deleted: running sessions follow.
    void destination_changed(const std::string& destination_id);
    base::Result<> destination_removed(const std::string& destination_id);
    // Ends what runs on a stream and disconnects its encoder.
    base::Result<> end_stream(const std::string& stream_id, const std::string& reason);
    // The same for all that this user publishes.
    base::Result<> end_user(const std::string& user_id, const std::string& reason);
    // The livestream becomes `ended` or `cancelled`, and what runs for it ends with it. Errors: conflict when
    // its state does not allow it.
    base::Result<> end_livestream(const std::string& livestream_id, LivestreamStatus to,
                                  const std::string& reason);
    // The stream's key was replaced: the encoder is told and disconnected, and the session waits for its
    // return.
    void cut_encoder(const std::string& stream_id, const std::string& reason);
    std::optional<std::string> session_of_destination(const std::string& destination_id) const;
    // An encoder of this livestream publishes at another RTMP server, or stopped: the livestream becomes live
    // or ends, and nothing is fanned out from here.
    base::Result<> external_started(const std::string& livestream_id);
    base::Result<> external_ended(const std::string& livestream_id);

    // -- for the event router and app/
    // Once at start-up, before the ingest listens: applies the active sessions again and notes that the
    // server restarted.
    base::Result<> resume();
    // One fact of the engine; those about recordings are handed on. An error means: not written, give it to
    // me again.
    base::Result<> on_event(const media::Event& event);
    // About every second: health, the figures that move, encoders that did not come back after a restart,
    // counters for the destinations.
    void tick();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace service
