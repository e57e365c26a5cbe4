#include "service/accounts.h"

#include "service/testing/world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::error_name;
using testing::World;

const Client home{"203.0.113.7", "a browser"};

AccountSettings open_registration() {
    AccountSettings settings;
    settings.registration = Registration::open;
    return settings;
}

NewAccount ann() {
    return {"Ann@Example.org", base::Secret("correct horse battery"), "Ann", std::nullopt};
}

struct Accounts : ::testing::Test {
    World world{nullptr, nullptr, open_registration()};
    SignedIn sign_up() { return world.accounts.sign_up(ann(), home).value(); }
    base::Result<SignedIn> login(const std::string& password, const Client& from = home,
                                 const std::string& email = "ann@example.org") {
        return world.accounts.login(email, base::Secret(password), from);
    }
    base::Result<Actor> who(const SignedIn& in) {
        return world.accounts.authenticate(in.access_token, home.address);
    }
};

TEST_F(Accounts, sign_up_then_in) {
    const SignedIn first = sign_up();
    EXPECT_EQ(first.user.email, "ann@example.org");
    EXPECT_EQ(first.user.role, Role::broadcaster);
    EXPECT_EQ(who(first)->user_id, first.user.id);
    const auto again = login("correct horse battery");
    ASSERT_TRUE(again);
    EXPECT_EQ(world.accounts.me(*who(*again))->name, "Ann");
    EXPECT_TRUE(who(*again)->has(scope_account));
    EXPECT_TRUE(who(*again)->expires_at);
}

TEST_F(Accounts, an_email_is_taken_once) {
    sign_up();
    EXPECT_EQ(error_name(world.accounts.sign_up(ann(), home)), "email_taken");
}

TEST_F(Accounts, unknown_and_wrong_are_told_alike) {
    sign_up();
    const auto wrong = login("wrong password");
    const auto unknown = login("wrong password", home, "nobody@example.org");
    const auto nonsense = login("wrong password", home, "no address");
    ASSERT_FALSE(wrong);
    for (const auto* other : {&unknown, &nonsense}) {
        ASSERT_FALSE(*other);
        EXPECT_EQ(other->error().code, wrong.error().code);
        EXPECT_EQ(other->error().name, "login_failed");
        EXPECT_EQ(other->error().message, wrong.error().message);
    }
}

TEST_F(Accounts, an_account_is_guessed_at_ten_times) {
    sign_up();
    for (int i = 0; i < 10; ++i) {
        const Client elsewhere{"198.51.100." + std::to_string(i), ""};
        EXPECT_EQ(error_name(login("wrong password", elsewhere)), "login_failed");
    }
    const auto refused = login("correct horse battery", {"198.51.100.99", ""});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::rate_limited);
    EXPECT_EQ(refused.error().details.at("retryAfter"), "900");
    world.clock->advance(15min);
    EXPECT_TRUE(login("correct horse battery"));
}

TEST_F(Accounts, an_address_guesses_fifty_times) {
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(error_name(login("wrong password", home, "a" + std::to_string(i) + "@example.org")),
                  "login_failed");
    EXPECT_EQ(error_name(login("wrong password", home, "other@example.org")), "rate_limited");
    EXPECT_EQ(error_name(login("wrong password", {"198.51.100.1", ""}, "other@example.org")), "login_failed");
}

TEST_F(Accounts, success_clears_the_account) {
    sign_up();
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 9; ++i) EXPECT_FALSE(login("wrong password"));
        EXPECT_TRUE(login("correct horse battery"));
    }
}

TEST_F(Accounts, a_refresh_token_is_traded_once) {
    const SignedIn first = sign_up();
    world.clock->advance(5min);
    const auto second = world.accounts.refresh(first.refresh_token, home);
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->refresh_token == first.refresh_token);
    EXPECT_TRUE(who(*second));
    EXPECT_TRUE(world.accounts.refresh(second->refresh_token, home));
}

TEST_F(Accounts, a_reused_refresh_token_ends_the_family) {
    const SignedIn first = sign_up();
    const auto second = world.accounts.refresh(first.refresh_token, home);
    ASSERT_TRUE(second);
    const auto other_device = login("correct horse battery");
    world.clock->advance(1min);
    EXPECT_EQ(error_name(world.accounts.refresh(first.refresh_token, {"198.51.100.1", "a thief"})),
              "session_revoked");
    EXPECT_EQ(error_name(world.accounts.refresh(second->refresh_token, home)), "session_expired");
    EXPECT_EQ(error_name(who(*second)), "token_invalid");
    EXPECT_TRUE(who(*other_device));
}

TEST_F(Accounts, two_tabs_are_no_thieves) {
    const SignedIn first = sign_up();
    const auto second = world.accounts.refresh(first.refresh_token, home);
    world.clock->advance(2s);
    EXPECT_EQ(error_name(world.accounts.refresh(first.refresh_token, home)), "refresh_raced");
    EXPECT_TRUE(world.accounts.refresh(second->refresh_token, home));
}

