#include "app/server.h"

#include "api/pages/app.h"
#include "api/pages/describe.h"
#include "api/server.h"
#include "app/addresses.h"
#include "app/config/setting.h"
#include "app/data_folder.h"
#include "app/destination_access.h"
#include "app/engine.h"
#include "app/foundation.h"
#include "app/limits.h"
#include "app/metrics.h"
#include "app/part_settings.h"
#include "app/recording_pictures.h"
#include "ingest/rtmp/server.h"
#include "service/accounts.h"
#include "service/api_tokens.h"
#include "service/broadcasts.h"
#include "service/destinations.h"
#include "service/event_router.h"
#include "service/ingest_gate.h"
#include "service/livestreams.h"
#include "service/object_store.h"
#include "service/playback_desk.h"
#include "service/profiles.h"
#include "service/recordings.h"
#include "service/services.h"
#include "service/stations.h"
#include "service/streaming_hooks.h"
#include "service/users.h"
#include "service/worker_pool.h"
#include "storage/object_url.h"

namespace app {
namespace {

// The gate's questions are one indexed query each; more threads would only queue at the database.
constexpr std::size_t gate_threads = 2;
// Players' questions that memory does not answer, and the posters of recordings.
constexpr std::size_t playback_threads = 2;
constexpr std::size_t playback_queue = 4'096;
constexpr std::chrono::milliseconds event_patience{1'500};
base::Result<> check_together(const config::Config& config) {
    const auto wrong = [](const char* text) { return base::fail(base::ErrorCode::invalid_argument, text); };
    if (config.http == config::off) return wrong("http: the web port cannot be switched off");
    if (config.tls_certificate.empty() != config.tls_key.empty())
        return wrong("tls_certificate and tls_key belong together: set both, or neither");
    if (config.https && config.tls_certificate.empty())
        return wrong("https needs a certificate: set tls_certificate and tls_key");
    return check_destination_access(config);
}

// What pages load media from besides this server.
std::vector<std::string> media_origins(const config::Config& config) {
    if (config.s3_bucket.empty()) return {};
    const auto bucket = storage::bucket_url(object_store_settings(config));
    if (!bucket) return {};
    return {bucket->scheme + "://" + bucket->host};
}

base::Result<std::unique_ptr<service::ObjectStore>> object_store(const config::Config& config) {
    if (config.s3_bucket.empty()) return nullptr;
    auto client = storage::Client::create(object_store_settings(config));
    if (!client)
        return base::fail(client.error().code,
                          "s3_bucket: recordings cannot be moved: " + client.error().message);
    return std::make_unique<service::BucketStore>(std::move(*client));
}

}  // namespace

// In the order of construction: each part uses only what stands above it, and goes before it.
struct Server::Parts {
    Parts(const config::Config& c, base::Logger l, DataFolder f, std::unique_ptr<Foundation> b,
          net::TlsClientContext tls, std::unique_ptr<service::ObjectStore> o)
        : config(c),
          log(std::move(l)),
          folder(std::move(f)),
          foundation(std::move(b)),
          router(log),
          engine(config, router, *hits, foundation->clock(), log, std::move(tls)),
          context(foundation->context(engine.outputs, *engine.desk)),
          pictures(engine.thumbnails),
          objects(std::move(o)),
          recordings(context, engine.recorder, recording_settings(config), {&pictures, objects.get()}),
          playback_workers(playback_threads, playback_queue),
          playback(context,
                   {engine.hls, engine.flv, &recordings,
                    [this](const std::string& stream_id) { return engine.thumbnails.poster(stream_id); },
                    &engine.memory},
                   playback_workers, *hits, broadcast_settings(config), playback_settings(config)),
          gate_workers(gate_threads, gate_queue),
          gate(foundation->store(), foundation->board(), gate_workers, foundation->clock(),
               gate_settings(config), &playback),
          accounts(context, account_settings(config)),
          api_tokens(context, account_settings(config)),
          broadcasts(context, broadcast_settings(config), instance_limits(config), &recordings),
          users(context, &broadcasts),
          stations(context, broadcasts, broadcast_settings(config), instance_limits(config)),
          livestreams(context, broadcasts, broadcast_settings(config), instance_limits(config)),
          destinations(context, broadcasts, instance_limits(config)),
          profiles(context, instance_limits(config)),
          hooks(gate, broadcasts, gate_settings(config)),
          app({.public_url = addresses(config).web, .media_origins = media_origins(config)}),
          pages({.public_url = addresses(config).web, .media_origins = media_origins(config)},
                api::pages::describe_by(&playback, &recordings), app) {}

    base::Result<> start();
    base::Result<> start_api();
    void tick();
    void stop();

    service::Services services() {
        return {accounts,    api_tokens,           users,       stations,
                livestreams, destinations,         profiles,    broadcasts,
                hooks,       foundation->events(), &recordings, &playback};
    }

    const config::Config config;
    base::Logger log;
    DataFolder folder;
    std::unique_ptr<Foundation> foundation;
    const std::shared_ptr<base::LimitHits> hits = std::make_shared<base::LimitHits>();

    service::EventRouter router;
    Engine engine;

