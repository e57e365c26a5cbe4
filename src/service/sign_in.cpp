// AccountService: signing in and out, and telling who shows a token.
#include "base/ids.h"
#include "crypto/jwt.h"
#include "crypto/password_hasher.h"
#include "service/accounts.h"
#include "service/api_tokens.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "service/login_guard.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::size_t max_client_software = 300;
// Longer ones were never given out; they cost no argon2id and no query.
constexpr std::size_t max_credential = 4'096;

base::Error unauthenticated(std::string name, std::string message) {
    return {base::ErrorCode::unauthenticated, std::move(message), std::move(name)};
}

base::Error login_failed() {
    return unauthenticated("login_failed", "The e-mail address or the password is wrong.");
}

std::string shown_software(const std::string& user_agent) {
    return text_length(user_agent) ? user_agent.substr(0, max_client_software) : std::string();
}

}  // namespace

base::Result<SignedIn> AccountService::login(const std::string& email_text, const base::Secret& password,
                                             const Client& client) {
    const auto email = check_email(email_text);
    const std::string account = email ? *email : email_text.substr(0, max_email);
    if (const auto free = guard_->enter(account, client.address); !free) return base::fail(free.error());
    std::optional<store::User> user;
    if (email) {
        auto found = context_.store.users().find_by_email(*email);
        if (!found) return base::fail(std::move(found.error()));
        user = std::move(*found);
    }
    // An unknown address is verified against a decoy: the same work, the same time.
    const bool too_long = password.size() > max_credential;
    const auto right = context_.passwords.verify(too_long ? base::Secret() : password,
                                                 user ? user->password_hash : base::Secret());
    if (!right) return base::fail(right.error());
    if (!*right || too_long || !user || user->disabled) {
        guard_->failed(client.address);
        context_.log.warn("sign-in failed", {{"address", client.address}});
        return base::fail(login_failed());
    }
    guard_->succeeded(account);
    if (context_.passwords.needs_rehash(user->password_hash)) {
        if (auto hash = context_.passwords.hash(password)) {
            // Only an improvement: a failure leaves the old hash, which works.
            (void)context_.store.users().update(user->id, [&](store::User& record) -> base::Result<> {
                record.password_hash = *hash;
                return {};
            });
        }
    }
    return open_session(to_service(*user), client);
}

base::Result<SignedIn> AccountService::open_session(User user, const Client& client) {
    const auto now = context_.clock.wall();
    store::RefreshToken record;
    record.id = base::random_id("rt_");
    record.family_id = base::random_id("fa_");
    record.user_id = user.id;
    record.client_software = shown_software(client.user_agent);
    record.client_address = client.address;
    record.created_at = now;
    record.expires_at = now + settings_.refresh_lifetime;
    base::Secret refresh_token("ecr_" + base::random_hex(64));
    if (const auto added = context_.store.refresh_tokens().add(record, refresh_token); !added)
        return base::fail(added.error());
    if (const auto noted = context_.store.users().record_login(user.id, now); !noted)
        return base::fail(noted.error());
    user.last_login_at = now;
    return give_tokens(std::move(user), record.family_id, std::move(refresh_token), record.expires_at);
}

base::Result<SignedIn> AccountService::give_tokens(User user, const std::string& family,
                                                   base::Secret refresh_token,
                                                   base::WallTime refresh_expires_at) {
    crypto::AccessClaims claims;
    claims.subject = user.id;
    claims.role = to_string(user.role);
    claims.session_id = family;
    auto access = context_.access_tokens.issue(claims, context_.clock.wall());
    if (!access) return base::fail(std::move(access.error()));
    return SignedIn{std::move(user), std::move(*access), settings_.access_lifetime, std::move(refresh_token),
                    refresh_expires_at};
}

