// PlaybackDesk: where every player comes by. It finds what a playback id stands for, holds gated and private
// media to their rights, counts who watches, and hands the question on to whoever has the bytes. Owned by
// app/, made before what listens; any thread, and a player's question never waits for SQL on the caller's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/limit_hits.h"
#include "base/memory_gauge.h"
#include "media/play_permit.h"
#include "service/audience.h"
#include "service/playback.h"
#include "service/playback_directory.h"
#include "service/playback_rights.h"
#include "service/playback_sessions.h"
#include "service/settings.h"

namespace output {
class LiveHls;
class LiveFlv;
}  // namespace output

namespace service {

struct Context;
class Replays;
class WorkerPool;

struct PlaybackSettings {
    PlaybackDirectorySettings directory = {};
    PlaybackRightSettings rights = {};
    PlaybackSessionSettings sessions = {};
    AudienceSettings audience = {};
    // How long a connection that plays a gated stream goes on when its right cannot be asked for.
    std::chrono::milliseconds unasked{4'000};
};

// Who has the bytes. All outlive the desk's stop().
struct PlaybackMedia {
    output::LiveHls& hls;
    output::LiveFlv& flv;
    // Null where there are no recordings.
    Replays* replays = nullptr;
    // The newest picture of a stream, from memory; may be empty.
    std::function<std::optional<media::Content>(const std::string& stream_id)> poster = {};
    // Where it is short, nobody new is let in. Null: it is not looked at.
    const base::MemoryGauge* memory = nullptr;
};

struct PlaybackFigures {
    Audience::Figures audience;
    std::size_t sessions = 0;      // of gated and private media, open now
    std::size_t rights = 0;        // remembered
    std::size_t playback_ids = 0;  // remembered
    std::size_t permits = 0;       // connections that play, RTMP and FLV
};

class PlaybackDesk final : public PlaybackService {
  public:
    // Workers run the SQL; everything else given outlives their last task.
    PlaybackDesk(Context& context, PlaybackMedia media, WorkerPool& workers, base::LimitHits& hits,
                 const BroadcastSettings& broadcasts, const PlaybackSettings& settings);
    ~PlaybackDesk() override;

    void live(LiveQuestion question, Viewer viewer, ContentAnswer answer) override;
    void live_flv(std::string playback_id, Viewer viewer, StreamAnswer answer) override;
    void vod(std::string asset_id, std::string file, Viewer viewer, ContentAnswer answer) override;
    base::Result<PlaybackCard> card(const Actor& actor, const std::string& playback_id,
                                    const Viewer& viewer) override;

    // For connections that stay: they hold the permit, and end when it is revoked.
    struct Admission {
        std::string stream_id;
        std::shared_ptr<media::PlayPermit> permit;
    };
    // Answers once, at once or on a worker. Errors as those of live().
    void admit(std::string playback_id, Viewer viewer, std::function<void(base::Result<Admission>)> answer);

    // About every second, on one thread, which may wait for SQL: counts viewers, and asks again whether those
    // who play may go on.
    void tick();
    PlaybackFigures figures() const;
    // After what listens has stopped: nobody is answered any more.
    void stop();

  private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace service
