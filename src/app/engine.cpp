#include "app/engine.h"

#include "app/destination_access.h"
#include "app/part_settings.h"

namespace app {
namespace {

// How exactly grace periods end.
constexpr std::chrono::milliseconds desk_interval{100};

}  // namespace

Engine::Engine(const config::Config& config, media::EventSink& events, base::LimitHits& hits,
               const base::Clock& time, const base::Logger& log, net::TlsClientContext tls)
    : clock(time),
      pool(static_cast<std::size_t>(config.media_threads)),
      audience_core(pool.size(), "audience"),
      registry(hub::FrameLogSettings{}),
      feeds(output::cmaf::FeedSettings{}, pool, registry, clock, log),
      hls(hls_settings(config), feeds, registry, audience_core, hits, clock, log),
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
    outputs.stop();
    feeds.stop();
    pool.core(0).run([this] { desk_timer_.reset(); });
}

void Engine::stop_loops() {
    pool.stop();
    audience_core.stop();
}

}  // namespace app
