#include "api/pages/app.h"

#include <algorithm>
#include <utility>

#include "api/http/accept_encoding.h"
#include "api/http/conditional.h"
#include "api/http/header_text.h"
#include "api/http/url.h"
#include "api/rest/errors.h"
#include "base/ids.h"

namespace api::pages {
namespace {

using http::Coding;
using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view assets_root = "/assets/";
// 128 random bits.
constexpr std::size_t nonce_digits = 32;
constexpr std::string_view nonce_mark = "{{nonce}}";

// Scripts and requests stay here, and media. Styles are files, but for those that the components' library
// makes as it runs: they carry the nonce. `blob:` is what Media Source Extensions give a video element.
std::string policy(const AppSettings& settings) {
    std::string origins;
    for (const std::string& origin : settings.media_origins) origins += " " + origin;
    // Not every browser takes 'self' for WebSockets too.
    std::string sockets;
    if (settings.public_url.starts_with("http")) sockets = " ws" + settings.public_url.substr(4);
    return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + std::string(nonce_mark) +
           "'; img-src 'self' data: blob:" + origins + "; media-src 'self' blob:" + origins +
           "; connect-src 'self'" + sockets + origins +
           "; font-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'self'; "
           "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
}

std::vector<std::string> split_at_nonce(std::string_view text) {
    std::vector<std::string> parts;
    while (true) {
        const auto mark = text.find(nonce_mark);
        parts.emplace_back(text.substr(0, mark));
        if (mark == std::string_view::npos) return parts;
        text.remove_prefix(mark + nonce_mark.size());
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view nonce) {
    std::string text = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i) {
        text += nonce;
        text += parts[i];
    }
    return text;
}

// "/livestreams/:id" is any text in the second place.
bool matches(std::string_view pattern, const std::vector<std::string>& segments) {
    pattern.remove_prefix(1);
    for (const std::string& segment : segments) {
        const std::string_view expected = http::next_item(pattern, '/');
        if (expected.starts_with(':') ? segment.empty() : expected != segment) return false;
    }
    return pattern.empty();
}

bool is_page(const std::vector<std::string>& segments) {
    return std::ranges::any_of(app_paths(), [&](std::string_view path) { return matches(path, segments); });
}

// Whether a person looks: a browser that opens an address names HTML, one that fetches a picture does not.
bool wants_html(const Request& request) {
    std::string_view accepted = request.header("accept");
    while (!accepted.empty()) {
        std::string_view range = http::next_item(accepted, ',');
        if (http::same_ignoring_case(http::next_item(range, ';'), "text/html")) return true;
    }
    return false;
}

Response not_there() {
    return rest::error_response({base::ErrorCode::not_found, "There is nothing under this path."});
}

std::shared_ptr<const std::string> shared(std::string_view text) {
    return text.empty() ? nullptr : std::make_shared<const std::string>(text);
}

}  // namespace

App::App(const AppSettings& settings)
    : page_parts_(split_at_nonce(app_page())), policy_parts_(split_at_nonce(policy(settings))) {
    for (const AppFile& one : app_files()) {
        const File file{.type = std::string(one.type),
                        .etag = std::string(one.etag),
                        .immutable = one.path.starts_with(assets_root),
                        .plain = std::make_shared<const std::string>(one.plain),
                        .gzip = shared(one.gzip),
                        .brotli = shared(one.brotli)};
        // Browsers ask for it by this name where a page names no other.
        if (one.path == "/favicon.svg") files_.emplace("/favicon.ico", file);
        files_.emplace(one.path, file);
    }
}

void App::handle(Request request, http::Reply reply) {
    reply(answer(request));
}

Response App::answer(const Request& request) const {
    const auto segments = http::decode_path(request.path);
    const auto found = files_.find(request.path);
    const bool known = found != files_.end() || (segments && is_page(*segments));
    const bool reads = request.method == Method::get || request.method == Method::head;
    if (known && !reads) {
        Response response = rest::error_response(
            405, {base::ErrorCode::bad_request, "This path takes GET, HEAD.", "method_not_allowed"});
        response.set("Allow", "GET, HEAD");
        return response;
    }
    if (found != files_.end()) return file(found->second, request);
    if (known) return page(200);
    if (!reads || request.path.starts_with(assets_root) || !wants_html(request)) return not_there();
    Response response = page(404);
    response.set("Vary", "Accept");
    return response;
}

Response App::file(const File& file, const Request& request) const {
    const Coding coding = http::choose_coding(
        request.header("accept-encoding"), {.gzip = file.gzip != nullptr, .brotli = file.brotli != nullptr});
    std::string etag = file.etag;
    if (coding != Coding::identity) etag += "-" + std::string(to_string(coding));
    Response response;
    response.set("ETag", "\"" + etag + "\"");
    response.set("Cache-Control",
                 file.immutable ? "public, max-age=31536000, immutable" : "public, max-age=3600");
    if (file.gzip || file.brotli) response.set("Vary", "Accept-Encoding");
    if (http::names_etag(request.header("if-none-match"), etag)) {
        response.status = 304;
        return response;
    }
    response.text = coding == Coding::brotli ? file.brotli : coding == Coding::gzip ? file.gzip : file.plain;
    response.set("Content-Type", file.type);
    if (coding != Coding::identity) response.set("Content-Encoding", to_string(coding));
    return response;
}

Response App::page(int status) const {
    const std::string nonce = base::random_hex(nonce_digits);
    Response response;
    response.status = status;
    response.body = join(page_parts_, nonce);
    response.set("Content-Type", "text/html; charset=utf-8");
    response.set("Content-Security-Policy", join(policy_parts_, nonce));
    response.set("Cross-Origin-Opener-Policy", "same-origin");
    response.set("Permissions-Policy",
                 "camera=(), microphone=(), geolocation=(), payment=(), usb=(), autoplay=(self), "
                 "fullscreen=(self), picture-in-picture=(self)");
    // Each answer has a nonce of its own, so none is like the last: there is nothing to ask "still the same?"
    // of.
    response.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace api::pages
