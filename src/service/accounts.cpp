// Accounts as such: making them, reading and changing one's own. Signing in is in sign_in.cpp.
#include "service/accounts.h"

#include "base/ids.h"
#include "crypto/password_hasher.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "service/login_guard.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

base::Error email_taken() {
    return {base::ErrorCode::conflict,
            "An account with this e-mail address exists already: sign in instead.",
            "email_taken",
            {{"field", "email"}}};
}

// Of several ways a user cannot be written, a taken e-mail is the one to tell.
base::Error told(base::Error error) {
    return error.code == base::ErrorCode::conflict ? email_taken() : error;
}

base::Error setup_code_wrong() {
    return {
        base::ErrorCode::forbidden,
        "This setup code is wrong or used up. The server prints a fresh one when it starts and has no admin.",
        "setup_code_wrong",
        {{"field", "setupCode"}}};
}

}  // namespace

AccountService::AccountService(Context& context, AccountSettings settings)
    : context_(context), settings_(settings), guard_(std::make_unique<LoginGuard>(context.clock, settings)) {}

AccountService::~AccountService() = default;

base::Result<SignedIn> AccountService::sign_up(const NewAccount& account, const Client& client) {
    const bool with_code = account.setup_code && !account.setup_code->empty();
    if (!with_code && settings_.registration == Registration::closed)
        return base::fail({base::ErrorCode::forbidden,
                           "Registration is closed on this server: ask its admin for an account.",
                           "registration_closed"});
    const auto email = check_email(account.email);
    if (!email) return base::fail(email.error());
    const auto name = check_name("name", account.name);
    if (!name) return base::fail(name.error());
    if (const auto fits = check_password("password", account.password, *email); !fits)
        return base::fail(fits.error());
    if (const auto free = guard_->may_register(client.address); !free) return base::fail(free.error());

    store::User user;
    user.id = base::random_id("us_");
    user.email = *email;
    user.name = *name;
    user.role = with_code ? store::Role::admin : to_store(settings_.default_role);
    user.created_at = user.updated_at = context_.clock.wall();
    auto hash = context_.passwords.hash(account.password);
    if (!hash) return base::fail(std::move(hash.error()));
    user.password_hash = std::move(*hash);

    auto added = with_code ? context_.store.users().add_with_setup_code(user, *account.setup_code)
                           : context_.store.users().add(user);
    if (!added) {
        if (with_code && added.error().code == base::ErrorCode::forbidden)
            return base::fail(setup_code_wrong());
        return base::fail(told(std::move(added.error())));
    }
    context_.log.info("account made", {{"user", user.id}, {"role", to_string(to_service(user.role))}});
    return open_session(to_service(user), client);
}

base::Result<User> AccountService::me(const Actor& actor) {
    if (const auto may = allowed(actor, Action::read); !may) return base::fail(may.error());
    return context_.store.users().get(actor.user_id).map([](const store::User& user) {
        return to_service(user);
    });
}

base::Result<User> AccountService::update_me(const Actor& actor, const AccountChange& change) {
    if (const auto may = allowed(actor, Action::account); !may) return base::fail(may.error());
    base::Result<std::string> name = std::string();
    base::Result<std::string> email = std::string();
    if (change.name && !(name = check_name("name", *change.name))) return base::fail(name.error());
    if (change.email) {
        if (!(email = check_email(*change.email))) return base::fail(email.error());
        if (const auto right = check_own_password(actor, change.current_password.value_or(base::Secret()));
            !right)
            return base::fail(right.error());
    }
    return context_.store.users()
        .update(actor.user_id,
                [&](store::User& user) -> base::Result<> {
                    if (change.name) user.name = *name;
                    if (change.email) user.email = *email;
                    return {};
                })
        .map([](const store::User& user) { return to_service(user); })
        .map_error(told);
}

base::Result<> AccountService::change_password(const Actor& actor, const base::Secret& current,
                                               const base::Secret& next) {
    if (const auto may = allowed(actor, Action::account); !may) return base::fail(may.error());
    const auto user = context_.store.users().get(actor.user_id);
    if (!user) return base::fail(user.error());
    if (const auto fits = check_password("newPassword", next, user->email); !fits)
        return base::fail(fits.error());
    if (const auto right = check_own_password(actor, current); !right) return base::fail(right.error());
    const auto hash = context_.passwords.hash(next);
    if (!hash) return base::fail(hash.error());
    const auto written =
        context_.store.users().update(actor.user_id, [&](store::User& record) -> base::Result<> {
            record.password_hash = *hash;
            return {};
        });
    if (!written) return base::fail(written.error());
    context_.log.info("password changed", {{"user", actor.user_id}});
    const auto ended =
        context_.store.refresh_tokens().revoke_all(actor.user_id, context_.clock.wall(), actor.session_id);
    context_.events.close_user(actor.user_id);
    return ended;
}

base::Result<> AccountService::check_own_password(const Actor& actor, const base::Secret& password) {
    const auto user = context_.store.users().get(actor.user_id);
    if (!user) return base::fail(user.error());
    if (const auto free = guard_->enter(user->email, actor.address); !free) return base::fail(free.error());
    const auto right = context_.passwords.verify(password, user->password_hash);
    if (!right) return base::fail(right.error());
    if (!*right) {
        guard_->failed(actor.address);
        return base::fail({base::ErrorCode::forbidden,
                           "The current password is wrong.",
                           "password_wrong",
                           {{"field", "currentPassword"}}});
    }
    guard_->succeeded(user->email);
    return {};
}

AccountService::SignUpState AccountService::sign_up_state() {
    return {settings_.registration, context_.store.settings().has_setup_code().value_or(false)};
}

base::Result<std::optional<base::Secret>> AccountService::prepare_setup_code() {
    const auto admins = context_.store.users().count({.role = store::Role::admin});
    if (!admins) return base::fail(admins.error());
    if (*admins > 0) {
        if (const auto removed = context_.store.settings().remove_setup_code(); !removed)
            return base::fail(removed.error());
        return std::optional<base::Secret>();
    }
    base::Secret code(base::random_hex(24));
    if (const auto kept = context_.store.settings().set_setup_code(code); !kept)
        return base::fail(kept.error());
    return std::optional<base::Secret>(std::move(code));
}

}  // namespace service
