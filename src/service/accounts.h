// Accounts: registering, signing in and out, tokens and sessions of the person who asks.
// Owned by app/, called from the API's worker threads; every method is safe from any thread and may block on
// SQL and on the password hasher.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "service/actor.h"
#include "service/page.h"
#include "service/settings.h"

namespace service {

struct Context;
class LoginGuard;

struct User {
    std::string id;
    std::string email;
    std::string name;
    Role role = Role::viewer;
    bool disabled = false;
    // What token-gated livestreams ask for.
    std::int64_t token_balance = 0;
    base::WallTime created_at{};
    std::optional<base::WallTime> last_login_at;
};

// From where somebody signs in.
struct Client {
    std::string address;
    std::string user_agent;
};

struct NewAccount {
    std::string email;
    base::Secret password;
    std::string name;
    // The one-time code that a fresh server prints: makes its first admin.
    std::optional<base::Secret> setup_code = {};
};

// What a successful sign-in gives. The refresh token belongs into an HttpOnly, SameSite=Strict cookie.
struct SignedIn {
    User user;
    base::Secret access_token;
    std::chrono::seconds expires_in{};
    base::Secret refresh_token;
    base::WallTime refresh_expires_at{};
};

struct AccountChange {
    std::optional<std::string> name;
    std::optional<std::string> email;
    // Needed when the e-mail changes.
    std::optional<base::Secret> current_password;
};

class AccountService {
  public:
    AccountService(Context& context, AccountSettings settings);
    ~AccountService();

    // Makes an account and signs it in. Errors: invalid_argument with the field; forbidden
    // `registration_closed`, or `setup_code_wrong`; conflict `email_taken`; rate_limited with retryAfter.
    base::Result<SignedIn> sign_up(const NewAccount& account, const Client& client);

    // Errors: unauthenticated `login_failed`, the same and after the same work for an unknown e-mail, a wrong
    // password and a disabled account; rate_limited with retryAfter in seconds.
    base::Result<SignedIn> login(const std::string& email, const base::Secret& password,
                                 const Client& client);

    // Trades a refresh token for a new pair. A token that was traded before ends the whole sign-in, because
    // one of its two holders stole it: unauthenticated `session_revoked`; an unknown or expired one:
    // `session_expired`.
    base::Result<SignedIn> refresh(const base::Secret& refresh_token, const Client& client);

    // Ends the sign-in of this refresh token. Succeeds for an unknown one too: the goal is reached.
    base::Result<> logout(const base::Secret& refresh_token);

    // Who shows this bearer (an access token, or an API token `ect_…`). Errors: unauthenticated
    // `token_invalid` or `token_expired`. A disabled account and an ended sign-in are refused at once, not
    // when the token expires.
    base::Result<Actor> authenticate(const base::Secret& bearer, const std::string& address);

    base::Result<User> me(const Actor& actor);
    base::Result<User> update_me(const Actor& actor, const AccountChange& change);
    // Ends all other sign-ins of this user. Errors: forbidden `password_wrong`; rate_limited.
    base::Result<> change_password(const Actor& actor, const base::Secret& current, const base::Secret& next);

    // Ends every sign-in of this user, the one that asks too. API tokens stay.
    base::Result<> logout_everywhere(const Actor& actor);

    // What may be registered now: for the sign-up page. `setup_open` while the first admin is still to be
    // made.
    struct SignUpState {
        Registration registration = Registration::closed;
        bool setup_open = false;
    };
    SignUpState sign_up_state();

    // Once at start: makes the one-time setup code, to be printed, while there is no admin; nothing when
    // there is one. Only its hash is kept, and a code of an earlier start stops working.
    base::Result<std::optional<base::Secret>> prepare_setup_code();

  private:
    base::Result<SignedIn> open_session(User user, const Client& client);
    base::Result<SignedIn> give_tokens(User user, const std::string& family, base::Secret refresh_token,
                                       base::WallTime refresh_expires_at);
    base::Result<> check_own_password(const Actor& actor, const base::Secret& password);

    Context& context_;
    const AccountSettings settings_;
    std::unique_ptr<LoginGuard> guard_;
};

}  // namespace service
