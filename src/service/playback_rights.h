// PlaybackRights: may this user watch this gated or private show, or this private recording? Decided on
// workers, and remembered for seconds, so that a player's every question costs a look into memory. A change
// that goes through the use-cases counts at once, since it raises the board's revision; any other within
// three seconds. Owned by PlaybackDesk, safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/limit_hits.h"
#include "base/result.h"

namespace service {

struct Context;
class Replays;
class WorkerPool;

struct PlaybackRightSettings {
    // What is older is asked for again while it is still believed,
    std::chrono::milliseconds renewal{1'000};
    // and what is older than this is not believed any more.
    std::chrono::milliseconds believed{3'000};
    // Questions that are remembered at the same time.
    std::size_t max_known = 50'000;
};

class PlaybackRights {
  public:
    using Answer = std::function<void(base::Result<>)>;

    // `replays` is null where there are no recordings. All outlive the workers' last task.
    PlaybackRights(Context& context, Replays* replays, WorkerPool& workers, base::LimitHits& hits,
                   PlaybackRightSettings settings);
    ~PlaybackRights();

    // `what` is a livestream's or a recording's id. Answers at once from memory, or later on a worker.
    // Errors: forbidden `playback_refused`; not_found; unavailable when the store cannot be asked.
    void ask(const std::string& user_id, const std::string& what, Answer answer);
    // The same now, on a thread that may block on SQL.
    base::Result<> check(const std::string& user_id, const std::string& what);

    void sweep();
    std::size_t count() const;
    // Forgets who waits; nobody is answered any more.
    void stop();

  private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace service
