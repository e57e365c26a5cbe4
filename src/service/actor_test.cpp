#include "service/actor.h"

#include <gtest/gtest.h>

namespace service {
namespace {

Actor person(const std::string& id, Role role, std::uint8_t scopes = scope_all) {
    Actor actor;
    actor.user_id = id;
    actor.role = role;
    actor.scopes = scopes;
    return actor;
}

base::ErrorCode refusal(const base::Result<>& result) {
    EXPECT_FALSE(result);
    return result ? base::ErrorCode::internal : result.error().code;
}

constexpr Action every_action[] = {Action::read,    Action::create,  Action::update,    Action::remove,
                                   Action::go_live, Action::account, Action::administer};

TEST(Policy, strangers_learn_nothing) {
    for (const Action action : every_action) {
        EXPECT_EQ(refusal(allowed(person("b", Role::broadcaster), action, "a", "station")),
                  base::ErrorCode::not_found);
        EXPECT_EQ(refusal(allowed(person("b", Role::viewer, 0), action, "a", "station")),
                  base::ErrorCode::not_found);
        EXPECT_EQ(refusal(allowed(Actor::nobody(), action, "a", "station")),
                  base::ErrorCode::unauthenticated);
    }
}

TEST(Policy, owners_and_admins_manage) {
    for (const Action action :
         {Action::read, Action::create, Action::update, Action::remove, Action::go_live}) {
        EXPECT_TRUE(allowed(person("a", Role::broadcaster), action, "a", "station"));
        EXPECT_TRUE(allowed(person("z", Role::admin), action, "a", "station"));
    }
    EXPECT_EQ(refusal(allowed(person("a", Role::broadcaster), Action::administer)),
              base::ErrorCode::forbidden);
    EXPECT_TRUE(allowed(person("z", Role::admin), Action::administer));
}

TEST(Policy, viewers_only_read_and_keep_their_account) {
    const Actor viewer = person("v", Role::viewer);
    EXPECT_TRUE(allowed(viewer, Action::read));
    EXPECT_TRUE(allowed(viewer, Action::account));
    for (const Action action : {Action::create, Action::update, Action::remove, Action::go_live})
        EXPECT_EQ(refusal(allowed(viewer, action, "v", "station")), base::ErrorCode::forbidden);
}

TEST(Policy, a_token_does_what_its_scopes_say) {
    const Actor reader = person("a", Role::admin, scope_read);
    EXPECT_TRUE(allowed(reader, Action::read));
    for (const Action action : {Action::create, Action::go_live, Action::account, Action::administer})
        EXPECT_EQ(refusal(allowed(reader, action)), base::ErrorCode::forbidden);
    EXPECT_FALSE(reader.sees_keys_of("a"));
    EXPECT_TRUE(person("a", Role::broadcaster, scope_live).sees_keys_of("a"));
    EXPECT_FALSE(person("b", Role::broadcaster).sees_keys_of("a"));
}

TEST(Policy, an_unknown_thing_looks_like_somebody_elses) {
    const auto foreign = allowed(person("b", Role::broadcaster), Action::read, "a", "destination");
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().message, not_found("destination").message);
    EXPECT_EQ(foreign.error().name, "destination_not_found");
}

TEST(Roles, are_three_names) {
    EXPECT_EQ(*role_from("admin"), Role::admin);
    EXPECT_FALSE(role_from("Admin"));
    EXPECT_FALSE(role_from(""));
}

}  // namespace
}  // namespace service
