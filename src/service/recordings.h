// Recordings: sessions that were recorded, to be replayed, described, made private and deleted. Owned by
// app/, safe from any thread: the API's workers call the use-cases, BroadcastService what follows its
// sessions, the event router's thread on_event and tick. Players' questions and upkeep have workers of their
// own, since both wait for the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "media/event_sink.h"
#include "service/actor.h"
#include "service/page.h"
#include "service/recording_settings.h"
#include "service/replays.h"
#include "service/vod_files.h"

namespace store {
struct Asset;
struct Broadcast;
}  // namespace store
namespace output {
class Recordings;
}

namespace service {

struct Context;
class ObjectStore;
class PosterMaker;

// Where they are wanted; they outlive the service.
struct RecordingHelpers {
    // Null: recordings have no pictures.
    PosterMaker* posters = nullptr;
    // Null: recordings stay on the disk.
    ObjectStore* objects = nullptr;
};

enum class RecordingStatus : std::uint8_t {
    recording,
    processing,  // over, and not yet whole
    ready,
    failed,  // nothing of it can be played
};

std::string_view to_string(RecordingStatus status);

// Of a session.
struct SessionRecording {
    std::string asset_id;
    RecordingStatus status = RecordingStatus::recording;
    // What keeps it from being written now, or why it failed; empty while all is well.
    std::string problem;
};

// An asset of the API.
struct Recording {
    std::string id;
    std::string owner_id;
    std::optional<std::string> station_id;
    std::optional<std::string> livestream_id;
    std::optional<std::string> session_id;
    std::string title;
    std::string description;
    // Everybody may watch it once it is ready; otherwise its owner and admins.
    bool open = true;
    RecordingStatus status = RecordingStatus::recording;
    // Why it failed, or what keeps it from being written now; for those who manage it.
    std::string problem;
    base::WallTime recorded_at{};
    std::chrono::milliseconds duration{0};
    std::int64_t size_bytes = 0;
    int width = 0;  // 0 without video
    int height = 0;
    std::string codecs;
    // Once there is something to play. Those of a private one hold a token of the asker's, good for minutes.
    std::optional<std::string> video_url;
    std::optional<std::string> playlist_url;
    std::optional<std::string> thumbnail_url;
    base::WallTime created_at{};
    base::WallTime updated_at{};
};

struct RecordingFilter {
    std::string station_id = {};  // empty: of all
    std::string session_id = {};
    // The actor's own alone.
    bool mine = false;
};

struct RecordingChange {
    std::optional<std::string> title = {};
    std::optional<std::string> description = {};
    std::optional<bool> open = {};
};

class RecordingService final : public Replays {
  public:
    // `recordings` outlives it. Its end waits for what its workers are at.
    RecordingService(Context& context, output::Recordings& recordings, RecordingSettings settings,
                     RecordingHelpers helpers = {});
    ~RecordingService() override;

    // -- /api/vod
    // Signed in: the actor's own, and everybody's that are public and ready; signed out: those alone; an
    // admin: all.
    base::Result<Page<Recording>> list(const Actor& actor, const RecordingFilter& filter,
                                       const PageRequest& page);
    // Errors: not_found also for what the actor may not see.
    base::Result<Recording> find(const Actor& actor, const std::string& id);
    base::Result<Recording> update(const Actor& actor, const std::string& id, const RecordingChange& change);
    // Its files, then its row. Errors: conflict `recording_running` until it is over.
    base::Result<> remove(const Actor& actor, const std::string& id);

    // -- for playback
    // On workers; `unavailable` when too many wait.
    void ask(ReplayQuestion question, Answer answer) override;
    base::Result<ReplayAccess> access(const std::string& asset_id) override;
    // May block on SQL. Errors: not_found.
    base::Result<VodFiles> playable(const std::string& asset_id);

    // -- for BroadcastService
    // The session's encoder is there, and it is to be recorded. Again: nothing.
    base::Result<> session_live(const store::Broadcast& session);
    void session_ended(const std::string& session_id);
    // From memory; nothing for a session that is not recorded, or whose recording is over.
    std::optional<SessionRecording> of_session(const std::string& session_id) const;
    // The last recording of a session that may be over. Nothing without one. May block on SQL.
    base::Result<std::optional<SessionRecording>> last_of_session(const std::string& session_id);

    // -- for the event router and app/
    // Once at start, before BroadcastService::resume: has what a crash left mended on a worker.
    base::Result<> resume();
    // One fact of the engine. An error means: not written, give it to me again.
    base::Result<> on_event(const media::Event& event);
    // About every second.
    void tick();
    // Nothing more is brought to the object store; what runs ends within a second. Again: nothing.
    void stop();
    // All zero without an object store.
    ArchiveFigures archived() const;
    // Recordings reach the object store, as far as is known; also without one.
    bool archive_is_well() const;

  private:
    struct Parts;

    Recording view(const Actor& actor, const store::Asset& asset) const;
    base::Result<> erase(const store::Asset& asset);

    const std::unique_ptr<Parts> parts_;
};

}  // namespace service
