// What /metrics says, in Prometheus' text format: the process, ingests, outputs, HTTP, queues, limits and how
// often these were reached.
// Labels are ids, platforms and route patterns; never a URL or a key. Owned by Server; any thread.
#pragma once

#include <memory>
#include <string>

#include "api/settings.h"
#include "app/limits.h"
#include "base/clock.h"
#include "base/limit_hits.h"

namespace ingest::rtmp {
class Server;
}
namespace service {
class EventHub;
class EventRouter;
class LiveBoard;
class PlaybackDesk;
class RecordingService;
}  // namespace service

namespace app {

struct Engine;

class Metrics {
  public:
    // All outlive it. `rtmp` may be null (RTMP is off).
    struct Sources {
        const Engine& engine;
        const ingest::rtmp::Server* rtmp;
        const service::PlaybackDesk& playback;
        const service::RecordingService& recordings;
        const service::LiveBoard& board;
        const service::EventRouter& router;
        const service::EventHub& events;
        const base::LimitHits& hits;
        const base::Clock& clock;
    };

    Metrics(const Sources& sources, std::vector<Limit> limits);
    ~Metrics();

    void observe(const api::RequestRecord& request);
    std::string text() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace app
