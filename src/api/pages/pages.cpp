#include "api/pages/pages.h"

#include <algorithm>
#include <utility>

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

Response asset(const Request& request, std::string_view name) {
    const auto all = assets();
    const auto found = std::ranges::find(all, name, &Asset::name);
    if (found == all.end())
        return rest::error_response({base::ErrorCode::not_found, "There is nothing under this path."});
    Response response;
    const bool compressed = accepts_gzip(request.header("accept-encoding"));
    response.body = compressed ? found->gzip : found->body;
    response.set("Content-Type", found->type);
    if (compressed) response.set("Content-Encoding", "gzip");
    response.set("Vary", "Accept-Encoding");
    response.set("Cache-Control", "public, max-age=31536000, immutable");
    return response;
}

Response wrong_method() {
    Response response = rest::error_response(
        405, {base::ErrorCode::bad_request, "This path takes GET, HEAD.", "method_not_allowed"});
    response.set("Allow", "GET, HEAD");
    return response;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
    bool any = false;
    while (!accept_encoding.empty()) {
        const auto comma = accept_encoding.find(',');
        std::string item(accept_encoding.substr(0, comma));
        std::erase_if(item, [](char c) { return c == ' ' || c == '\t'; });
        std::ranges::transform(item, item.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        const std::string_view coding = std::string_view(item).substr(0, item.find(';'));
        std::string_view quality = std::string_view(item).substr(coding.size());
        const bool refused =
            quality.starts_with(";q=0") && quality.find_first_not_of("0.", 3) == quality.npos;
        if (coding == "gzip" || coding == "x-gzip") return !refused;
        if (coding == "*") any = !refused;
        if (comma == std::string_view::npos) break;
        accept_encoding.remove_prefix(comma + 1);
    }
    return any;
}

Pages::Pages(PagesSettings settings, Describe describe, http::PathHandler& next)
    : settings_(std::move(settings)),
      describe_(std::move(describe)),
      next_(next),
      assets_("/player/" + std::string(assets_digest())),
      watch_policy_(policy(settings_.media_origins, "'none'")),
      embed_policy_(policy(settings_.media_origins, "*")),
      workers_(settings_.worker_threads, settings_.queue_limit) {}

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
        return reply(asset(request, segments->back()));
    if (root == "player" || segments->size() != 2)
        return reply(rest::error_response({base::ErrorCode::not_found, "There is nothing under this path."}));
    page(root == "watch" ? Kind::watch : Kind::embed, segments->back(), std::move(request), std::move(reply));
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