TEST_F(Accounts, tokens_expire) {
    const SignedIn first = sign_up();
    world.clock->advance(15min + 1s);
    EXPECT_EQ(who(first).error().code, base::ErrorCode::unauthenticated);
    world.clock->advance(std::chrono::hours(24 * 31));
    EXPECT_EQ(error_name(world.accounts.refresh(first.refresh_token, home)), "session_expired");
    EXPECT_EQ(error_name(world.accounts.refresh(base::Secret("nonsense"), home)), "session_expired");
}

TEST_F(Accounts, logout_ends_one_and_everywhere_all) {
    const SignedIn first = sign_up();
    const auto second = login("correct horse battery");
    EXPECT_TRUE(world.accounts.logout(first.refresh_token));
    EXPECT_FALSE(who(first));
    EXPECT_TRUE(who(*second));
    EXPECT_TRUE(world.accounts.logout(base::Secret("unknown")));
    EXPECT_TRUE(world.accounts.logout_everywhere(*who(*second)));
    EXPECT_FALSE(who(*second));
}

TEST_F(Accounts, a_new_password_ends_the_other_sign_ins) {
    const SignedIn first = sign_up();
    const auto second = login("correct horse battery");
    const Actor actor = *who(first);
    EXPECT_EQ(error_name(world.accounts.change_password(actor, base::Secret("wrong"),
                                                        base::Secret("another password"))),
              "password_wrong");
    EXPECT_EQ(error_name(world.accounts.change_password(actor, base::Secret("correct horse battery"),
                                                        base::Secret("short"))),
              "invalid_field");
    ASSERT_TRUE(world.accounts.change_password(actor, base::Secret("correct horse battery"),
                                               base::Secret("another password")));
    EXPECT_TRUE(who(first));
    EXPECT_FALSE(who(*second));
    EXPECT_FALSE(login("correct horse battery"));
    EXPECT_TRUE(login("another password"));
}

TEST_F(Accounts, a_new_email_needs_the_password) {
    const Actor actor = *who(sign_up());
    EXPECT_EQ(world.accounts.update_me(actor, {.name = "Anna", .email = {}, .current_password = {}})->name,
              "Anna");
    EXPECT_EQ(error_name(world.accounts.update_me(
                  actor, {.name = {}, .email = "new@example.org", .current_password = {}})),
              "password_wrong");
    EXPECT_EQ(world.accounts
                  .update_me(actor, {.name = {},
                                     .email = "New@example.org",
                                     .current_password = base::Secret("correct horse battery")})
                  ->email,
              "new@example.org");
}

TEST_F(Accounts, a_disabled_account_is_out_at_once) {
    const SignedIn in = sign_up();
    const Actor admin = world.person(Role::admin);
    const auto listener = world.events.subscribe(*who(in), std::nullopt, {});
    ASSERT_TRUE(world.users.update(admin, in.user.id, {.name = {}, .role = {}, .disabled = true}));
    EXPECT_FALSE(who(in));
    EXPECT_TRUE(listener->closed());
    EXPECT_EQ(error_name(login("correct horse battery")), "login_failed");
    EXPECT_FALSE(world.accounts.refresh(in.refresh_token, home));
}

TEST_F(Accounts, a_new_role_counts_at_once) {
    const SignedIn in = sign_up();
    ASSERT_TRUE(world.users.update(world.person(Role::admin), in.user.id,
                                   {.name = {}, .role = Role::viewer, .disabled = {}}));
    EXPECT_EQ(who(in)->role, Role::viewer);
}

TEST_F(Accounts, api_tokens_do_what_they_may) {
    const Actor owner = *who(sign_up());
    EXPECT_EQ(error_name(world.api_tokens.create(owner, {"script", {"account"}, {}})), "invalid_field");
    EXPECT_EQ(error_name(world.api_tokens.create(owner, {"script", {}, {}})), "invalid_field");
    EXPECT_EQ(error_name(world.api_tokens.create(owner, {"script", {"read"}, world.clock->wall()})),
              "invalid_field");
    const auto made = world.api_tokens.create(owner, {"script", {"read", "live"}, world.clock->wall() + 1h});
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->secret.reveal().starts_with("ect_"));
    const auto actor = world.accounts.authenticate(made->secret, "203.0.113.7");
    ASSERT_TRUE(actor);
    EXPECT_EQ(actor->user_id, owner.user_id);
    EXPECT_EQ(actor->scopes, scope_read | scope_live);
    // A leaked token cannot make another one.
    EXPECT_EQ(error_name(world.api_tokens.create(*actor, {"more", {"read"}, {}})), "scope_missing");
    EXPECT_EQ(world.api_tokens.list(owner)->front().tail,
              made->secret.reveal().substr(made->secret.size() - 4));
    world.clock->advance(1h);
    EXPECT_EQ(error_name(world.accounts.authenticate(made->secret, "")), "token_expired");
    EXPECT_EQ(error_name(world.api_tokens.remove(world.person(), made->token.id)), "token_not_found");
    EXPECT_TRUE(world.api_tokens.remove(owner, made->token.id));
    EXPECT_EQ(error_name(world.accounts.authenticate(made->secret, "")), "token_invalid");
}

