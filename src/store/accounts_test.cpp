#include <atomic>
#include <limits>
#include <thread>

#include "store/store_test.h"

namespace store {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class Users : public StoreTest {};
EVERYCAST_BOTH_DATABASES(Users);

TEST_P(Users, KeepEverything) {
    User user = make_user("Mixed.Case@Example.COM", Role::admin);
    user.name = "Zoë “Z” 🎥 O'Neil; DROP TABLE users --";
    user.token_balance = 9'000'000'000'000;
    user.disabled = true;
    user.last_login_at = next_time();
    ASSERT_TRUE(store().users().add(user));

    const User read = store().users().get(user.id).value();
    EXPECT_EQ(read.email, "mixed.case@example.com");
    EXPECT_EQ(read.name, user.name);
    EXPECT_TRUE(read.password_hash == user.password_hash);
    EXPECT_EQ(read.role, Role::admin);
    EXPECT_EQ(read.token_balance, 9'000'000'000'000);
    EXPECT_TRUE(read.disabled);
    EXPECT_EQ(read.last_login_at, user.last_login_at);
    EXPECT_EQ(read.created_at, user.created_at);
    EXPECT_EQ(store().users().find_by_email("MIXED.case@example.com").value()->id, user.id);
    EXPECT_FALSE(store().users().find_by_email("nobody@example.com").value());
}

TEST_P(Users, HaveOneEmailEach) {
    add_user("a@example.com");
    const auto again = store().users().add(make_user("A@Example.com"));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, base::ErrorCode::conflict);
    EXPECT_EQ(again.error().details.at("field"), "email");
    EXPECT_EQ(again.error().message.find("example.com"), std::string::npos) << "no values in messages";

    const User other = add_user("b@example.com");
    const auto moved = store().users().update(other.id, [](User& user) -> base::Result<> {
        user.email = "a@EXAMPLE.com";
        return {};
    });
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, base::ErrorCode::conflict);
}

TEST_P(Users, AreNotFoundByName) {
    const auto missing = store().users().get("us_nobody");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, base::ErrorCode::not_found);
    EXPECT_EQ(missing.error().name, "user_not_found");
}

TEST_P(Users, UpdateKeepsIdentityAndRefusalChangesNothing) {
    const User user = add_user();
    clock_->advance(hours(1));
    const User changed = store()
                             .users()
                             .update(user.id,
                                     [](User& edited) -> base::Result<> {
                                         edited.id = "us_other";
                                         edited.created_at = {};
                                         edited.name = "New";
                                         return {};
                                     })
                             .value();
    EXPECT_EQ(changed.id, user.id);
    EXPECT_EQ(changed.created_at, user.created_at);
    EXPECT_EQ(changed.updated_at, clock_->wall());
    const auto refused = store().users().update(user.id, [](User& edited) -> base::Result<> {
        edited.name = "Never";
        return base::fail(base::ErrorCode::conflict, "no");
    });
    EXPECT_EQ(refused.error().message, "no");
    EXPECT_EQ(store().users().get(user.id).value().name, "New");
}

