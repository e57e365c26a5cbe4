#include "api/pages/welcome.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "api/rest/errors.h"

namespace api::pages {
namespace {

struct Page {
    std::string_view path;
    std::string_view type;
    std::string_view body;
};

constexpr std::string_view html = "text/html; charset=utf-8";

constexpr std::array<Page, 4> all{{
    {"/", html, R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Everycast</title>
<link rel="stylesheet" href="/welcome.css">
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
)"},
    {"/setup", html, R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Set up Everycast</title>
<link rel="stylesheet" href="/welcome.css">
<script src="/setup.js" defer></script>
</head>
<body>
<main>
<h1>Set up Everycast</h1>
<p>Make the first account: it administers this server. The setup code was printed where the server was started.</p>
<form id="setup">
<label>Setup code <input name="setupCode" required autocomplete="off" spellcheck="false"></label>
<label>Your name <input name="name" required autocomplete="name"></label>
<label>E-mail <input name="email" type="email" required autocomplete="username"></label>
<label>Password <input name="password" type="password" required minlength="10" autocomplete="new-password"></label>
<button>Make the account</button>
</form>
<p id="answer" role="status"></p>
</main>
</body>
</html>
)"},
    {"/setup.js", "text/javascript; charset=utf-8", R"("use strict";
const form = document.getElementById("setup");
const answer = document.getElementById("answer");
// The code stands behind the '#', which browsers keep to themselves: it reaches no log and no other site.
form.elements.setupCode.value = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.textContent = "One moment…";
  try {
    const reply = await fetch("/api/auth/register", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    const body = await reply.json();
    if (!body.ok) {
      answer.textContent = body.error.message;
      return;
    }
    form.hidden = true;
    answer.textContent = `Welcome, ${body.user.name}. You are this server's admin: sign in at /api/auth/login.`;
  } catch {
    answer.textContent = "The server could not be reached: is it still running?";
  }
});
)"},
    {"/welcome.css", "text/css; charset=utf-8",
     R"(:root { color-scheme: dark light; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }
label { display: block; margin: 0 0 1rem; }
input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; }
button { padding: .5rem 1rem; font: inherit; }
)"},
}};

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'";

}  // namespace

void Welcome::handle(http::Request request, http::Reply reply) {
    using http::Method;
    const auto page =
        std::find_if(all.begin(), all.end(), [&](const Page& known) { return known.path == request.path; });
    if (page == all.end())
        return reply(rest::error_response({base::ErrorCode::not_found, "There is nothing under this path."}));
    http::Response response;
    if (request.method != Method::get && request.method != Method::head) {
        response = rest::error_response(
            405, {base::ErrorCode::bad_request, "This path takes GET, HEAD.", "method_not_allowed"});
        response.set("Allow", "GET, HEAD");
        return reply(std::move(response));
    }
    response.body = page->body;
    response.set("Content-Type", page->type);
    response.set("Content-Security-Policy", policy);
    response.set("Cache-Control", "no-cache");
    reply(std::move(response));
}

}  // namespace api::pages