base::Result<SignedIn> AccountService::refresh(const base::Secret& refresh_token, const Client& client) {
    const auto expired = [] {
        return base::fail(unauthenticated("session_expired", "You are signed out: sign in again."));
    };
    if (refresh_token.empty() || refresh_token.size() > max_credential) return expired();
    const auto now = context_.clock.wall();
    store::RefreshToken successor;
    successor.id = base::random_id("rt_");
    successor.client_software = shown_software(client.user_agent);
    successor.client_address = client.address;
    successor.created_at = now;
    successor.expires_at = now + settings_.refresh_lifetime;
    base::Secret next("ecr_" + base::random_hex(64));
    const auto rotation = context_.store.refresh_tokens().rotate(refresh_token, successor, next, now,
                                                                 settings_.refresh_reuse_leeway);
    if (!rotation) return base::fail(rotation.error());
    switch (rotation->outcome) {
        case store::RotationOutcome::rotated:
            break;
        case store::RotationOutcome::raced:
            return base::fail({base::ErrorCode::conflict,
                               "Another tab refreshed this sign-in just now: use its token.",
                               "refresh_raced"});
        case store::RotationOutcome::reused:
            context_.log.warn("a used refresh token was shown again: its sign-in is ended",
                              {{"user", rotation->token.user_id}, {"address", client.address}});
            context_.events.close_session(rotation->token.family_id);
            return base::fail(unauthenticated(
                "session_revoked",
                "This sign-in was used from two places and was ended for safety: sign in again."));
        case store::RotationOutcome::unknown:
        case store::RotationOutcome::expired:
        case store::RotationOutcome::revoked:
            return expired();
    }
    auto user = context_.store.users().get(rotation->token.user_id);
    if (!user) return base::fail(std::move(user.error()));
    if (user->disabled) return expired();
    return give_tokens(to_service(*user), rotation->token.family_id, std::move(next), successor.expires_at);
}

base::Result<> AccountService::logout(const base::Secret& refresh_token) {
    if (refresh_token.empty() || refresh_token.size() > max_credential) return {};
    const auto found = context_.store.refresh_tokens().find(refresh_token);
    if (!found) return base::fail(found.error());
    if (!*found) return {};
    context_.events.close_session((*found)->family_id);
    return context_.store.refresh_tokens().revoke_family((*found)->family_id, context_.clock.wall());
}

base::Result<> AccountService::logout_everywhere(const Actor& actor) {
    if (const auto may = allowed(actor, Action::account); !may) return base::fail(may.error());
    const auto ended = context_.store.refresh_tokens().revoke_all(actor.user_id, context_.clock.wall());
    if (ended) context_.events.close_user(actor.user_id);
    return ended;
}

base::Result<Actor> AccountService::authenticate(const base::Secret& bearer, const std::string& address) {
    const auto refused = [] {
        return base::fail(
            unauthenticated("token_invalid", "This token is not valid (any more): sign in again."));
    };
    if (bearer.empty() || bearer.size() > max_credential) return refused();
    const auto now = context_.clock.wall();
    Actor actor;
    actor.address = address;
    if (bearer.reveal().starts_with(api_token_prefix)) {
        const auto token = context_.store.api_tokens().find(bearer);
        if (!token) return base::fail(token.error());
        if (!*token) return refused();
        if ((*token)->expires_at && *(*token)->expires_at <= now)
            return base::fail(
                unauthenticated("token_expired", "This API token has expired: make a new one."));
        const auto scopes = scopes_from((*token)->scopes);
        if (!scopes) return refused();
        actor.user_id = (*token)->user_id;
        actor.token_id = (*token)->id;
        actor.scopes = *scopes;
        actor.expires_at = (*token)->expires_at;
        // That it was used is good to know, and no reason to refuse it.
        (void)context_.store.api_tokens().record_use(actor.token_id, now);
    } else {
        const auto claims = context_.access_tokens.verify(bearer.reveal(), now);
        if (!claims)
            return base::fail(claims.error().name.empty()
                                  ? unauthenticated("token_invalid", claims.error().message)
                                  : claims.error());
        const auto active = context_.store.refresh_tokens().is_family_active(claims->session_id, now);
        if (!active) return base::fail(active.error());
        if (!*active) return refused();
        actor.user_id = claims->subject;
        actor.session_id = claims->session_id;
        actor.scopes = scope_all;
        actor.expires_at = claims->expires_at;
    }
    // The role is the one of now, not the one of when the token was made.
    const auto user = context_.store.users().get(actor.user_id);
    if (!user && user.error().code == base::ErrorCode::not_found) return refused();
    if (!user) return base::fail(user.error());
    if (user->disabled) return refused();
    actor.role = to_service(user->role);
    return actor;
}

}  // namespace service
