#include "service/actor.h"

#include "service/validation.h"

namespace service {
namespace {

Scope needed_scope(Action action) {
    switch (action) {
        case Action::read:
            return scope_read;
        case Action::go_live:
            return scope_live;
        case Action::account:
            return scope_account;
        case Action::create:
        case Action::update:
        case Action::remove:
        case Action::administer:
            break;
    }
    return scope_write;
}

std::string_view scope_name(Scope scope) {
    switch (scope) {
        case scope_read:
            return "read";
        case scope_write:
            return "write";
        case scope_live:
            return "live";
        default:
            return "account";
    }
}

bool open_to_viewers(Action action) {
    return action == Action::read || action == Action::account;
}

}  // namespace

std::string_view to_string(Role role) {
    switch (role) {
        case Role::viewer:
            return "viewer";
        case Role::broadcaster:
            return "broadcaster";
        case Role::admin:
            return "admin";
    }
    return "viewer";
}

base::Result<Role> role_from(std::string_view text) {
    for (const Role role : {Role::viewer, Role::broadcaster, Role::admin})
        if (to_string(role) == text) return role;
    return invalid("role", "role has to be admin, broadcaster or viewer.");
}

Actor Actor::nobody(std::string address) {
    Actor actor;
    actor.address = std::move(address);
    return actor;
}

Actor Actor::system() {
    Actor actor;
    actor.user_id = "system";
    actor.role = Role::admin;
    actor.scopes = scope_all;
    return actor;
}

base::Error not_found(std::string_view what) {
    return {base::ErrorCode::not_found, "There is no such " + std::string(what) + ", or it is not yours.",
            std::string(what) + "_not_found"};
}

base::Result<> allowed(const Actor& actor, Action action) {
    if (!actor.signed_in())
        return base::fail({base::ErrorCode::unauthenticated, "Sign in first.", "sign_in_required"});
    const Scope scope = needed_scope(action);
    if (!actor.has(scope))
        return base::fail({base::ErrorCode::forbidden,
                           action == Action::account
                               ? "This needs a sign-in with a password; an API token cannot do it."
                               : "This API token lacks the scope " + std::string(scope_name(scope)) + ".",
                           "scope_missing",
                           {{"scope", std::string(scope_name(scope))}}});
    if (action == Action::administer && !actor.is_admin())
        return base::fail({base::ErrorCode::forbidden, "Only an admin may do this.", "admin_required"});
    if (actor.role == Role::viewer && !open_to_viewers(action))
        return base::fail({base::ErrorCode::forbidden,
                           "A viewer's account cannot do this; an admin can make it a broadcaster's.",
                           "role_too_low"});
    return {};
}

base::Result<> allowed(const Actor& actor, Action action, std::string_view owner_id, std::string_view what) {
    // Whose it is comes before what may be done to it: a stranger learns nothing, not even that it exists.
    if (actor.signed_in() && !actor.manages(owner_id)) return base::fail(not_found(what));
    return allowed(actor, action);
}

}  // namespace service
