// Accounts. Owned by Store; any thread. How all repositories behave:
//  - get() fails with not_found, named ("user_not_found"), also for what is outside the scope; find…()
//  answers nothing.
//  - a taken unique value is a conflict with the column under details["field"]; unavailable means locked or
//  lost.
//  - add() writes the record as given; ids and times are the caller's. update() reads the row, lets `change`
//  edit it
//    and writes it, in one transaction: an error from `change` leaves everything as it was and is returned.
//    `change` may run twice (after a lost connection) and must not call the store. updated_at is set by the
//    store; id, owner_id and created_at cannot be changed.
//  - lists are newest first unless said otherwise.
#pragma once

#include <functional>

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

struct UserFilter {
    std::optional<Role> role;
};

class UserRepository {
  public:
    explicit UserRepository(Database& database) : database_(database) {}

    base::Result<> add(const User& user);
    // The account made with the one-time setup code: in one transaction the code is checked and used up and
    // the user written. forbidden ("setup_code_invalid") when there is no such code.
    base::Result<> add_with_setup_code(const User& user, const base::Secret& code);

    base::Result<User> get(const std::string& id);
    // In any letter case.
    base::Result<std::optional<User>> find_by_email(const std::string& email);
    base::Result<Page<User>> list(const UserFilter& filter, const PageRequest& page);
    base::Result<std::int64_t> count(const UserFilter& filter = {});

    base::Result<User> update(const std::string& id, const std::function<base::Result<>(User&)>& change);
    base::Result<> record_login(const std::string& id, base::WallTime at);
    // Adds `amount` (may be negative) to the balance and answers the new one; conflict when it would fall
    // below 0.
    base::Result<std::int64_t> add_tokens(const std::string& id, std::int64_t amount);
    // With everything that is theirs. Conflict while one of their broadcasts runs.
    base::Result<> remove(const std::string& id);

  private:
    Database& database_;
};

}  // namespace store