TEST_F(Accounts, a_deleted_api_token_ends_its_event_streams) {
    const Actor owner = *who(sign_up());
    const auto made = world.api_tokens.create(owner, {"script", {"read"}, {}});
    const auto kept = world.api_tokens.create(owner, {"another", {"read"}, {}});
    const auto listen = [&](const base::Secret& token) {
        return world.events.subscribe(*world.accounts.authenticate(token, home.address), std::nullopt, {});
    };
    const auto stream = listen(made->secret);
    const auto other = listen(kept->secret);
    EXPECT_EQ(error_name(world.api_tokens.remove(world.person(), made->token.id)), "token_not_found");
    EXPECT_FALSE(stream->closed()) << "not by a stranger";
    ASSERT_TRUE(world.api_tokens.remove(owner, made->token.id));
    EXPECT_TRUE(stream->closed());
    EXPECT_FALSE(other->closed());
}

TEST(ClosedAccounts, the_setup_code_makes_one_admin) {
    World world;
    EXPECT_EQ(error_name(world.accounts.sign_up(ann(), home)), "registration_closed");
    const auto code = world.accounts.prepare_setup_code();
    ASSERT_TRUE(code && *code);
    EXPECT_TRUE(world.accounts.sign_up_state().setup_open);
    NewAccount first = ann();
    first.setup_code = base::Secret("a guess");
    EXPECT_EQ(error_name(world.accounts.sign_up(first, home)), "setup_code_wrong");
    first.setup_code = **code;
    const auto admin = world.accounts.sign_up(first, home);
    ASSERT_TRUE(admin);
    EXPECT_EQ(admin->user.role, Role::admin);
    NewAccount second = first;
    second.email = "second@example.org";
    EXPECT_EQ(error_name(world.accounts.sign_up(second, home)), "setup_code_wrong");
    EXPECT_FALSE(*world.accounts.prepare_setup_code());
    EXPECT_FALSE(world.accounts.sign_up_state().setup_open);
}

TEST(ClosedAccounts, each_start_prints_another_code) {
    World world;
    const auto old_code = world.accounts.prepare_setup_code();
    ASSERT_TRUE(*world.accounts.prepare_setup_code());
    NewAccount first = ann();
    first.setup_code = **old_code;
    EXPECT_EQ(error_name(world.accounts.sign_up(first, home)), "setup_code_wrong");
}

TEST(Users, are_managed_by_admins) {
    World world;
    const Actor admin = world.person(Role::admin);
    const Actor other = world.person();
    const NewUser wanted{"bob@example.org", base::Secret("correct horse battery"), "Bob", Role::viewer};
    EXPECT_EQ(error_name(world.users.create(other, wanted)), "admin_required");
    const auto bob = world.users.create(admin, wanted);
    ASSERT_TRUE(bob);
    EXPECT_EQ(error_name(world.users.create(admin, wanted)), "email_taken");
    EXPECT_EQ(world.users.list(admin, {})->items.size(), 3u);
    EXPECT_EQ(error_name(world.users.list(other, {})), "admin_required");
    EXPECT_EQ(world.users.grant_tokens(admin, bob->id, 50)->token_balance, 50);
    EXPECT_EQ(world.users.grant_tokens(admin, bob->id, -20)->token_balance, 30);
    EXPECT_EQ(error_name(world.users.grant_tokens(admin, bob->id, -31)), "balance_too_low");
    EXPECT_EQ(error_name(world.users.grant_tokens(admin, bob->id, 0)), "invalid_field");
    EXPECT_EQ(error_name(world.users.grant_tokens(other, bob->id, 1)), "admin_required");
}

TEST(Users, the_last_admin_stays) {
    World world;
    const Actor admin = world.person(Role::admin);
    EXPECT_EQ(error_name(world.users.update(admin, admin.user_id,
                                            {.name = {}, .role = Role::viewer, .disabled = {}})),
              "last_admin");
    EXPECT_EQ(
        error_name(world.users.update(admin, admin.user_id, {.name = {}, .role = {}, .disabled = true})),
        "last_admin");
    const Actor second = world.person(Role::admin);
    EXPECT_TRUE(world.users.update(admin, admin.user_id, {.name = {}, .role = {}, .disabled = true}));
    EXPECT_EQ(error_name(world.users.update(second, second.user_id,
                                            {.name = {}, .role = Role::viewer, .disabled = {}})),
              "last_admin");
}

}  // namespace
}  // namespace service
