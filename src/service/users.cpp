#include "service/users.h"

#include "base/ids.h"
#include "crypto/password_hasher.h"
#include "service/broadcasts.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "service/live_board.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {

base::Result<User> UserService::create(const Actor& actor, const NewUser& user) {
    if (const auto may = allowed(actor, Action::administer); !may) return base::fail(may.error());
    const auto email = check_email(user.email);
    if (!email) return base::fail(email.error());
    const auto name = check_name("name", user.name);
    if (!name) return base::fail(name.error());
    if (const auto fits = check_password("password", user.password, *email); !fits)
        return base::fail(fits.error());
    auto hash = context_.passwords.hash(user.password);
    if (!hash) return base::fail(std::move(hash.error()));

    store::User record;
    record.id = base::random_id("us_");
    record.email = *email;
    record.name = *name;
    record.password_hash = std::move(*hash);
    record.role = to_store(user.role);
    record.created_at = record.updated_at = context_.clock.wall();
    if (auto added = context_.store.users().add(record); !added) {
        if (added.error().code == base::ErrorCode::conflict)
            return base::fail({base::ErrorCode::conflict,
                               "An account with this e-mail address exists already.",
                               "email_taken",
                               {{"field", "email"}}});
        return base::fail(std::move(added.error()));
    }
    context_.log.info("account made",
                      {{"user", record.id}, {"role", to_string(user.role)}, {"by", actor.user_id}});
    // With an admin there, nobody may become one by the setup code any more.
    if (user.role == Role::admin)
        if (const auto removed = context_.store.settings().remove_setup_code(); !removed)
            return base::fail(removed.error());
    return to_service(record);
}

base::Result<Page<User>> UserService::list(const Actor& actor, const PageRequest& page) {
    if (const auto may = allowed(actor, Action::administer); !may) return base::fail(may.error());
    if (const auto fits = check_page(page); !fits) return base::fail(fits.error());
    const auto found = context_.store.users().list({}, to_store(page));
    if (!found) return base::fail(found.error());
    Page<User> users{{}, found->next_cursor};
    for (const auto& user : found->items) users.items.push_back(to_service(user));
    return users;
}

base::Result<User> UserService::find(const Actor& actor, const std::string& user_id) {
    if (const auto may = allowed(actor, Action::administer); !may) return base::fail(may.error());
    return context_.store.users().get(user_id).map([](const store::User& user) { return to_service(user); });
}

base::Result<User> UserService::update(const Actor& actor, const std::string& user_id,
                                       const UserChange& change) {
    if (const auto may = allowed(actor, Action::administer); !may) return base::fail(may.error());
    base::Result<std::string> name = std::string();
    if (change.name && !(name = check_name("name", *change.name))) return base::fail(name.error());

    // Two admins who demote each other at the same moment would leave none: one at a time.
    const std::lock_guard one_at_a_time(mutex_);
    const auto before = context_.store.users().get(user_id);
    if (!before) return base::fail(before.error());
    const bool falls = before->role == store::Role::admin && !before->disabled &&
                       ((change.role && *change.role != Role::admin) || change.disabled.value_or(false));
    if (falls) {
        const auto others = other_admins(user_id);
        if (!others) return base::fail(others.error());
        if (!*others)
            return base::fail(
                {base::ErrorCode::conflict, "This is the last admin: make another one first.", "last_admin"});
    }
    const auto after = context_.store.users().update(user_id, [&](store::User& user) -> base::Result<> {
        if (change.name) user.name = *name;
        if (change.role) user.role = to_store(*change.role);
        if (change.disabled) user.disabled = *change.disabled;
        return {};
    });
    if (!after) return base::fail(after.error());
    if (change.disabled.value_or(false)) {
        if (const auto ended = context_.store.refresh_tokens().revoke_all(user_id, context_.clock.wall());
            !ended)
            return base::fail(ended.error());
    }
    const bool silenced = change.disabled.value_or(false) || change.role == Role::viewer;
    if (silenced && broadcasts_) {
        const char* reason = change.disabled.value_or(false) ? "the account was disabled"
                                                             : "the account may no longer broadcast";
        if (const auto ended = broadcasts_->end_user(user_id, reason); !ended)
            return base::fail(ended.error());
    }
    context_.board.rights_changed();
    // Listeners hold the rights they were opened with.
    if (change.role || change.disabled) context_.events.close_user(user_id);
    context_.log.info("account changed", {{"user", user_id}, {"by", actor.user_id}});
    return to_service(*after);
}

base::Result<bool> UserService::other_admins(const std::string& user_id) {
    store::PageRequest page{store::max_page_size, {}};
    do {
        const auto admins = context_.store.users().list({.role = store::Role::admin}, page);
        if (!admins) return base::fail(admins.error());
        for (const auto& admin : admins->items)
            if (admin.id != user_id && !admin.disabled) return true;
        page.cursor = admins->next_cursor;
    } while (!page.cursor.empty());
    return false;
}

base::Result<User> UserService::grant_tokens(const Actor& actor, const std::string& user_id,
                                             std::int64_t amount) {
    if (const auto may = allowed(actor, Action::administer); !may) return base::fail(may.error());
    constexpr std::int64_t most = 1'000'000'000'000;
    if (amount == 0 || amount > most || amount < -most)
        return invalid("amount", "amount has to be a whole number other than 0, at most a million million.");
    if (const auto user = context_.store.users().get(user_id); !user) return base::fail(user.error());
    const auto balance = context_.store.users().add_tokens(user_id, amount);
    if (!balance && balance.error().code == base::ErrorCode::conflict)
        return base::fail({base::ErrorCode::conflict, "The balance cannot go below 0.", "balance_too_low"});
    if (!balance) return base::fail(balance.error());
    context_.board.rights_changed();
    return find(actor, user_id);
}

}  // namespace service
