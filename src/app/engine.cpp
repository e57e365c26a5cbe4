#include "app/engine.h"

#include "app/data_folder.h"
#include "app/destination_access.h"
#include "app/part_settings.h"
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

}  // namespace

Engine::Engine(const config::Config& config, media::EventSink& events, base::LimitHits& hits,
               const base::Clock& time, const base::Logger& log, net::TlsClientContext tls)
    : clock(time),
      pool(static_cast<std::size_t>(config.media_threads)),
      audience_core(pool.size(), "audience"),
      registry(frame_log_settings()),
      feeds(output::cmaf::FeedSettings{}, pool, registry, clock, log),
      hls(hls_settings(config), feeds, registry, audience_core, hits, clock, log),
      recorder(output::record::RecorderSettings{},
               std::make_unique<output::record::PosixDisk>(DataFolder::recordings(config.data_dir)), feeds,
               events, clock, log),
      flv(output::player::FlvPlayerSettings{}, audience_core, registry),
      desk(std::make_shared<ingest::StreamDesk>(registry, events, clock, log)),
      dialer(dialer_settings(config), resolver_settings(config), std::move(tls)),
      outputs(output::rtmp::SupervisorSettings{}, pool, dialer, registry, events, clock, log),
      players(output::player::PlayerSettings{}, pool, clock, log),
      thumbnailer(transcode::ThumbnailerSettings{}),
      thumbnails(thumbnailer, registry, clock, log, transcode::LiveThumbnailSettings{}) {}

void Engine::start() {
    desk_timer_ = pool.core(0).make_timer([this] { tick_desk(); });
    pool.core(0).post([this] { tick_desk(); });
}

void Engine::tick_desk() {
    desk->tick(clock.now());
    if (desk_timer_) desk_timer_->start(net::next_beat(pool.core(0).now(), desk_interval));
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
}

void Engine::stop_loops() {
    pool.stop();
    audience_core.stop();
}

}  // namespace app
