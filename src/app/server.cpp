#include "app/server.h"

#include "api/server.h"
#include "app/addresses.h"
#include "app/config/setting.h"
#include "app/data_folder.h"
#include "app/destination_access.h"
#include "app/foundation.h"
#include "app/limits.h"
#include "app/metrics.h"
#include "app/version.h"
#include "hub/registry.h"
#include "ingest/rtmp/server.h"
#include "ingest/stream_desk.h"
#include "net/dialer.h"
#include "net/io_pool.h"
#include "output/player/rtmp_players.h"
#include "output/rtmp/supervisor.h"
#include "service/accounts.h"
#include "service/api_tokens.h"
#include "service/broadcasts.h"
#include "service/destinations.h"
#include "service/event_router.h"
#include "service/ingest_gate.h"
#include "service/livestreams.h"
#include "service/profiles.h"
#include "service/services.h"
#include "service/stations.h"
#include "service/streaming_hooks.h"
#include "service/users.h"
#include "service/worker_pool.h"

namespace app {
namespace {

// The gate's questions are one indexed query each; more threads would only queue at the database.
constexpr std::size_t gate_threads = 2;
// How exactly grace periods end.
constexpr std::chrono::milliseconds desk_interval{100};
constexpr std::chrono::milliseconds event_patience{1'500};
// Requests that are being answered at the end: a little longer than any call to the database.
constexpr std::chrono::milliseconds request_patience{1'700};
// A page that loads asks for many things at once.
constexpr double burst_seconds = 4;

service::AccountSettings account_settings(const config::Config& config) {
    service::AccountSettings settings;
    settings.registration =
        config.registration == "open" ? service::Registration::open : service::Registration::closed;
    settings.default_role =
        config.default_role == "viewer" ? service::Role::viewer : service::Role::broadcaster;
    return settings;
}

service::BroadcastSettings broadcast_settings(const config::Config& config) {
    const Addresses here = addresses(config);
    service::BroadcastSettings settings;
    settings.rtmp_url = here.rtmp;
    settings.public_url = here.web;
    settings.grace = std::chrono::seconds(config.grace_s);
    settings.restart_grace = std::chrono::seconds(config.restart_grace_s);
    settings.allow_private_addresses = config.allow_private_addresses;
    settings.uplink_kbps = config.uplink_kbps;
    settings.flush_window = std::chrono::milliseconds(config.flush_window_ms);
    return settings;
}

service::InstanceLimits instance_limits(const config::Config& config) {
    service::InstanceLimits limits;
    limits.destinations_per_user = static_cast<std::size_t>(config.max_destinations);
    limits.destinations_per_broadcast = limits.destinations_per_user;
    return limits;
}

service::GateSettings gate_settings(const config::Config& config) {
    service::GateSettings settings;
    settings.takeover = config.takeover;
    settings.grace = std::chrono::seconds(config.grace_s);
    settings.hook_secret = config.hook_secret;
    return settings;
}

net::AcceptorSettings acceptor_settings(const config::Config& config, const std::string& listen) {
    const config::HostPort address = config::parse_host_port(listen).value_or(config::HostPort{});
    net::AcceptorSettings settings;
    settings.host = address.host;
    settings.port = address.port;
    settings.max_connections = static_cast<std::size_t>(config.max_connections);
    settings.max_per_address = static_cast<std::size_t>(config.max_connections_per_address);
    return settings;
}

ingest::rtmp::ServerSettings rtmp_settings(const config::Config& config) {
    ingest::rtmp::ServerSettings settings;
    settings.rtmp = acceptor_settings(config, config.rtmp);
    if (!config.tls_certificate.empty() && config.rtmps != config::off)
        settings.rtmps = acceptor_settings(config, config.rtmps);
    settings.certificate_file = config.tls_certificate;
    settings.key_file = config.tls_key;
    return settings;
}

api::Settings api_settings(const config::Config& config) {
    api::Settings settings;
    settings.http.listen = config.http;
    settings.http.stop_deadline = request_patience;
    if (config.https) {
        settings.http.certificate_file = config.tls_certificate;
        settings.http.key_file = config.tls_key;
    }
    settings.worker_threads = static_cast<std::size_t>(config.api_threads);
    settings.allowed_origins = config.cors_origins;
    settings.trusted_proxies = config.trusted_proxies;
    settings.rate.per_second = static_cast<double>(config.requests_per_second);
    settings.rate.burst = settings.rate.per_second * burst_seconds;
    settings.system.metrics_token = config.metrics_token;
    settings.system.version = version;
    return settings;
}

base::Result<> check_together(const config::Config& config) {
    const auto wrong = [](const char* text) { return base::fail(base::ErrorCode::invalid_argument, text); };
    if (config.http == config::off) return wrong("http: the web port cannot be switched off");
    if (config.tls_certificate.empty() != config.tls_key.empty())
        return wrong("tls_certificate and tls_key belong together: set both, or neither");
    if (config.https && config.tls_certificate.empty())
        return wrong("https needs a certificate: set tls_certificate and tls_key");
    return check_destination_access(config);
}

}  // namespace

// In the order of construction: each part uses only what stands above it, and goes before it.
struct Server::Parts {
    Parts(const config::Config& c, base::Logger l, DataFolder f, std::unique_ptr<Foundation> b,
          net::TlsClientContext tls)
        : config(c),
          log(std::move(l)),
          folder(std::move(f)),
          foundation(std::move(b)),
          router(log),
          pool(static_cast<std::size_t>(config.media_threads)),
          registry(hub::FrameLogSettings{}),
          desk(std::make_shared<ingest::StreamDesk>(registry, router, foundation->clock(), log)),
          dialer(dialer_settings(config), resolver_settings(config), std::move(tls)),
          outputs(output::rtmp::SupervisorSettings{}, pool, dialer, registry, router, foundation->clock(),
                  log),
          players(output::player::PlayerSettings{}, pool, foundation->clock(), log),
          context(foundation->context(outputs, *desk)),
          gate_workers(gate_threads, gate_queue),
          gate(foundation->store(), foundation->board(), gate_workers, foundation->clock(),
               gate_settings(config)),
          accounts(context, account_settings(config)),
          api_tokens(context, account_settings(config)),
          broadcasts(context, broadcast_settings(config), instance_limits(config)),
          users(context, &broadcasts),
          stations(context, broadcasts, broadcast_settings(config), instance_limits(config)),
          livestreams(context, broadcasts, broadcast_settings(config), instance_limits(config)),
          destinations(context, broadcasts, instance_limits(config)),
          profiles(context, instance_limits(config)),
          hooks(gate, broadcasts, gate_settings(config)) {}

    base::Result<> start();
    base::Result<> start_api();
    void tick_desk();
    void stop();

    service::Services services() {
        return {accounts,     api_tokens, users,      stations, livestreams,
                destinations, profiles,   broadcasts, hooks,    foundation->events()};
    }

    const config::Config config;
    base::Logger log;
    DataFolder folder;
    std::unique_ptr<Foundation> foundation;
    const std::shared_ptr<base::LimitHits> hits = std::make_shared<base::LimitHits>();

    // The engine
    service::EventRouter router;
    net::IoPool pool;
    hub::Registry registry;
    std::shared_ptr<ingest::StreamDesk> desk;
    net::Dialer dialer;
    output::rtmp::Supervisor outputs;
    output::player::RtmpPlayers players;

    // The use-cases
    service::Context context;
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
    std::unique_ptr<net::Timer> desk_timer;  // of the first core
    std::unique_ptr<ingest::rtmp::Server> rtmp;
    std::unique_ptr<Metrics> metrics;
    std::unique_ptr<api::Server> api;
    bool stopped = false;
};

base::Result<> Server::Parts::start() {
    auto code = accounts.prepare_setup_code();
    if (!code) return base::fail(std::move(code.error()));
    setup_code = std::move(*code);

    // Broadcasts of before the stop are wanted again before the first encoder can return.
    if (auto resumed = broadcasts.resume(); !resumed) return resumed;
    router.start([this](const media::Event& event) { return broadcasts.on_event(event); },
                 [this] { broadcasts.tick(); });
    desk_timer = pool.core(0).make_timer([this] { tick_desk(); });
    pool.core(0).post([this] { tick_desk(); });

    if (config.rtmp != config::off) {
        const auto adopt = [this](ingest::rtmp::PlayerHandover player) {
            players.adopt(player.core, std::move(player.transport), std::move(player.slot),
                          std::move(player.session), std::move(player.stream));
        };
        auto listening = ingest::rtmp::Server::start(rtmp_settings(config), pool, desk, gate, registry,
                                                     foundation->clock(), log, *hits, adopt);
        if (!listening) return base::fail(std::move(listening.error()));
        rtmp = std::move(*listening);
    }
    return start_api();
}

base::Result<> Server::Parts::start_api() {
    api::Settings settings = api_settings(config);
    settings.http.hits = hits;
    metrics = std::make_unique<Metrics>(
        Metrics::Sources{*desk, outputs, rtmp.get(), players, foundation->board(), router,
                         foundation->events(), *hits, foundation->clock()},
        limits({rtmp_settings(config), output::rtmp::SupervisorSettings{}, output::player::PlayerSettings{},
                dialer_settings(config), settings, account_settings(config), instance_limits(config),
                gate_settings(config)}));
    settings.system.metrics = [this] { return metrics->text(); };
    settings.observe = [this](const api::RequestRecord& request) { metrics->observe(request); };
    settings.system.ready_checks.push_back({"database", [this]() -> base::Result<> {
                                                if (auto health = foundation->store().health(); !health)
                                                    return base::fail(std::move(health.error()));
                                                return {};
                                            }});
    api = std::make_unique<api::Server>(std::move(settings), services(), nullptr, foundation->clock(), log);
    return api->start();
}

void Server::Parts::tick_desk() {
    desk->tick(foundation->clock().now());
    if (desk_timer) desk_timer->start(net::next_beat(pool.core(0).now(), desk_interval));
}

void Server::Parts::stop() {
    if (stopped) return;
    stopped = true;
    if (api) api->stop();
    if (rtmp) rtmp->stop();
    players.stop();
    outputs.stop();
    pool.core(0).run([this] { desk_timer.reset(); });
    // The last words of the engine still reach the database.
    router.stop(event_patience);
    pool.stop();
}

base::Result<std::unique_ptr<Server>> Server::start(const config::Config& config, base::Logger log) {
    if (auto fits = check_together(config); !fits) return base::fail(std::move(fits.error()));
    auto folder = DataFolder::take(config.data_dir);
    if (!folder) return base::fail(std::move(folder.error()));
    auto foundation = Foundation::open(config, log);
    if (!foundation) return base::fail(std::move(foundation.error()));
    auto tls = net::TlsClientContext::make(config.destination_ca_file);
    if (!tls) return base::fail(std::move(tls.error()));

    auto parts =
        std::make_unique<Parts>(config, log, std::move(*folder), std::move(*foundation), std::move(*tls));
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
