#include "api/rest/users_handler.h"

#include "api/rest/account_dto.h"
#include "api/rest/fields.h"
#include "api/rest/respond.h"
#include "service/users.h"

namespace api::rest {
namespace {

using base::Result;
using http::Method;
using http::Response;

constexpr std::int64_t max_grant = 1'000'000'000'000;

Response answer(const service::User& user) {
    return ok({{"user", to_json(user)}});
}

std::optional<service::Role> read_role(input::ObjectReader& in) {
    const auto name = in.optional_choice("role", {"viewer", "broadcaster", "admin"});
    if (!name) return std::nullopt;
    const auto role = service::role_from(*name);
    return role ? std::optional(*role) : std::nullopt;
}

Result<Response> list_users(Context& context) {
    service::PageRequest page;
    auto read = context.read_query([&](input::QueryReader& in) { page = read_page(in); });
    if (!read) return tl::unexpected(read.error());
    return context.services->users.list(context.actor, page).map([](const auto& users) {
        return list("users", users, [](const service::User& user) { return to_json(user); });
    });
}

Result<Response> create(Context& context) {
    service::NewUser user;
    auto read = context.read_body([&](input::ObjectReader& in) {
        user.email = in.text("email", email_rule);
        user.password = in.secret("password", password_rule);
        user.name = in.text("name", name_rule);
        user.role = read_role(in).value_or(service::Role::broadcaster);
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->users.create(context.actor, user).map([](const service::User& created) {
        return ok({{"user", to_json(created)}}, 201);
    });
}

Result<Response> find(Context& context) {
    return context.services->users.find(context.actor, context.param("id")).map(answer);
}

Result<Response> update(Context& context) {
    service::UserChange change;
    auto read = context.read_body([&](input::ObjectReader& in) {
        change.name = in.optional_text("name", name_rule);
        change.role = read_role(in);
        change.disabled = in.optional_bool("disabled");
    });
    if (!read) return tl::unexpected(read.error());
    return context.services->users.update(context.actor, context.param("id"), change).map(answer);
}

Result<Response> grant_tokens(Context& context) {
    std::int64_t amount = 0;
    auto read = context.read_body(
        [&](input::ObjectReader& in) { amount = in.integer("amount", -max_grant, max_grant); });
    if (!read) return tl::unexpected(read.error());
    return context.services->users.grant_tokens(context.actor, context.param("id"), amount).map(answer);
}

constexpr Route route_table[] = {
    {Method::get, "/api/users", Access::admin, service::scope_read, Query::read, list_users},
    {Method::post, "/api/users", Access::admin, service::scope_write, Query::none, create, Place::slow},
    {Method::get, "/api/users/{id}", Access::admin, service::scope_read, Query::none, find},
    {Method::put, "/api/users/{id}", Access::admin, service::scope_write, Query::none, update},
    {Method::post, "/api/users/{id}/tokens", Access::admin, service::scope_write, Query::none, grant_tokens},
};

}  // namespace

std::span<const Route> users_routes() {
    return route_table;
}

}  // namespace api::rest
