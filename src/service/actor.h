// Actor: who asks, with what rights, from where; and the one policy function that every use-case passes
// through. Values, free of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace service {

enum class Role : std::uint8_t { viewer, broadcaster, admin };

std::string_view to_string(Role role);
// Nothing but the three names is a role: anything else is an invalid_argument error on field `role`.
base::Result<Role> role_from(std::string_view text);

// What a credential may be used for. A signed-in browser has all; an API token has those it was made with.
enum Scope : std::uint8_t {
    scope_read = 1,
    scope_write = 2,
    scope_live = 4,
    // Password, sessions and API tokens: never given to an API token, so that a leaked one cannot dig itself
    // in.
    scope_account = 8,
    scope_all = 15,
};

// Somebody who asks for something. One without a user id is nobody: a visitor who is not signed in.
struct Actor {
    std::string user_id = {};
    Role role = Role::viewer;
    std::uint8_t scopes = 0;
    // The address the request came from, without a port. For rate limits and the log.
    std::string address = {};
    // The sign-in this actor uses; empty for an API token.
    std::string session_id = {};
    // The API token in use; empty for a signed-in browser.
    std::string token_id = {};
    // When the credential stops working; nothing for an API token without an end. What stays open longer than
    // a request (event streams) closes then.
    std::optional<base::WallTime> expires_at = {};

    bool signed_in() const { return !user_id.empty(); }
    bool is_admin() const { return signed_in() && role == Role::admin; }
    bool has(Scope scope) const { return (scopes & scope) != 0; }
    bool owns(std::string_view owner_id) const { return signed_in() && user_id == owner_id; }
    // Whether this actor manages what `owner_id` owns: it is theirs, or they are admin.
    bool manages(std::string_view owner_id) const { return owns(owner_id) || is_admin(); }
    // Stream keys are for those who manage the stream, and not for tokens that only read.
    bool sees_keys_of(std::string_view owner_id) const {
        return manages(owner_id) && (has(scope_live) || has(scope_write));
    }

    static Actor nobody(std::string address = {});
    // The server itself: resuming broadcasts, the command line. An admin with every scope.
    static Actor system();
};

enum class Action : std::uint8_t {
    read,        // scope read
    create,      // scope write; not for viewers
    update,      // scope write; not for viewers
    remove,      // scope write; not for viewers
    go_live,     // scope live; not for viewers
    account,     // one's own account: scope account, any role
    administer,  // scope write, admins only
};

// May `actor` do this to the `what` ("destination") that `owner_id` owns? Errors: unauthenticated for nobody,
// not_found (named "<what>_not_found") for what belongs to somebody else, forbidden for a missing scope or
// role.
base::Result<> allowed(const Actor& actor, Action action, std::string_view owner_id, std::string_view what);
// The same for what has no owner yet: creating, listing one's own, administering.
base::Result<> allowed(const Actor& actor, Action action);

// The error for an unknown `what`, equal to the one for somebody else's.
base::Error not_found(std::string_view what);

}  // namespace service