    // The use-cases
    service::Context context;
    RecordingPictures pictures;
    const std::unique_ptr<service::ObjectStore> objects;  // null: recordings stay on the disk
    service::RecordingService recordings;
    service::WorkerPool playback_workers;
    service::PlaybackDesk playback;
    service::WorkerPool gate_workers;
    service::IngestGate gate;
    service::AccountService accounts;
    service::ApiTokenService api_tokens;
    service::BroadcastService broadcasts;
    service::UserService users;
    service::StationService stations;
    service::LivestreamService livestreams;
    service::DestinationService destinations;
    service::ProfileService profiles;
    service::StreamingHooks hooks;
    std::optional<base::Secret> setup_code;

    // What listens
    api::pages::App app;
    api::pages::Pages pages;
    std::unique_ptr<ingest::rtmp::Server> rtmp;
    std::unique_ptr<Metrics> metrics;
    std::unique_ptr<api::Server> api;
    bool stopped = false;
};

base::Result<> Server::Parts::start() {
    auto code = accounts.prepare_setup_code();
    if (!code) return base::fail(std::move(code.error()));
    setup_code = std::move(*code);

    if (auto resumed = recordings.resume(); !resumed) return resumed;
    // Broadcasts of before the stop are wanted again before the first encoder can return.
    if (auto resumed = broadcasts.resume(); !resumed) return resumed;
    router.start([this](const media::Event& event) { return broadcasts.on_event(event); },
                 [this] { tick(); });
    engine.start();

    if (config.rtmp != config::off) {
        const auto adopt = [this](ingest::rtmp::PlayerHandover player) {
            engine.players.adopt(player.core, std::move(player.transport), std::move(player.slot),
                                 std::move(player.session), std::move(player.stream),
                                 std::move(player.permit));
        };
        auto listening = ingest::rtmp::Server::start(rtmp_settings(config), engine.pool, engine.desk, gate,
                                                     engine.registry, foundation->clock(), log, *hits, adopt);
        if (!listening) return base::fail(std::move(listening.error()));
        rtmp = std::move(*listening);
    }
    return start_api();
}

base::Result<> Server::Parts::start_api() {
    api::Settings settings = api_settings(config);
    settings.http.hits = hits;
    metrics = std::make_unique<Metrics>(
        Metrics::Sources{engine, rtmp.get(), playback, recordings, foundation->board(), router,
                         foundation->events(), *hits, foundation->clock()},
        limits({rtmp_settings(config),
                output::rtmp::SupervisorSettings{},
                output::player::PlayerSettings{},
                dialer_settings(config),
                settings,
                account_settings(config),
                instance_limits(config),
                gate_settings(config),
                hls_settings(config),
                {},
                playback_settings(config),
                engine.memory.limit()}));
    settings.system.metrics = [this] { return metrics->text(); };
    settings.observe = [this](const api::RequestRecord& request) { metrics->observe(request); };
    settings.system.ready_checks.push_back({"database", [this]() -> base::Result<> {
                                                if (auto health = foundation->store().health(); !health)
                                                    return base::fail(std::move(health.error()));
                                                return {};
                                            }});
    if (objects)
        settings.system.ready_checks.push_back({"object store",
                                                [this]() -> base::Result<> {
                                                    if (recordings.archive_is_well()) return {};
                                                    return base::fail(base::ErrorCode::unavailable,
                                                                      "recordings do not reach it");
                                                },
                                                false});
    api = std::make_unique<api::Server>(std::move(settings), services(), &pages, foundation->clock(), log,
                                        &playback);
    return api->start();
}

// On the router's thread.
void Server::Parts::tick() {
    engine.tick();
    broadcasts.tick();
    recordings.tick();
    playback.tick();
}

void Server::Parts::stop() {
    if (stopped) return;
    stopped = true;
    // Who waits is answered, so that the API has nobody to wait for.
    engine.stop_playback();
    playback.stop();
    if (api) api->stop();
    pages.stop();
    if (rtmp) rtmp->stop();
    recordings.stop();
    engine.stop();
    // The last words of the engine still reach the database.
    router.stop(event_patience);
    engine.stop_loops();
}

base::Result<std::unique_ptr<Server>> Server::start(const config::Config& config, base::Logger log) {
    if (auto fits = check_together(config); !fits) return base::fail(std::move(fits.error()));
    auto folder = DataFolder::take(config.data_dir);
    if (!folder) return base::fail(std::move(folder.error()));
    auto foundation = Foundation::open(config, log);
    if (!foundation) return base::fail(std::move(foundation.error()));
    auto tls = net::TlsClientContext::make(config.destination_ca_file);
    if (!tls) return base::fail(std::move(tls.error()));
    auto objects = object_store(config);
    if (!objects) return base::fail(std::move(objects.error()));

    auto parts = std::make_unique<Parts>(config, log, std::move(*folder), std::move(*foundation),
                                         std::move(*tls), std::move(*objects));
    std::unique_ptr<Server> server(new Server(std::move(parts)));
    if (auto started = server->parts_->start(); !started) return base::fail(std::move(started.error()));
    return server;
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
    stop();
}

void Server::stop() {
    parts_->stop();
}

const std::optional<base::Secret>& Server::setup_code() const {
    return parts_->setup_code;
}

const std::filesystem::path& Server::new_key_file() const {
    return parts_->foundation->new_key_file();
}

}  // namespace app
