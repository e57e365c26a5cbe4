#include "api/dispatcher.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/http/url.h"
#include "api/media/media_path.h"
#include "base/ids.h"
#include "base/limit_hits.h"

namespace api {
namespace {

using base::ErrorCode;
using http::Method;
using http::Request;
using http::Response;
using rest::Access;
using rest::Route;

constexpr std::array<std::string_view, 4> api_roots{"api", "healthz", "readyz", "metrics"};
constexpr std::string_view api_policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
constexpr std::size_t request_id_length = 16;

bool is_safe(Method method) {
    return method == Method::get || method == Method::head || method == Method::options;
}

void set_default(Response& response, std::string_view name, std::string_view value) {
    const auto same = [name](const http::Header& header) { return header.name == name; };
    if (std::ranges::none_of(response.headers, same)) response.set(name, value);
}

// May this actor call this route at all? What belongs to whom is the services' question.
base::Result<> admit(const Route& route, const service::Actor& actor) {
    if (route.scope == rest::no_scope) return {};
    if (!actor.signed_in())
        return base::fail(base::Error{
            ErrorCode::unauthenticated,
            "Sign in first, and send the access token as \"Authorization: Bearer …\".", "sign_in_required"});
    if (!actor.has(static_cast<service::Scope>(route.scope)))
        return base::fail(base::Error{ErrorCode::forbidden,
                                      "This API token was not made for that: its scopes do not allow it.",
                                      "scope_missing"});
    if (route.access == Access::admin && !actor.is_admin())
        return base::fail(
            base::Error{ErrorCode::forbidden, "Only an administrator may do this.", "admin_only"});
    if (route.access == Access::broadcaster && actor.role == service::Role::viewer)
        return base::fail(base::Error{
            ErrorCode::forbidden, "Viewers cannot do this. Ask an administrator for the broadcaster role.",
            "broadcaster_only"});
    return {};
}

}  // namespace

struct Dispatcher::Call {
    Call(Request asked, http::Reply answer_to) : request(std::move(asked)), reply(std::move(answer_to)) {}

    Request request;
    http::Reply reply;
    std::string request_id = base::random_hex(request_id_length);
    http::ClientOrigin origin{};
    base::MonotonicTime started{};
    // Belongs to the API, so its answers are in the API's form.
    bool api = true;
    const Route* route = nullptr;
    std::vector<std::pair<std::string_view, std::string>> params{};
    std::string user_id{};

