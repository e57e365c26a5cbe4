#include "app/engine.h"

#include "app/data_folder.h"
#include "app/destination_access.h"
#include "app/part_settings.h"
#include "app/process/memory.h"
#include "output/record/posix_disk.h"

namespace app {
namespace {

// How exactly grace periods end.
constexpr std::chrono::milliseconds desk_interval{100};
// What a disk is waited for at the end. Files that it does not close in time are mended at the next start.
constexpr std::chrono::milliseconds disk_patience{1'800};

// Two groups of pictures: whoever begins to package a stream has a whole segment at once.
hub::FrameLogSettings frame_log_settings() {
    hub::FrameLogSettings settings;
    settings.groups = 2;
    return settings;
}

output::rtmp::SupervisorSettings output_settings(const base::MemoryGauge& memory) {
    output::rtmp::SupervisorSettings settings;
    settings.retry.memory = &memory;
    return settings;
}

}  // namespace

Engine::Engine(const config::Config& config, media::EventSink& events, base::LimitHits& hits,
               const base::Clock& time, const base::Logger& log, net::TlsClientContext tls)
    : clock(time),
      memory(memory_bound(config)),
      pool(static_cast<std::size_t>(config.media_threads)),
      audience_core(pool.size(), "audience"),
      registry(frame_log_settings()),
      numbers(DataFolder::numbers_file(config.data_dir), log),
      feeds(output::cmaf::FeedSettings{}, pool, registry, clock, log),
      hls(hls_settings(config), feeds, registry, audience_core, hits, clock, log),
      recorder(output::record::RecorderSettings{},
               std::make_unique<output::record::PosixDisk>(DataFolder::recordings(config.data_dir)), feeds,
               events, clock, log),
      flv(output::player::FlvPlayerSettings{}, audience_core, registry),
      desk(std::make_shared<ingest::StreamDesk>(registry, events, clock, log)),
      dialer(dialer_settings(config), resolver_settings(config), std::move(tls)),
      outputs(output_settings(memory), pool, dialer, registry, events, clock, log),
      players(output::player::PlayerSettings{}, pool, memory, clock, log),
      thumbnailer(transcode::ThumbnailerSettings{}),
      thumbnails(thumbnailer, registry, clock, log, transcode::LiveThumbnailSettings{}),
      // Segments lie in files without a name, which no process is said to hold.
      memory_watch_(memory,
                    {[this] { return process::own_memory() + hls.facts().bytes_held; },
                     [this](std::uint64_t bytes) { hls.shed(bytes); }},
                    clock, log) {
    feeds.number_above(numbers.kept());
}

void Engine::start() {
    desk_timer_ = pool.core(0).make_timer([this] { tick_desk(); });
    pool.core(0).post([this] { tick_desk(); });
    memory_timer_ = audience_core.make_timer([this] { watch_memory(); });
    audience_core.post([this] { watch_memory(); });
}

void Engine::tick_desk() {
    desk->tick(clock.now());
    if (desk_timer_) desk_timer_->start(net::next_beat(pool.core(0).now(), desk_interval));
}

void Engine::watch_memory() {
    memory_watch_.look();
    if (memory_timer_) memory_timer_->start(net::next_beat(audience_core.now(), memory_interval));
}

void Engine::tick() {
    if (const std::uint64_t last = feeds.last_msn(); last > 0) numbers.keep(last);
}

void Engine::stop_playback() {
    hls.stop();
    flv.stop();
    thumbnailer.stop();
}

void Engine::stop() {
    players.stop();
    // Before what may wait for platforms: a file that is closed needs no mending.
    recorder.stop_all(disk_patience);
    outputs.stop();
    feeds.stop();
    pool.core(0).run([this] { desk_timer_.reset(); });
    audience_core.run([this] { memory_timer_.reset(); });
}

void Engine::stop_loops() {
    pool.stop();
    audience_core.stop();
    numbers.finish(feeds.last_msn());
}

}  // namespace app
