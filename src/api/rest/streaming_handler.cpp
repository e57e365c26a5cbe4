#include "api/rest/streaming_handler.h"

#include "api/http/client_address.h"
#include "api/rest/fields.h"
#include "api/rest/respond.h"
#include "service/streaming_hooks.h"

namespace api::rest {
namespace {

using base::Result;
using http::Method;
using http::Response;

struct Asked {
    base::Secret key;
    // Who shows it: wrong keys count against them, so that one guesser does not lock the whole relay out.
    std::string address;
};

// nginx-rtmp sends a dozen fields of its own in a form; only the name of the stream, its key, and the
// encoder's address count.
Result<Asked> read_form(const Context& context) {
    const auto pairs = http::decode_form(context.request.body);
    if (!pairs) return base::fail(base::ErrorCode::bad_request, "The form in the body cannot be read.");
    Asked asked{base::Secret(), context.client_address};
    bool named = false;
    for (const auto& [name, value] : *pairs) {
        if (!named && (name == "name" || name == "stream_key")) {
            asked.key = base::Secret(value);
            named = true;
        }
        if (name == "addr" && http::is_address(value)) asked.address = value;
    }
    if (named) return asked;
    return base::fail(base::Error{base::ErrorCode::invalid_argument,
                                  "The form needs the stream key as \"name\" or \"stream_key\".",
                                  "missing_field",
                                  {{"field", "stream_key"}}});
}

Result<Asked> read_asked(const Context& context) {
    constexpr std::string_view form_type = "application/x-www-form-urlencoded";
    if (context.request.header("content-type").starts_with(form_type)) return read_form(context);
    Asked asked{base::Secret(), context.client_address};
    auto read =
        context.read_body([&](input::ObjectReader& in) { asked.key = in.secret("stream_key", key_rule); });
    if (!read) return tl::unexpected(read.error());
    return asked;
}

// The hook secret comes as bearer, or as `secret` in the query from servers that can send no header.
Result<base::Secret> read_shown_secret(const Context& context) {
    base::Secret shown = context.bearer();
    auto read = context.read_query([&](input::QueryReader& in) {
        std::string secret = in.text("secret");
        if (shown.empty()) shown = base::Secret(std::move(secret));
    });
    if (!read) return tl::unexpected(read.error());
    return shown;
}

template <auto ask>
Result<Response> hook(Context& context) {
    auto shown = read_shown_secret(context);
    if (!shown) return tl::unexpected(shown.error());
    auto asked = read_asked(context);
    if (!asked) return tl::unexpected(asked.error());
    return (context.services->hooks.*ask)(*shown, asked->key, asked->address)
        .map([](const service::StreamingHooks::Valid& valid) {
            return ok({{"valid", true}, {"livestream_id", text(valid.stream_id)}});
        });
}

using Hooks = service::StreamingHooks;

constexpr Route route_table[] = {
    {Method::post, "/api/v1/streaming/validate", Access::hook, no_scope, Query::read, hook<&Hooks::validate>},
    {Method::post, "/api/v1/streaming/stream_started", Access::hook, no_scope, Query::read,
     hook<&Hooks::stream_started>},
    {Method::post, "/api/v1/streaming/stream_ended", Access::hook, no_scope, Query::read,
     hook<&Hooks::stream_ended>},
};

}  // namespace

std::span<const Route> streaming_routes() {
    return route_table;
}

}  // namespace api::rest
