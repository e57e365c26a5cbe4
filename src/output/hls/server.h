// Server: live HLS of all streams. A stream is packaged while somebody asks for it, and kept ready while it
// is packaged for another reason. Implements LiveHls for services; any thread; app/ owns it.
#pragma once

#include "base/limit_hits.h"
#include "output/cmaf/feeds.h"
#include "output/hls/settings.h"
#include "output/live_hls.h"

namespace output::hls {

class Server final : public LiveHls {
  public:
    struct Facts {
        std::size_t streams = 0;
        std::uint64_t bytes_held = 0;  // in memory, by readers too
        std::size_t waiting = 0;       // questions
        std::uint64_t segments_made = 0;
        std::uint64_t parts_lost = 0;  // that could not be stored
        std::uint64_t texts_made = 0;  // playlists; each may be handed out often
    };

    // `loop` is where waiting questions are answered and time passes: not one that media waits for. All
    // references outlive it; it attends `feeds` for good. stop() it before those and the loops.
    Server(const Settings& settings, cmaf::Feeds& feeds, hub::Registry& registry, net::Loop& loop,
           base::LimitHits& limits, const base::Clock& clock, base::Logger log);
    ~Server() override;

    void ask(HlsQuestion question, Answer answer) override;
    Facts facts() const;
    // Lets the oldest segments go until about so many bytes of memory are free, where that many can: what is
    // listed stays three target durations long.
    void shed(std::uint64_t bytes);
    // Whoever waits is answered, and every stream let go.
    void stop();

  private:
    class Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace output::hls