    rest::Naming naming() const {
        return request.path.starts_with("/api/v1/") ? rest::Naming::snake : rest::Naming::camel;
    }
};

Dispatcher::Dispatcher(const Settings& settings, http::TrustedProxies proxies, Backend backend,
                       PathHandler* media, PathHandler& pages, const base::Clock& clock, base::Logger log)
    : settings_(settings),
      proxies_(std::move(proxies)),
      backend_(std::move(backend)),
      media_(media),
      pages_(pages),
      clock_(clock),
      log_(std::move(log)),
      router_(backend_.routes),
      limiter_(settings.rate),
      workers_(settings.worker_threads, settings.queue_limit),
      slow_workers_(settings.slow_threads, settings.queue_limit) {}

void Dispatcher::stop() {
    workers_.stop();
    slow_workers_.stop();
}

void Dispatcher::handle(Request request, http::Reply reply) {
    // Audiences are large and ask several times a second: for them only what they need.
    if (media_ && media::is_media_path(request.path)) {
        request.peer_address = http::client_origin(request, proxies_).address;
        return media_->handle(std::move(request), std::move(reply));
    }
    auto call = std::make_shared<Call>(std::move(request), std::move(reply));
    call->started = clock_.now();
    call->origin = http::client_origin(call->request, proxies_);
    call->request.secure = call->origin.secure;

    const auto segments = http::decode_path(call->request.path);
    call->api = !segments ||
                (!segments->empty() && std::ranges::find(api_roots, segments->front()) != api_roots.end());
    if (!call->api) {
        Request page = std::exchange(call->request, Request());
        call->request.method = page.method;
        page.peer_address = call->origin.address;
        pages_.handle(std::move(page),
                      http::Reply([this, call](Response response) { finish(call, std::move(response)); }));
        return;
    }
    const auto fail = [&](const base::Error& error) {
        settings_.http.hits->add(error);
        finish(call, rest::error_response(error, call->naming()));
    };
    if (!segments) return fail({ErrorCode::bad_request, "The path is not a valid one.", "invalid_path"});
    // Whoever asks whether the process lives must not conclude from a flood that it does not.
    const bool probe = call->request.path == "/healthz";
    if (const int wait = probe ? 0 : limiter_.take(call->origin.address, call->started); wait > 0)
        return fail(
            base::about_limit("http_requests_per_second",
                              {ErrorCode::rate_limited,
                               "Too many requests from this address. Wait " + std::to_string(wait) + " s.",
                               "",
                               {{"retryAfter", std::to_string(wait)}}}));

    auto match = router_.find(call->request.method, *segments);
    if (match.allow.empty())
        return fail({ErrorCode::not_found, "There is nothing under this path.", "route_not_found"});
    if (call->request.method == Method::options) {
        Response response = preflight(*call);
        response.set("Allow", match.allow);
        return finish(call, std::move(response));
    }
    if (!match.route) {
        Response response = rest::error_response(
            405, {ErrorCode::bad_request, "This path takes " + match.allow + ".", "method_not_allowed"},
            call->naming());
        response.set("Allow", match.allow);
        return finish(call, std::move(response));
    }
    call->route = match.route;
    call->params = std::move(match.params);
    if (call->route->place == rest::Place::io) return run(call);
    http::WorkerPool& workers = call->route->place == rest::Place::slow ? slow_workers_ : workers_;
    if (!workers.submit([this, call] { run(call); }))
        fail(base::about_limit(
            "http_requests_queued",
            {ErrorCode::unavailable, "The server is busy. Try again in a moment.", "overloaded"}));
}

Response Dispatcher::preflight(const Call& call) const {
    Response response;
    response.status = 204;
    if (is_allowed_origin(call.request.header("origin"))) {
        response.set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
        response.set("Access-Control-Allow-Headers", "authorization, content-type, last-event-id");
        response.set("Access-Control-Max-Age", "600");
    }
    return response;
}

void Dispatcher::run(const CallPtr& call) {
    base::Result<Response> answered = [&]() -> base::Result<Response> {
        try {
            return answer(*call);
        } catch (const std::exception& failed) {
            return base::fail(ErrorCode::internal, std::string("unexpected: ") + failed.what());
        }
    }();
    if (!answered) {
        const base::Error& error = answered.error();
        settings_.http.hits->add(error);
        if (error.code == ErrorCode::internal)
            log_.error("request failed", {{"requestId", call->request_id}, {"reason", error.message}});
        return finish(call, rest::error_response(error, call->naming()));
    }
    finish(call, std::move(*answered));
}

base::Result<Response> Dispatcher::answer(Call& call) {
    const Request& request = call.request;
    if (auto same_site = refuse_cross_site(call); !same_site) return tl::unexpected(same_site.error());
    if (const auto coding = request.header("content-encoding"); !coding.empty() && coding != "identity")
        return base::fail(ErrorCode::unsupported_media, "Send the body without a Content-Encoding.");

    rest::Context context{
        .request = request,
        .services = backend_.services,
        .system = settings_.system,
        .clock = clock_,
        .request_id = call.request_id,
        .client_address = call.origin.address,
        .secure = call.origin.secure,
        .local = http::is_loopback(call.origin.address) && !call.origin.forwarded_by_stranger,
        .actor = {},
        .params = call.params,
        .naming = call.naming()};
    auto actor = authenticate(context, call.route->access);
    if (!actor) return tl::unexpected(actor.error());
    call.user_id = actor->user_id;
    context.actor = std::move(*actor);
    if (auto admitted = admit(*call.route, context.actor); !admitted) return tl::unexpected(admitted.error());
    if (call.route->query == rest::Query::none && !request.query.empty()) {
        auto clean = context.read_query([](input::QueryReader&) {});
        if (!clean) return tl::unexpected(clean.error());
    }
    return call.route->handler(context);
}

// A page of another site may make a browser send requests here, with this site's cookies. Browsers say so: in
// Sec-Fetch-Site, or on plain HTTP only in Origin.
base::Result<> Dispatcher::refuse_cross_site(const Call& call) const {
    if (is_safe(call.request.method) || call.route->access == Access::hook) return {};
    const std::string_view origin = call.request.header("origin");
    if (is_allowed_origin(origin)) return {};
    const std::string_view site = call.request.header("sec-fetch-site");
    bool foreign = site == "cross-site" || site == "same-site";
    if (site.empty() && !origin.empty()) {
        const auto scheme_end = origin.find("://");
        foreign = scheme_end == std::string_view::npos ||
                  origin.substr(scheme_end + 3) != call.request.header("host");
    }
    if (!foreign) return {};
    return base::fail(
        base::Error{ErrorCode::forbidden,
                    "Another site's page asked for this. If that is meant, add its origin to the setting "
                    "cors_origins.",
                    "cross_site_request"});
}

base::Result<service::Actor> Dispatcher::authenticate(const rest::Context& context, Access access) const {
    const base::Secret bearer = context.bearer();
    if (access == Access::metrics) {
        const base::Secret& token = settings_.system.metrics_token;
        if (context.local || (!token.empty() && bearer == token))
            return service::Actor::nobody(context.client_address);
        return base::fail(
            ErrorCode::unauthenticated,
            "The metrics are for callers on the server's own machine, and for those who send the "
            "configured metrics token as bearer.");
    }
    if (access == Access::anyone || access == Access::hook || !context.request.has_header("authorization"))
        return service::Actor::nobody(context.client_address);
    if (bearer.empty())
        return base::fail(base::Error{ErrorCode::unauthenticated,
                                      "The Authorization header must be \"Bearer …\".", "token_invalid"});
    return backend_.authenticate(bearer, context.client_address);
}

bool Dispatcher::is_allowed_origin(std::string_view origin) const {
    return !origin.empty() &&
           std::ranges::find(settings_.allowed_origins, origin) != settings_.allowed_origins.end();
}

Response Dispatcher::refuse(int status, const base::Error& error, std::string_view peer_address) {
    Call call(Request{}, http::Reply([](Response) {}));
    Response response = rest::error_response(status, error);
    add_common_headers(call, response);
    log_.info("request refused", {{"requestId", call.request_id},
                                  {"status", status},
                                  {"client", peer_address},
                                  {"reason", error.message}});
    return response;
}

void Dispatcher::add_common_headers(const Call& call, Response& response) const {
    response.set("X-Request-Id", call.request_id);
    set_default(response, "X-Content-Type-Options", "nosniff");
    set_default(response, "Referrer-Policy", "no-referrer");
    set_default(response, "Cache-Control", "no-store");
    set_default(response, "Content-Security-Policy", api_policy);
    if (!call.api || settings_.allowed_origins.empty()) return;
    response.set("Vary", "Origin");
    if (const auto origin = call.request.header("origin"); is_allowed_origin(origin)) {
        response.set("Access-Control-Allow-Origin", origin);
        response.set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
    }
}

void Dispatcher::finish(const CallPtr& call, Response response) const {
    add_common_headers(*call, response);
    const std::string_view method = http::to_string(call->request.method);
    // The pattern, never the path: a path may hold what is nobody else's business.
    const std::string_view route = call->route ? call->route->pattern : call->api ? "(none)" : "(pages)";
    const double seconds = std::chrono::duration<double>(clock_.now() - call->started).count();
    const std::initializer_list<base::Field> fields{{"requestId", call->request_id},
                                                    {"method", method},
                                                    {"route", route},
                                                    {"status", response.status},
                                                    {"ms", static_cast<std::int64_t>(seconds * 1000)},
                                                    {"client", call->origin.address},
                                                    {"user", call->user_id}};
    const bool routine = call->route && call->route->access == Access::metrics;
    if (response.status >= 500)
        log_.warn("request", fields);
    else if (routine || route == "/healthz" || route == "/readyz")
        log_.debug("request", fields);
    else
        log_.info("request", fields);
    if (settings_.observe) settings_.observe({method, route, response.status, seconds});
    call->reply(std::move(response));
}

}  // namespace api
