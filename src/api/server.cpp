#include "api/server.h"

#include "api/dispatcher.h"
#include "api/http/server.h"
#include "api/media/media_handler.h"
#include "api/pages/app.h"
#include "api/rest/all_routes.h"
#include "service/accounts.h"

namespace api {

struct Server::Impl {
    Impl(Settings with, const service::Services& to, PathHandler* other_paths, const base::Clock& time,
         base::Logger logger, service::PlaybackService* playback)
        : settings(std::move(with)),
          services(to),
          paths(other_paths ? *other_paths : app.emplace()),
          clock(time),
          log(std::move(logger)) {
        if (playback) media.emplace(*playback, clock, log, settings.observe);
    }

    const Settings settings;
    const service::Services services;
    std::optional<pages::App> app;
    PathHandler& paths;
    const base::Clock& clock;
    const base::Logger log;
    std::optional<media::MediaHandler> media;
    std::unique_ptr<Dispatcher> dispatcher;
    std::unique_ptr<http::Server> http;
};

Server::Server(Settings settings, service::Services services, PathHandler* pages, const base::Clock& clock,
               base::Logger log, service::PlaybackService* playback)
    : impl_(std::make_unique<Impl>(std::move(settings), services, pages, clock, std::move(log), playback)) {}

Server::~Server() {
    stop();
}

base::Result<> Server::start() {
    auto proxies = http::TrustedProxies::parse(impl_->settings.trusted_proxies);
    if (!proxies) return tl::unexpected(proxies.error());
    Dispatcher::Backend backend{
        .routes = rest::all_routes(),
        .services = &impl_->services,
        .authenticate =
            [this](const base::Secret& bearer, const std::string& address) {
                return impl_->services.accounts.authenticate(bearer, address);
            },
    };
    impl_->dispatcher = std::make_unique<Dispatcher>(impl_->settings, std::move(*proxies), std::move(backend),
                                                     impl_->media ? &*impl_->media : nullptr, impl_->paths,
                                                     impl_->clock, impl_->log);
    http::ServerSettings settings = impl_->settings.http;
    settings.uncapped = [this](std::string_view address) { return impl_->dispatcher->is_proxy(address); };
    impl_->http = std::make_unique<http::Server>(std::move(settings), *impl_->dispatcher, impl_->log);
    return impl_->http->start();
}

void Server::stop() {
    if (impl_->http) impl_->http->stop();
    if (impl_->dispatcher) impl_->dispatcher->stop();
}

std::uint16_t Server::port() const {
    return impl_->http ? impl_->http->port() : 0;
}

}  // namespace api
