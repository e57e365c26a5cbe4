// Dispatcher: takes each request from the io thread through the common rules (rate, route, origin, token,
// access) to its handler on a worker, and each answer back with the headers that all answers have. Owned by
// Server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/http/address_limiter.h"
#include "api/http/client_address.h"
#include "api/http/message.h"
#include "api/http/worker_pool.h"
#include "api/rest/router.h"
#include "api/server.h"
#include "api/settings.h"

namespace api {

class Dispatcher final : public http::RequestSink {
  public:
    // What stands behind the rules.
    struct Backend {
        std::vector<rest::Route> routes;
        // For the routes' handlers.
        const service::Services* services = nullptr;
        // Who shows this bearer, from this address.
        std::function<base::Result<service::Actor>(const base::Secret&, const std::string&)> authenticate;
    };

    // `media` may be null: there is nothing to watch then.
    Dispatcher(const Settings& settings, http::TrustedProxies proxies, Backend backend, PathHandler* media,
               PathHandler& pages, const base::Clock& clock, base::Logger log);

    void handle(http::Request request, http::Reply reply) override;
    http::Response refuse(int status, const base::Error& error, std::string_view peer_address) override;
    // Finishes what was taken; afterwards everything is refused with 503.
    void stop();
    bool is_proxy(std::string_view address) const { return proxies_.contains(address); }

  private:
    struct Call;
    using CallPtr = std::shared_ptr<Call>;

    base::Result<http::Response> route(const CallPtr& call);
    http::Response preflight(const Call& call) const;
    void run(const CallPtr& call);
    base::Result<http::Response> answer(Call& call);
    base::Result<> refuse_cross_site(const Call& call) const;
    base::Result<service::Actor> authenticate(const rest::Context& context, rest::Access access) const;
    bool is_allowed_origin(std::string_view origin) const;
    void finish(const CallPtr& call, http::Response response) const;
    void add_common_headers(const Call& call, http::Response& response) const;

    const Settings& settings_;
    const http::TrustedProxies proxies_;
    const Backend backend_;
    PathHandler* const media_;
    PathHandler& pages_;
    const base::Clock& clock_;
    const base::Logger log_;
    const rest::Router router_;
    http::AddressLimiter limiter_;
    http::WorkerPool workers_;
    http::WorkerPool slow_workers_;
};

}  // namespace api