TEST_P(Users, ListInPagesNewestFirst) {
    std::vector<std::string> ids;
    for (int i = 0; i < 7; ++i) ids.push_back(add_user().id);
    // Two of the same millisecond must not hide each other at a page's edge.
    User twin = make_user();
    twin.created_at = clock_->wall() - std::chrono::milliseconds(1);
    ASSERT_TRUE(store().users().add(twin));

    std::vector<std::string> seen;
    PageRequest page{.limit = 3, .cursor = {}};
    do {
        const auto part = store().users().list({}, page).value();
        EXPECT_LE(part.items.size(), 3u);
        for (const User& user : part.items) seen.push_back(user.id);
        page.cursor = part.next_cursor;
    } while (!page.cursor.empty());
    ASSERT_EQ(seen.size(), 8u);
    std::erase(seen, twin.id);
    EXPECT_EQ(seen, std::vector<std::string>(ids.rbegin(), ids.rend()));
    EXPECT_EQ(store().users().list({}, {.limit = 100'000, .cursor = {}}).value().items.size(), 8u);
    EXPECT_EQ(store().users().list({}, {.limit = -1, .cursor = {}}).value().items.size(), 1u);
}

TEST_P(Users, ListRefusesForeignCursors) {
    for (const char* cursor : {"x", "abcd", "zz", "2e", "31", "' OR 1=1 --", "312e00", "31302e27"}) {
        const auto page = store().users().list({}, {.limit = 3, .cursor = cursor});
        if (page) continue;  // of the right form: it only finds nothing
        EXPECT_EQ(page.error().code, base::ErrorCode::invalid_argument) << cursor;
    }
    EXPECT_FALSE(store().users().list({}, {.limit = 3, .cursor = "not hex"}));
    EXPECT_FALSE(store().users().list({}, {.limit = 3, .cursor = std::string(1000, 'a')}));
}

TEST_P(Users, CountByRole) {
    add_user("a@example.com", Role::admin);
    add_user("b@example.com", Role::viewer);
    add_user("c@example.com", Role::viewer);
    EXPECT_EQ(store().users().count().value(), 3);
    EXPECT_EQ(store().users().count({.role = Role::viewer}).value(), 2);
    EXPECT_EQ(store().users().list({.role = Role::admin}, {}).value().items.size(), 1u);
}

TEST_P(Users, TokensNeverFallBelowZero) {
    const User user = add_user();
    EXPECT_EQ(store().users().add_tokens(user.id, 50).value(), 50);
    EXPECT_EQ(store().users().add_tokens(user.id, -20).value(), 30);
    EXPECT_EQ(store().users().add_tokens(user.id, -31).error().code, base::ErrorCode::conflict);
    EXPECT_EQ(store().users().add_tokens(user.id, std::numeric_limits<std::int64_t>::max()).error().code,
              base::ErrorCode::conflict);
    EXPECT_EQ(store().users().get(user.id).value().token_balance, 30);
    EXPECT_EQ(store().users().add_tokens("us_nobody", 1).error().code, base::ErrorCode::not_found);
}

TEST_P(Users, LeaveWithAllThatIsTheirs) {
    const User user = add_user();
    const Station station = add_station(user.id);
    add_destination(user.id);
    Broadcast broadcast = make_broadcast(user.id, station.id);
    ASSERT_TRUE(store().broadcasts().add(broadcast));
    EXPECT_EQ(store().users().remove(user.id).error().code, base::ErrorCode::conflict);
    ASSERT_TRUE(
        store().broadcasts().update(Scope::all(), broadcast.id, [](Broadcast& edited) -> base::Result<> {
            edited.status = BroadcastStatus::ended;
            return {};
        }));
    ASSERT_TRUE(store().users().remove(user.id));
    constexpr Sql tables[] = {"users", "stations", "destinations", "broadcasts"};
    for (const Sql table : tables) EXPECT_EQ(count(table), 0) << table.text();
    EXPECT_EQ(store().users().remove(user.id).error().code, base::ErrorCode::not_found);
}

TEST_P(Users, RefuseTextThatNoDatabaseHolds) {
    for (const std::string& name : {std::string("a\0b", 3), std::string("\xff\xfe"), std::string("\xc0\xaf"),
                                    std::string("\xed\xa0\x80"), std::string("cut \xf0\x9f\x8e")}) {
        User user = make_user();
        user.name = name;
        const auto added = store().users().add(user);
        ASSERT_FALSE(added);
        EXPECT_EQ(added.error().code, base::ErrorCode::invalid_argument);
        EXPECT_EQ(added.error().details.at("field"), "name");
    }
    EXPECT_EQ(count("users"), 0);
}

TEST_P(Users, SetupCodeWorksOnceAndOnlyWithTheUser) {
    const base::Secret code("setup-code-1234");
    ASSERT_TRUE(store().settings().set_setup_code(code));
    EXPECT_TRUE(store().settings().has_setup_code().value());
    EXPECT_EQ(store().users().add_with_setup_code(make_user(), base::Secret("guess")).error().name,
              "setup_code_invalid");
    add_user("taken@example.com");
    EXPECT_EQ(store().users().add_with_setup_code(make_user("taken@example.com"), code).error().code,
              base::ErrorCode::conflict);
    EXPECT_TRUE(store().settings().has_setup_code().value())
        << "a failed registration does not use the code up";
    EXPECT_TRUE(store().users().add_with_setup_code(make_user(), code));
    EXPECT_EQ(store().users().add_with_setup_code(make_user(), code).error().code,
              base::ErrorCode::forbidden);
    EXPECT_FALSE(store().settings().has_setup_code().value());
}

class RefreshTokens : public StoreTest {
  protected:
    RefreshToken make_token(const std::string& user_id, const std::string& family) {
        RefreshToken token;
        token.id = base::random_hex(16);
        token.family_id = family;
        token.user_id = user_id;
        token.client_software = "Firefox";
        token.client_address = "203.0.113.7";
        token.created_at = clock_->wall();
        token.expires_at = clock_->wall() + hours(24);
        return token;
    }
    Rotation rotate(const std::string& shown, const std::string& next) {
        return store()
            .refresh_tokens()
            .rotate(base::Secret(shown), make_token("ignored", "ignored"), base::Secret(next), clock_->wall())
            .value();
    }
};
EVERYCAST_BOTH_DATABASES(RefreshTokens);

TEST_P(RefreshTokens, Rotate) {
    const User user = add_user();
    ASSERT_TRUE(store().refresh_tokens().add(make_token(user.id, "family"), base::Secret("one")));
    const Rotation rotation = rotate("one", "two");
    EXPECT_EQ(rotation.outcome, RotationOutcome::rotated);
    EXPECT_EQ(rotation.token.user_id, user.id);
    EXPECT_EQ(rotation.token.client_software, "Firefox");
    const RefreshToken two = store().refresh_tokens().find(base::Secret("two")).value().value();
    EXPECT_EQ(two.family_id, "family");
    EXPECT_EQ(two.user_id, user.id);
    EXPECT_FALSE(two.used_at);
    EXPECT_TRUE(store().refresh_tokens().find(base::Secret("one")).value()->used_at);
    EXPECT_EQ(rotate("never", "x").outcome, RotationOutcome::unknown);
}

TEST_P(RefreshTokens, ReuseRevokesTheFamily) {
    const User user = add_user();
    ASSERT_TRUE(store().refresh_tokens().add(make_token(user.id, "family"), base::Secret("one")));
    ASSERT_TRUE(store().refresh_tokens().add(make_token(user.id, "other"), base::Secret("o1")));
    rotate("one", "two");
    EXPECT_EQ(rotate("one", "three").outcome, RotationOutcome::raced) << "two tabs at once";
    EXPECT_TRUE(store().refresh_tokens().is_family_active("family", clock_->wall()).value());
    clock_->advance(seconds(11));
    EXPECT_EQ(rotate("one", "three").outcome, RotationOutcome::reused);
    EXPECT_FALSE(store().refresh_tokens().is_family_active("family", clock_->wall()).value());
    EXPECT_EQ(rotate("two", "four").outcome, RotationOutcome::revoked) << "the thief's and the owner's alike";
    EXPECT_FALSE(store().refresh_tokens().find(base::Secret("three")).value());
    EXPECT_EQ(rotate("o1", "o2").outcome, RotationOutcome::rotated) << "other devices stay signed in";
}

TEST_P(RefreshTokens, ExpireAndAreForgotten) {
    const User user = add_user();
    ASSERT_TRUE(store().refresh_tokens().add(make_token(user.id, "family"), base::Secret("one")));
    clock_->advance(hours(24));
    EXPECT_EQ(rotate("one", "two").outcome, RotationOutcome::expired);
    EXPECT_FALSE(store().refresh_tokens().is_family_active("family", clock_->wall()).value());
    EXPECT_EQ(store().refresh_tokens().remove_expired(clock_->wall()).value(), 0);
    EXPECT_EQ(store().refresh_tokens().remove_expired(clock_->wall() + seconds(1)).value(), 1);
    EXPECT_EQ(rotate("one", "two").outcome, RotationOutcome::unknown);
}

TEST_P(RefreshTokens, SignOut) {
    const User user = add_user();
    for (const char* family : {"phone", "laptop", "tv"})
        ASSERT_TRUE(store().refresh_tokens().add(make_token(user.id, family), base::Secret(family)));
    const auto active = [&](const char* family) {
        return store().refresh_tokens().is_family_active(family, clock_->wall()).value();
    };
    ASSERT_TRUE(store().refresh_tokens().revoke_family("tv", clock_->wall()));
    EXPECT_FALSE(active("tv"));
    EXPECT_TRUE(active("phone"));
    ASSERT_TRUE(store().refresh_tokens().revoke_all(user.id, clock_->wall(), "laptop"));
    EXPECT_FALSE(active("phone"));
    EXPECT_TRUE(active("laptop"));
    ASSERT_TRUE(store().refresh_tokens().revoke_all(user.id, clock_->wall()));
    EXPECT_FALSE(active("laptop"));
}

TEST_P(RefreshTokens, OneOfManyAtOnceRotates) {
    const User user = add_user();
    ASSERT_TRUE(store().refresh_tokens().add(make_token(user.id, "family"), base::Secret("one")));
    std::atomic<int> rotated = 0;
    {
        std::vector<std::jthread> tabs;
        for (int i = 0; i < 6; ++i)
            tabs.emplace_back([&, i] {
                rotated += rotate("one", "next " + std::to_string(i)).outcome == RotationOutcome::rotated;
            });
    }
    EXPECT_EQ(rotated, 1);
    EXPECT_EQ(count("refresh_tokens"), 2);
}

class ApiTokens : public StoreTest {};
EVERYCAST_BOTH_DATABASES(ApiTokens);

TEST_P(ApiTokens, AreFoundByTheirTextAlone) {
    const User user = add_user();
    ApiToken token;
    token.id = base::random_id("tk_");
    token.user_id = user.id;
    token.name = "script";
    token.hint = "1a2b";
    token.scopes = {"livestreams:read", "quote \" and \\"};
    token.created_at = next_time();
    token.expires_at = token.created_at + hours(1);
    ASSERT_TRUE(store().api_tokens().add(token, base::Secret("evc_secret")));

    const ApiToken read = store().api_tokens().find(base::Secret("evc_secret")).value().value();
    EXPECT_EQ(read.id, token.id);
    EXPECT_EQ(read.user_id, user.id);
    EXPECT_EQ(read.scopes, token.scopes);
    EXPECT_EQ(read.hint, "1a2b");
    EXPECT_EQ(read.expires_at, token.expires_at);
    EXPECT_FALSE(read.last_used_at);
    EXPECT_FALSE(store().api_tokens().find(base::Secret("evc_other")).value());
}

TEST_P(ApiTokens, AreTheirOwnersOnly) {
    const User owner = add_user();
    const User other = add_user();
    ApiToken token;
    token.id = "tk_1";
    token.user_id = owner.id;
    token.created_at = next_time();
    ASSERT_TRUE(store().api_tokens().add(token, base::Secret("evc_secret")));
    EXPECT_EQ(store().api_tokens().list(Scope::of(owner.id), {}).value().items.size(), 1u);
    EXPECT_EQ(store().api_tokens().list(Scope::of(other.id), {}).value().items.size(), 0u);
    EXPECT_EQ(store().api_tokens().remove(Scope::of(other.id), "tk_1").error().code,
              base::ErrorCode::not_found);
    EXPECT_TRUE(store().api_tokens().remove(Scope::of(owner.id), "tk_1"));
    EXPECT_FALSE(store().api_tokens().find(base::Secret("evc_secret")).value());
}

TEST_P(ApiTokens, NoteTheirUseOnceAMinute) {
    ApiToken token;
    token.id = "tk_1";
    token.user_id = add_user().id;
    token.created_at = next_time();
    ASSERT_TRUE(store().api_tokens().add(token, base::Secret("evc_secret")));
    const auto last = [&] {
        return store().api_tokens().find(base::Secret("evc_secret")).value()->last_used_at;
    };
    const base::WallTime first = clock_->wall();
    ASSERT_TRUE(store().api_tokens().record_use("tk_1", first));
    ASSERT_TRUE(store().api_tokens().record_use("tk_1", first + seconds(59)));
    EXPECT_EQ(last(), first);
    ASSERT_TRUE(store().api_tokens().record_use("tk_1", first + seconds(60)));
    EXPECT_EQ(last(), first + seconds(60));
}

class Settings : public StoreTest {};
EVERYCAST_BOTH_DATABASES(Settings);

TEST_P(Settings, OutliveARestart) {
    ASSERT_TRUE(store().settings().set("motd", "hello"));
    ASSERT_TRUE(store().settings().set("motd", "hello again"));
    ASSERT_TRUE(store().settings().set_secret("hook", base::Secret("hook-secret-text")));
    reopen();
    EXPECT_EQ(store().settings().find("motd").value(), "hello again");
    EXPECT_EQ(store().settings().find_secret("hook").value()->reveal(), "hook-secret-text");
    EXPECT_EQ(store().settings().find("hook").value()->find("hook-secret-text"), std::string::npos);
    ASSERT_TRUE(store().settings().remove("motd"));
    EXPECT_FALSE(store().settings().find("motd").value());
    EXPECT_FALSE(store().settings().find_secret("none").value());
}

}  // namespace
}  // namespace store
