#include "service/event_hub.h"

#include <gtest/gtest.h>

namespace service {
namespace {

Actor person(const std::string& id, Role role = Role::broadcaster) {
    Actor actor;
    actor.user_id = id;
    actor.role = role;
    actor.scopes = scope_all;
    actor.session_id = "session of " + id;
    return actor;
}

std::vector<std::string> types(EventSubscription& subscription) {
    std::vector<std::string> all;
    for (const auto& event : subscription.take()) all.push_back(event->type);
    return all;
}

using Types = std::vector<std::string>;

TEST(EventHub, gives_everybody_what_they_may_see) {
    EventHub hub;
    const auto ann = hub.subscribe(person("ann"), std::nullopt, {});
    const auto bob = hub.subscribe(person("bob"), std::nullopt, {});
    const auto admin = hub.subscribe(person("root", Role::admin), std::nullopt, {});
    const auto visitor = hub.subscribe(Actor::nobody(), std::nullopt, {});
    hub.publish("session.started", "ann", false, {});
    hub.publish("livestream.changed", "ann", true, {});
    EXPECT_EQ(types(*ann), (Types{"session.started", "livestream.changed"}));
    EXPECT_EQ(types(*bob), (Types{"livestream.changed"}));
    EXPECT_EQ(types(*admin), (Types{"session.started", "livestream.changed"}));
    EXPECT_EQ(types(*visitor), (Types{"livestream.changed"}));
}

TEST(EventHub, wakes_once_until_taken) {
    EventHub hub;
    int woken = 0;
    const auto ann = hub.subscribe(person("ann"), std::nullopt, [&] { ++woken; });
    hub.publish("a", "ann", false, {});
    hub.publish("b", "ann", false, {});
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(types(*ann).size(), 2u);
    hub.publish("c", "ann", false, {});
    EXPECT_EQ(woken, 2);
}

TEST(EventHub, a_slow_listener_is_told_to_read_anew) {
    EventHub hub;
    const auto slow = hub.subscribe(person("ann"), std::nullopt, {});
    for (std::size_t i = 0; i < EventSubscription::max_queued; ++i) hub.publish("a", "ann", false, {});
    EXPECT_EQ(slow->take().size(), EventSubscription::max_queued);
    for (std::size_t i = 0; i < EventSubscription::max_queued + 1; ++i) hub.publish("a", "ann", false, {});
    hub.publish("late", "ann", false, {});
    const auto taken = slow->take();
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken.front()->type, "resync");
    EXPECT_EQ(taken.front()->id, hub.last_id());
    hub.publish("b", "ann", false, {});
    EXPECT_EQ(types(*slow), (Types{"b"}));
}

TEST(EventHub, goes_on_where_a_listener_left) {
    EventHub hub;
    hub.publish("a", "ann", false, {});
    const auto seen = hub.last_id();
    hub.publish("b", "ann", false, {});
    hub.publish("not ann's", "bob", false, {});
    bool woken = false;
    const auto back = hub.subscribe(person("ann"), seen, [&] { woken = true; });
    EXPECT_TRUE(woken);
    EXPECT_EQ(types(*back), (Types{"b"}));
    const auto current = hub.subscribe(person("ann"), hub.last_id(), {});
    EXPECT_TRUE(current->take().empty());
    // From before a restart, or from nowhere.
    const auto lost = hub.subscribe(person("ann"), 7, {});
    EXPECT_EQ(types(*lost), (Types{"resync"}));
    const auto ahead = hub.subscribe(person("ann"), hub.last_id() + 5, {});
    EXPECT_EQ(types(*ahead), (Types{"resync"}));
}

TEST(EventHub, what_passes_is_neither_given_again_nor_in_the_way) {
    EventHub hub;
    hub.publish("a", "ann", false, {});
    const auto seen = hub.last_id();
    hub.publish("b", "ann", false, {});
    for (int i = 0; i < 2'000; ++i) hub.publish_passing("metrics", "ann", {});
    const auto back = hub.subscribe(person("ann"), seen, {});
    EXPECT_EQ(types(*back), (Types{"b"}));
    const auto current = hub.subscribe(person("ann"), hub.last_id(), {});
    EXPECT_TRUE(current->take().empty());

    const auto bob = hub.subscribe(person("bob"), std::nullopt, {});
    for (std::size_t i = 0; i < EventSubscription::max_queued + 5; ++i)
        hub.publish_passing("metrics", "ann", {});
    hub.publish("c", "ann", false, {});
    const auto slow = types(*back);
    EXPECT_EQ(slow.size(), EventSubscription::max_passing + 1);
    EXPECT_EQ(slow.front(), "metrics");
    EXPECT_EQ(slow.back(), "c");
    EXPECT_TRUE(bob->take().empty());
}

TEST(EventHub, knows_who_would_hear) {
    EventHub hub;
    EXPECT_FALSE(hub.heard_by("ann"));
    auto ann = hub.subscribe(person("ann"), std::nullopt, {});
    const auto visitor = hub.subscribe(Actor::nobody(), std::nullopt, {});
    EXPECT_TRUE(hub.heard_by("ann"));
    EXPECT_FALSE(hub.heard_by("bob"));
    ann.reset();
    EXPECT_FALSE(hub.heard_by("ann"));
    const auto admin = hub.subscribe(person("root", Role::admin), std::nullopt, {});
    EXPECT_TRUE(hub.heard_by("bob"));
}

TEST(EventHub, ids_rise) {
    EventHub hub;
    const auto ann = hub.subscribe(person("ann"), std::nullopt, {});
    hub.publish("a", "ann", false, {});
    hub.publish("b", "ann", false, {});
    const auto taken = ann->take();
    EXPECT_LT(taken[0]->id, taken[1]->id);
}

TEST(EventHub, closes_whose_rights_end) {
    EventHub hub;
    int woken = 0;
    const auto ann = hub.subscribe(person("ann"), std::nullopt, [&] { ++woken; });
    const auto bob = hub.subscribe(person("bob"), std::nullopt, {});
    hub.close_user("ann");
    EXPECT_TRUE(ann->closed());
    EXPECT_EQ(woken, 1);
    EXPECT_FALSE(bob->closed());
    hub.close_session("session of bob");
    EXPECT_TRUE(bob->closed());
    hub.publish("a", "ann", false, {});
    EXPECT_TRUE(ann->take().empty());
}

TEST(EventHub, closes_whose_api_token_is_gone) {
    EventHub hub;
    const auto with_token = [](const std::string& token_id) {
        Actor actor = person("ann");
        actor.session_id.clear();
        actor.token_id = token_id;
        return actor;
    };
    int woken = 0;
    const auto gone = hub.subscribe(with_token("tk_1"), std::nullopt, [&] { ++woken; });
    const auto other = hub.subscribe(with_token("tk_2"), std::nullopt, {});
    const auto browser = hub.subscribe(person("ann"), std::nullopt, {});
    const auto visitor = hub.subscribe(Actor::nobody(), std::nullopt, {});
    hub.close_token("tk_1");
    EXPECT_TRUE(gone->closed());
    EXPECT_EQ(woken, 1);
    hub.close_token("");
    EXPECT_FALSE(other->closed());
    EXPECT_FALSE(browser->closed());
    EXPECT_FALSE(visitor->closed());
}

TEST(EventHub, forgets_who_left) {
    EventHub hub;
    { const auto gone = hub.subscribe(person("ann"), std::nullopt, {}); }
    hub.publish("a", "ann", false, {});
    EXPECT_EQ(hub.listeners(), 0u);
}

}  // namespace
}  // namespace service
