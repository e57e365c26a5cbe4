// RecordingLife: from a session with recording on to a recording that can be replayed. Follows sessions and
// the engine's facts, writes the rows, and mends at start what a crash left. A session that is taken up again
// after a restart goes on in a new recording; the one before is finished as it is. Owned by RecordingService;
// the methods are called from any thread and may block on SQL.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "media/event_sink.h"
#include "service/recordings.h"
#include "store/records.h"

namespace output {
class Recordings;
}

namespace service {

struct Context;
class WorkerPool;

RecordingStatus to_service(store::AssetStatus status);
store::AssetFile to_store(const media::RecordingFile& file);
media::RecordingFile to_media(const store::AssetFile& file);
// Tells the listeners how a recording stands.
void announce(Context& context, const store::Asset& asset);

class RecordingLife {
  public:
    RecordingLife(Context& context, output::Recordings& recordings, WorkerPool& upkeep)
        : context_(context), recordings_(recordings), upkeep_(upkeep) {}

    // The encoder of a session with recording on is there. Again: nothing.
    base::Result<> session_live(const store::Broadcast& session);
    void session_ended(const std::string& session_id);
    std::optional<SessionRecording> of_session(const std::string& session_id) const;
    std::vector<std::string> sessions() const;

    base::Result<> apply(const media::RecordingProgress& event);
    base::Result<> apply(const media::RecordingTrouble& event);
    base::Result<> apply(const media::RecordingStopped& event);

    // Once at start: what was being recorded is mended on a worker.
    base::Result<> resume();
    // Looks after recordings whose end was not told.
    void tick();
    // A line of a session's history.
    base::Result<> note(const std::string& session_id, const std::string& kind, const std::string& severity,
                        const std::string& message);

  private:
    struct Active {
        std::string asset_id;
        std::string session_id;
        std::string owner_id;
        store::AssetStatus status = store::AssetStatus::recording;
        media::RecordingProblem problem = media::RecordingProblem::none;
        std::string message;
        // The row is there.
        bool stored = false;
        // When the engine should have told its end.
        std::optional<base::MonotonicTime> told_by;
    };

    std::optional<Active> find(const std::string& asset_id) const;
    // Writes the files and the status; `files` is empty when there is nothing to replay.
    base::Result<> finish(const std::string& asset_id, const std::vector<media::RecordingFile>& files,
                          const std::string& message);
    void recover_soon(const std::string& asset_id, std::chrono::milliseconds delay);
    void recover(const std::string& asset_id);

    Context& context_;
    output::Recordings& recordings_;
    WorkerPool& upkeep_;
    mutable std::mutex mutex_;
    std::map<std::string, Active> active_;  // by the recording's id
};

}  // namespace service
