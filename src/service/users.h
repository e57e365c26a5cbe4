// Users, as admins manage them. Owned by app/, safe from any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "service/accounts.h"
#include "service/actor.h"
#include "service/page.h"

namespace service {

class BroadcastService;

struct NewUser {
    std::string email;
    base::Secret password;
    std::string name;
    Role role = Role::broadcaster;
};

struct UserChange {
    std::optional<std::string> name;
    std::optional<Role> role;
    std::optional<bool> disabled;
};

class UserService {
  public:
    // `broadcasts` is nullptr on the command line, where nothing runs that could be ended.
    explicit UserService(Context& context, BroadcastService* broadcasts = nullptr)
        : context_(context), broadcasts_(broadcasts) {}

    // Admins only, all of these; another's question is answered forbidden.
    base::Result<User> create(const Actor& actor, const NewUser& user);
    base::Result<Page<User>> list(const Actor& actor, const PageRequest& page);
    base::Result<User> find(const Actor& actor, const std::string& user_id);
    // Disabling ends every sign-in, API token and broadcast at once. The last admin stays one: conflict
    // `last_admin`.
    base::Result<User> update(const Actor& actor, const std::string& user_id, const UserChange& change);
    // Adds `amount` (which may be negative) to the balance; the balance never goes below zero (conflict
    // `balance_too_low`).
    base::Result<User> grant_tokens(const Actor& actor, const std::string& user_id, std::int64_t amount);

  private:
    // Whether there is an admin besides this user who can sign in.
    base::Result<bool> other_admins(const std::string& user_id);

    Context& context_;
    BroadcastService* broadcasts_;
    std::mutex mutex_;
};

}  // namespace service
