#include "api/rest/accounts_handler.h"

#include "api/http/cookie.h"
#include "api/rest/account_dto.h"
#include "api/rest/fields.h"
#include "api/rest/respond.h"
#include "service/api_tokens.h"

namespace api::rest {
namespace {

namespace json = boost::json;
using base::Result;
using http::Method;
using http::Response;

constexpr std::string_view refresh_cookie = "everycast_refresh";
// Only these routes ever see the cookie.
constexpr std::string_view cookie_path = "/api/auth";
constexpr std::size_t max_scopes = 3;

void set_refresh_cookie(const Context& context, Response& response, std::string_view token,
                        std::chrono::seconds max_age) {
    response.set("Set-Cookie", http::set_cookie(refresh_cookie, token,
                                                {std::string(cookie_path), max_age, context.secure}));
}

base::Secret refresh_token(const Context& context) {
    return base::Secret(http::cookie_value(context.request.header("cookie"), refresh_cookie));
}

Response signed_in(const Context& context, const service::SignedIn& result, int status = 200) {
    Response response = ok({{"user", to_json(result.user)},
                            {"accessToken", text(result.access_token.reveal())},
                            {"expiresIn", result.expires_in.count()}},
                           status);
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(result.refresh_expires_at - context.clock.wall());
    set_refresh_cookie(context, response, result.refresh_token.reveal(), left);
    return response;
}

Result<Response> sign_up(Context& context) {
    service::NewAccount account;
    auto read = context.read_body([&](input::ObjectReader& in) {
        account.email = in.text("email", email_rule);
        account.password = in.secret("password", password_rule);
        account.name = in.text("name", name_rule);
        account.setup_code = in.optional_secret("setupCode", name_rule);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->accounts.sign_up(account, context.client()).map([&](const auto& result) {
        return signed_in(context, result, 201);
    });
}

Result<Response> registration(Context& context) {
    const auto state = context.services->accounts.sign_up_state();
    return ok({{"registration", state.registration == service::Registration::open ? "open" : "closed"},
               {"setupOpen", state.setup_open}});
}

Result<Response> login(Context& context) {
    std::string email;
    base::Secret password;
    auto read = context.read_body([&](input::ObjectReader& in) {
        email = in.text("email", email_rule);
        password = in.secret("password", password_rule);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->accounts.login(email, password, context.client()).map([&](const auto& result) {
        return signed_in(context, result);
    });
}

Result<Response> refresh(Context& context) {
    if (auto read = context.expect_no_fields(); !read) return tl::unexpected(read.error());
    const base::Secret token = refresh_token(context);
    if (token.empty())
        return base::fail(base::Error{base::ErrorCode::unauthenticated,
                                      "There is no sign-in to go on with. Sign in.", "session_expired"});
    auto result = context.services->accounts.refresh(token, context.client());
    if (result) return signed_in(context, *result);
    Response response = error_response(result.error());
    // A cookie that opens nothing any more is taken back.
    if (result.error().code == base::ErrorCode::unauthenticated)
        set_refresh_cookie(context, response, "", std::chrono::seconds(0));
    return response;
}

Result<Response> logout(Context& context) {
    if (auto read = context.expect_no_fields(); !read) return tl::unexpected(read.error());
    if (const base::Secret token = refresh_token(context); !token.empty())
        if (auto ended = context.services->accounts.logout(token); !ended)
            return tl::unexpected(ended.error());
    Response response = ok();
    set_refresh_cookie(context, response, "", std::chrono::seconds(0));
    return response;
}

Result<Response> logout_everywhere(Context& context) {
    if (auto ended = context.services->accounts.logout_everywhere(context.actor); !ended)
        return tl::unexpected(ended.error());
    Response response = ok();
    set_refresh_cookie(context, response, "", std::chrono::seconds(0));
    return response;
}

Response user_answer(const service::User& user) {
    return ok({{"user", to_json(user)}});
}

Result<Response> me(Context& context) {
    return context.services->accounts.me(context.actor).map(user_answer);
}

Result<Response> update_me(Context& context) {
    service::AccountChange change;
    auto read = context.read_body([&](input::ObjectReader& in) {
        change.name = in.optional_text("name", name_rule);
        change.email = in.optional_text("email", email_rule);
        change.current_password = in.optional_secret("currentPassword", password_rule);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->accounts.update_me(context.actor, change).map(user_answer);
}

Result<Response> change_password(Context& context) {
    base::Secret current;
    base::Secret next;
    auto read = context.read_body([&](input::ObjectReader& in) {
        current = in.secret("currentPassword", password_rule);
        next = in.secret("newPassword", password_rule);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->accounts.change_password(context.actor, current, next).map([] { return ok(); });
}

Result<Response> list_tokens(Context& context) {
    service::PageRequest page;
    auto read = context.read_query([&](input::QueryReader& in) { page = read_page(in); });
    if (!read) return tl::unexpected(read.error());
    return context.services->api_tokens.list(context.actor).map([&](std::vector<service::ApiToken> all) {
        return list("tokens", slice(std::move(all), page), [](const auto& token) { return to_json(token); });
    });
}

Result<Response> create_token(Context& context) {
    service::NewApiToken request;
    auto read = context.read_body([&](input::ObjectReader& in) {
        request.name = in.text("name", name_rule);
        request.scopes = in.texts("scopes", max_scopes);
        request.expires_at = in.optional_time("expiresAt");
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->api_tokens.create(context.actor, request).map([](const auto& created) {
        return ok({{"token", text(created.secret.reveal())}, {"apiToken", to_json(created.token)}}, 201);
    });
}

Result<Response> remove_token(Context& context) {
    return context.services->api_tokens.remove(context.actor, context.param("id")).map([] { return ok(); });
}

constexpr Route route_table[] = {
    {Method::post, "/api/auth/register", Access::anyone, no_scope, Query::none, sign_up, Place::slow},
    {Method::get, "/api/auth/registration", Access::anyone, no_scope, Query::none, registration},
    {Method::post, "/api/auth/login", Access::anyone, no_scope, Query::none, login, Place::slow},
    {Method::post, "/api/auth/refresh", Access::anyone, no_scope, Query::none, refresh},
    {Method::post, "/api/auth/logout", Access::anyone, no_scope, Query::none, logout},
    {Method::del, "/api/auth/sessions", Access::user, service::scope_account, Query::none, logout_everywhere},
    {Method::get, "/api/auth/me", Access::user, service::scope_read, Query::none, me},
    {Method::put, "/api/auth/me", Access::user, service::scope_account, Query::none, update_me, Place::slow},
    {Method::post, "/api/auth/password", Access::user, service::scope_account, Query::none, change_password,
     Place::slow},
    {Method::get, "/api/tokens", Access::user, service::scope_account, Query::read, list_tokens},
    {Method::post, "/api/tokens", Access::user, service::scope_account, Query::none, create_token},
    {Method::del, "/api/tokens/{id}", Access::owner, service::scope_account, Query::none, remove_token},
};

}  // namespace

std::span<const Route> accounts_routes() {
    return route_table;
}

}  // namespace api::rest
