// PlaybackDirectory: which station or livestream a playback id belongs to. What was asked once is known; what
// is unknown is looked up on workers, by so many at a time and so often per address, since playback ids are
// random and whoever asks for many is guessing. Owned by PlaybackDesk, safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/limit_hits.h"
#include "base/result.h"
#include "service/live_board.h"

namespace service {

struct Context;
class WorkerPool;

struct PlaybackDirectorySettings {
    std::size_t max_known = 50'000;
    std::size_t max_unknown = 10'000;
    // How long an id that was not there is answered without looking again.
    std::chrono::milliseconds unknown_for{5'000};
    // Lookups that wait for the store at the same time.
    std::size_t max_lookups = 256;
    // Ids that are not there, from one address within a minute; then it waits.
    std::size_t guesses_per_minute = 120;
};

// The same for what was never there and for what is not to be known.
base::Error playback_not_found();

struct PlaybackPlace {
    // A station's or a livestream's.
    std::string id;
    LivePlace live;
};

class PlaybackDirectory {
  public:
    using Answer = std::function<void(base::Result<PlaybackPlace>)>;

    // All outlive the workers' last task.
    PlaybackDirectory(Context& context, WorkerPool& workers, base::LimitHits& hits,
                      PlaybackDirectorySettings settings);
    ~PlaybackDirectory();

    // Answers at once from memory, or later on a worker. Errors: not_found; rate_limited; unavailable.
    void find(const std::string& playback_id, const std::string& client_address, Answer answer);
    // What memory says of it; nothing when it has to be looked up.
    std::optional<base::Result<PlaybackPlace>> known_now(const std::string& playback_id) const;
    // The same now, on a thread that may block on SQL, and without counting guesses.
    base::Result<PlaybackPlace> find_now(const std::string& playback_id);

    std::size_t known() const;
    // Nobody is answered any more.
    void stop();

  private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace service
