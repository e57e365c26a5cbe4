// Engine: all that moves media, from the encoders' desk to whoever takes a stream. Owned by Server, which
// starts and stops what listens; the main thread.
#pragma once

#include "app/config/config.h"
#include "app/memory_watch.h"
#include "base/clock.h"
#include "base/limit_hits.h"
#include "base/log.h"
#include "hub/registry.h"
#include "ingest/stream_desk.h"
#include "media/event_sink.h"
#include "net/dialer.h"
#include "net/io_pool.h"
#include "output/cmaf/feeds.h"
#include "output/cmaf/number_file.h"
#include "output/hls/server.h"
#include "output/player/flv_players.h"
#include "output/player/rtmp_players.h"
#include "output/record/recorder.h"
#include "output/rtmp/supervisor.h"
#include "transcode/live_thumbnails.h"
#include "transcode/thumbnailer.h"

namespace app {

// In the order of construction: each part uses only what stands above it, and goes before it.
struct Engine {
    // All references outlive it.
    Engine(const config::Config& config, media::EventSink& events, base::LimitHits& hits,
           const base::Clock& clock, const base::Logger& log, net::TlsClientContext tls);

    // The desk's clockwork.
    void start();
    // About every second, on a thread that may wait for a disk.
    void tick();
    // Those who wait for media are answered, and no player gets more.
    void stop_playback();
    // Platforms get a proper end of stream, recordings theirs.
    void stop();
    // After the last event was applied.
    void stop_loops();

    const base::Clock& clock;

    base::MemoryGauge memory;
    net::IoPool pool;
    // Where players' questions wait and their readers are woken, so that no media thread spends time on it.
    net::Core audience_core;
    hub::Registry registry;
    output::cmaf::NumberFile numbers;
    // Before streams open.
    output::cmaf::Feeds feeds;
    output::hls::Server hls;
    output::record::Recorder recorder;
    output::player::FlvPlayers flv;
    std::shared_ptr<ingest::StreamDesk> desk;
    net::Dialer dialer;
    output::rtmp::Supervisor outputs;
    output::player::RtmpPlayers players;
    transcode::Thumbnailer thumbnailer;
    transcode::LiveThumbnails thumbnails;

  private:
    void tick_desk();
    void watch_memory();

    std::unique_ptr<net::Timer> desk_timer_;  // of the first core
    MemoryWatch memory_watch_;                // on the audience's core
    std::unique_ptr<net::Timer> memory_timer_;
};

}  // namespace app
