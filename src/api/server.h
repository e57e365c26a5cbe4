// The API: HTTP server, routes and handlers over the services. Owned by app/, which starts it last and stops
// it first.
//
//     api::Settings settings;                    // listen address, certificate, limits, ready checks,
//     metrics text api::Server server(settings, services, nullptr, clock, log); if (auto started =
//     server.start(); !started) …       // the message says what is in the way server.port(); server.stop();
//     // answers what is being answered, ends event streams; then workers
//
// Everything that it is given lives longer than it.
#pragma once

#include <cstdint>
#include <memory>

#include "api/http/path_handler.h"
#include "api/settings.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "service/playback.h"
#include "service/services.h"

namespace api {

using PathHandler = http::PathHandler;

class Server {
  public:
    // `pages` may be null: "/" then answers a small page of its own that says where the API is.
    // `playback` answers what is under /live and /vod; without it there is nothing. Its answers have ended
    // before the server is destroyed; they may come after stop().
    Server(Settings settings, service::Services services, PathHandler* pages, const base::Clock& clock,
           base::Logger log, service::PlaybackService* playback = nullptr);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    base::Result<> start();
    void stop();
    std::uint16_t port() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace api
