#include "api/welcome_page.h"

#include "api/rest/errors.h"

namespace api {
namespace {

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Everycast</title>
</head>
<body>
<main>
<h1>Everycast</h1>
<p>Go live once, be live everywhere. This server takes one stream from an encoder and pushes it to every platform you choose.</p>
<ul>
<li>The API answers under <code>/api</code>; its contract is <code>api/openapi.yaml</code>.</li>
<li>Publish with RTMP to port 1935, application <code>live</code>, with your stream key.</li>
<li>Is it well? <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/api/live/status">/api/live/status</a>.</li>
</ul>
</main>
</body>
</html>
)";
constexpr std::string_view kPolicy =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

}  // namespace

void WelcomePage::handle(http::Request request, http::Reply reply) {
    using http::Method;
    if (request.path != "/")
        return reply(rest::error_response({base::ErrorCode::not_found, "There is nothing under this path."}));
    http::Response response;
    if (request.method != Method::get && request.method != Method::head) {
        response = rest::error_response(
            405, {base::ErrorCode::bad_request, "This path takes GET, HEAD.", "method_not_allowed"});
        response.set("Allow", "GET, HEAD");
        return reply(std::move(response));
    }
    response.body = kPage;
    response.set("Content-Type", "text/html; charset=utf-8");
    response.set("Content-Security-Policy", kPolicy);
    response.set("Cache-Control", "no-cache");
    reply(std::move(response));
}

}  // namespace api
