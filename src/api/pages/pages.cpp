#include "api/pages/pages.h"

#include <algorithm>
#include <utility>

#include "api/http/accept_encoding.h"
#include "api/http/url.h"
#include "api/pages/embedded.h"
#include "api/rest/errors.h"

namespace api::pages {
namespace {

using http::Method;
using http::Request;
using http::Response;

// Scripts, styles and requests stay here, media too; nothing is inline. `blob:` is what Media Source
// Extensions give a video element.
std::string policy(const std::vector<std::string>& media_origins, std::string_view framed_by) {
    std::string origins;
    for (const std::string& origin : media_origins) origins += " " + origin;
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'" + origins +
           "; media-src 'self' blob:" + origins + "; connect-src 'self'" + origins + "; frame-ancestors " +
           std::string(framed_by) + "; base-uri 'none'; form-action 'none'";
}

Response wrong_method() {
    Response response = rest::error_response(
        405, {base::ErrorCode::bad_request, "This path takes GET, HEAD.", "method_not_allowed"});
    response.set("Allow", "GET, HEAD");
    return response;
}

}  // namespace

Pages::Pages(PagesSettings settings, Describe describe, http::PathHandler& next)
    : settings_(std::move(settings)),
      describe_(std::move(describe)),
      next_(next),
      assets_("/player/" + std::string(assets_digest())),
      watch_policy_(policy(settings_.media_origins, "'none'")),
      embed_policy_(policy(settings_.media_origins, "*")),
      workers_(settings_.worker_threads, settings_.queue_limit) {
    for (const Asset& one : assets())
        files_.push_back({one.name, one.type, std::make_shared<const std::string>(one.body),
                          std::make_shared<const std::string>(one.gzip)});
}

void Pages::stop() {
    workers_.stop();
}

void Pages::handle(Request request, http::Reply reply) {
    const auto segments = http::decode_path(request.path);
    const std::string_view root = segments && !segments->empty() ? segments->front() : std::string_view();
    if (root != "watch" && root != "embed" && root != "player")
        return next_.handle(std::move(request), std::move(reply));
    if (request.method != Method::get && request.method != Method::head) return reply(wrong_method());
    if (root == "player" && segments->size() == 3 && (*segments)[1] == assets_digest())
        return reply(file(request, segments->back()));
    if (root == "player" || segments->size() != 2)
        return reply(rest::error_response({base::ErrorCode::not_found, "There is nothing under this path."}));
    page(root == "watch" ? Kind::watch : Kind::embed, segments->back(), std::move(request), std::move(reply));
}

Response Pages::file(const Request& request, std::string_view name) const {
    const auto found = std::ranges::find(files_, name, &File::name);
    if (found == files_.end())
        return rest::error_response({base::ErrorCode::not_found, "There is nothing under this path."});
    Response response;
    const bool compressed = http::accepts_gzip(request.header("accept-encoding"));
    response.text = compressed ? found->gzip : found->plain;
    response.set("Content-Type", found->type);
    if (compressed) response.set("Content-Encoding", "gzip");
    response.set("Vary", "Accept-Encoding");
    response.set("Cache-Control", "public, max-age=31536000, immutable");
    return response;
}

void Pages::page(Kind kind, const std::string& id, Request request, http::Reply reply) {
    const base::Result<Description> unknown =
        base::fail(base::ErrorCode::not_found, "There is no such stream.");
    const base::Result<Description> later =
        base::fail(base::ErrorCode::unavailable, "Nobody could be asked about it just now.");
    if (!is_playable_id(id)) return reply(render(kind, {}, unknown));
    if (!describe_) return reply(render(kind, id, later));
    auto ask = [this, kind, id, address = std::move(request.peer_address), reply] {
        reply(render(kind, id, describe_(id, address)));
    };
    if (!workers_.submit(std::move(ask))) reply(render(kind, id, later));
}

Response Pages::render(Kind kind, const std::string& id, const base::Result<Description>& found) const {
    PageFacts facts{.id = id, .public_url = settings_.public_url, .assets = assets_};
    if (found) facts.description = *found;
    Response response;
    if (!found && found.error().code == base::ErrorCode::not_found) response.status = 404;
    response.body =
        kind == Kind::watch ? watch_page(watch_template(), facts) : embed_page(embed_template(), facts);
    response.set("Content-Type", "text/html; charset=utf-8");
    response.set("Content-Security-Policy", kind == Kind::watch ? watch_policy_ : embed_policy_);
    response.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace api::pages
