#include "api/media/media_handler.h"

#include <utility>

#include "api/http/websocket.h"
#include "api/media/content_response.h"
#include "api/rest/errors.h"

namespace api::media {
namespace {

using base::ErrorCode;
using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view methods = "GET, HEAD, OPTIONS";
constexpr std::string_view unknown_route = "(media)";
constexpr std::string_view flv_type = "video/x-flv";

// What browsers ask before they let another site's page send a Range, or a condition.
Response preflight() {
    Response response;
    response.status = 204;
    response.constant_headers = open_headers;
    response.set("Allow", methods);
    response.set("Access-Control-Allow-Methods", methods);
    response.set("Access-Control-Allow-Headers",
                 "Range, If-Range, If-None-Match, If-Modified-Since, Cache-Control, Content-Type");
    response.set("Access-Control-Max-Age", "86400");
    return response;
}

Response error_response(int status, const base::Error& error) {
    Response response = rest::error_response(status, error);
    response.constant_headers = open_headers;
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace

struct MediaHandler::Call {
    http::Reply reply;
    Method method;
    std::string_view route = unknown_route;
    base::MonotonicTime started{};
    Terms terms{};
    // Of a WebSocket: what its handshake answers.
    std::string websocket{};
};

MediaHandler::MediaHandler(service::PlaybackService& playback, const base::Clock& clock, base::Logger log,
                           http::Observe observe)
    : playback_(playback), clock_(clock), log_(std::move(log)), observe_(std::move(observe)) {}

void MediaHandler::handle(Request request, http::Reply reply) {
    auto call = std::make_shared<Call>(Call{std::move(reply), request.method});
    call->started = clock_.now();
    auto path = parse_media_path(request.path);
    if (!path) return fail(*call, {ErrorCode::not_found, "There is nothing under this path."});
    call->route = route_of(path->kind);
    if (request.method == Method::options) return finish(*call, preflight());
    if (request.method != Method::get && request.method != Method::head) {
        Response refused = error_response(
            405, {ErrorCode::bad_request, "This path takes GET, HEAD, OPTIONS.", "method_not_allowed"});
        refused.set("Allow", methods);
        return finish(*call, std::move(refused));
    }
    auto query = parse_media_query(request.query);
    if (!query)
        return fail(*call, {ErrorCode::bad_request, "The query is too long, or is not percent-encoded text.",
                            "malformed_query"});

    service::Viewer viewer{std::move(query->token), std::move(query->viewer),
                           std::move(request.peer_address)};
    if (path->kind == MediaPath::Kind::live_flv)
        return play_flv(std::move(path->id), std::move(viewer), request, std::move(call));
    call->terms = terms_of(request);
    auto answer = [this, call = std::move(call)](base::Result<::media::Content> content) {
        if (!content) return fail(*call, content.error());
        finish(*call, content_response(*content, call->terms));
    };
    if (path->kind == MediaPath::Kind::vod)
        return playback_.vod(std::move(path->id), std::move(path->file), std::move(viewer),
                             std::move(answer));
    service::LiveQuestion question{.playback_id = std::move(path->id),
                                   .file = std::move(path->file),
                                   .msn = std::move(query->msn),
                                   .part = std::move(query->part),
                                   .skip = std::move(query->skip),
                                   .plain = query->plain};
    playback_.live(std::move(question), std::move(viewer), std::move(answer));
}

void MediaHandler::play_flv(std::string id, service::Viewer viewer, const Request& request, CallPtr call) {
    // Any site's page may open it: it is public, or shows a token; cookies are not read.
    if (http::wants_websocket(request)) {
        call->websocket = http::websocket_accept(request);
        if (call->websocket.empty()) {
            Response refused =
                error_response(426, {ErrorCode::bad_request,
                                     "This is not a WebSocket handshake of version 13.", "upgrade_refused"});
            refused.set("Sec-WebSocket-Version", "13");
            return finish(*call, std::move(refused));
        }
    }
    playback_.live_flv(
        std::move(id), std::move(viewer),
        [this, call = std::move(call)](base::Result<std::shared_ptr<base::ByteSource>> source) {
            if (!source) return fail(*call, source.error());
            Response response;
            response.constant_headers = open_headers;
            response.set("Cache-Control", "no-store");
            if (call->websocket.empty()) {
                response.set("Content-Type", flv_type);
            } else {
                response.status = 101;
                response.set("Sec-WebSocket-Accept", call->websocket);
            }
            response.source = std::move(*source);
            finish(*call, std::move(response));
        });
}

void MediaHandler::fail(const Call& call, const base::Error& error) const {
    Response response = error_response(rest::status_for(error.code), error);
    if (response.status >= 500)
        log_.warn("media request failed", {{"method", http::to_string(call.method)},
                                           {"route", call.route},
                                           {"status", response.status},
                                           {"reason", error.message}});
    finish(call, std::move(response));
}

void MediaHandler::finish(const Call& call, Response response) const {
    if (observe_)
        observe_({http::to_string(call.method), call.route, response.status,
                  std::chrono::duration<double>(clock_.now() - call.started).count()});
    call.reply(std::move(response));
}

}  // namespace api::media
