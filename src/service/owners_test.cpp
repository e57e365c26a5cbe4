// Somebody else's id answers like one that does not exist, in every use-case that takes one.
#include <functional>

#include "service/testing/world.h"

namespace service {
namespace {

using testing::World;

struct Call {
    std::string name;
    // The refusal; nothing when it was allowed.
    std::function<std::optional<base::Error>(const Actor&, bool existing)> run;
};

template <class T>
std::optional<base::Error> refusal(const base::Result<T>& result) {
    if (result) return std::nullopt;
    return result.error();
}

struct Owners : ::testing::Test {
    World world;
    Actor owner = world.person();
    Station station = world.station(owner);
    Livestream livestream = world.livestream(owner);
    Destination destination = world.destination(owner);
    Profile profile = world.profiles.create(owner, {.name = "All"}).value();
    std::string session_id;

    std::vector<Call> calls() {
        const auto id = [](bool existing, const std::string& real, const std::string& unknown) {
            return existing ? real : unknown;
        };
        auto& w = world;
        const auto st = [=, this](bool e) { return id(e, station.id, "st_unknown"); };
        const auto ls = [=, this](bool e) { return id(e, livestream.id, "ls_unknown"); };
        const auto de = [=, this](bool e) { return id(e, destination.id, "de_unknown"); };
        const auto pr = [=, this](bool e) { return id(e, profile.id, "pr_unknown"); };
        const auto se = [=, this](bool e) { return id(e, session_id, "se_unknown"); };
        return {
            {"station update",
             [=, &w](const Actor& a, bool e) {
                 return refusal(w.stations.update(a, st(e), {.name = "Mine"}));
             }},
            {"station rotate_key",
             [=, &w](const Actor& a, bool e) { return refusal(w.stations.rotate_key(a, st(e))); }},
            {"livestream update",
             [=, &w](const Actor& a, bool e) {
                 return refusal(w.livestreams.update(a, ls(e), {.title = "Mine"}));
             }},
            {"livestream start",
             [=, &w](const Actor& a, bool e) { return refusal(w.livestreams.start(a, ls(e))); }},
            {"livestream rotate_key",
             [=, &w](const Actor& a, bool e) { return refusal(w.livestreams.rotate_key(a, ls(e))); }},
            {"destination find",
             [=, &w](const Actor& a, bool e) { return refusal(w.destinations.find(a, de(e))); }},
            {"destination state",
             [=, &w](const Actor& a, bool e) { return refusal(w.destinations.state(a, de(e))); }},
            {"destination update",
             [=, &w](const Actor& a, bool e) {
                 return refusal(w.destinations.update(a, de(e), {.name = "Mine"}));
             }},
            {"profile find", [=, &w](const Actor& a, bool e) { return refusal(w.profiles.find(a, pr(e))); }},
            {"profile update",
             [=, &w](const Actor& a, bool e) {
                 return refusal(w.profiles.update(a, pr(e), {.name = "Mine"}));
             }},
            {"session find",
             [=, &w](const Actor& a, bool e) { return refusal(w.broadcasts.find(a, se(e))); }},
            {"session retry",
             [=, this, &w](const Actor& a, bool e) {
                 return refusal(w.broadcasts.retry_destination(a, se(e), destination.id));
             }},
            {"stream status",
             [=, &w](const Actor& a, bool e) { return refusal(w.broadcasts.stream_status(a, st(e))); }},
            {"stream health",
             [=, &w](const Actor& a, bool e) { return refusal(w.broadcasts.stream_health(a, st(e))); }},
            {"stream metrics",
             [=, &w](const Actor& a, bool e) { return refusal(w.broadcasts.stream_metrics(a, st(e))); }},
            {"stream add",
             [=, this, &w](const Actor& a, bool e) {
                 return refusal(w.broadcasts.add_destination(a, st(e), destination.id));
             }},
            {"stream remove",
             [=, this, &w](const Actor& a, bool e) {
                 return refusal(w.broadcasts.remove_destination(a, st(e), destination.id));
             }},
            {"stream stop",
             [=, &w](const Actor& a, bool e) { return refusal(w.broadcasts.stop_stream(a, st(e))); }},
            {"destination test",
             [=, &w](const Actor& a, bool e) { return refusal(w.destinations.test_connection(a, de(e))); }},
            {"stream start",
             [=, &w](const Actor& a, bool e) { return refusal(w.broadcasts.start_stream(a, st(e), {})); }},
            {"session stop",
             [=, &w](const Actor& a, bool e) { return refusal(w.broadcasts.stop(a, se(e))); }},
            {"profile remove",
             [=, &w](const Actor& a, bool e) { return refusal(w.profiles.remove(a, pr(e))); }},
            {"destination remove",
             [=, &w](const Actor& a, bool e) { return refusal(w.destinations.remove(a, de(e))); }},
            {"livestream cancel",
             [=, &w](const Actor& a, bool e) { return refusal(w.livestreams.cancel(a, ls(e))); }},
            {"station remove",
             [=, &w](const Actor& a, bool e) { return refusal(w.stations.remove(a, st(e))); }},
        };
    }

    void go_live() { session_id = world.broadcasts.start_stream(owner, station.id, {}).value().session.id; }
};

TEST_F(Owners, strangers_cannot_tell_foreign_from_unknown) {
    go_live();
    for (const Role role : {Role::broadcaster, Role::viewer}) {
        const Actor stranger = world.person(role);
        for (const Call& call : calls()) {
            const auto foreign = call.run(stranger, true);
            const auto unknown = call.run(stranger, false);
            ASSERT_TRUE(foreign) << call.name;
            ASSERT_TRUE(unknown) << call.name;
            EXPECT_EQ(foreign->code, base::ErrorCode::not_found) << call.name;
            EXPECT_EQ(foreign->name, unknown->name) << call.name;
            EXPECT_EQ(foreign->message, unknown->message) << call.name;
        }
    }
}

TEST_F(Owners, nobody_has_to_sign_in) {
    go_live();
    for (const Call& call : calls()) {
        const auto refused = call.run(Actor::nobody(), true);
        ASSERT_TRUE(refused) << call.name;
        EXPECT_EQ(refused->code, base::ErrorCode::unauthenticated) << call.name;
    }
}

TEST_F(Owners, the_owner_may_all_of_it) {
    go_live();
    for (const Call& call : calls()) {
        const auto refused = call.run(owner, true);
        EXPECT_FALSE(refused) << call.name << ": " << (refused ? refused->message : "");
    }
}

TEST_F(Owners, an_admin_may_all_of_it) {
    go_live();
    const Actor admin = world.person(Role::admin);
    for (const Call& call : calls()) {
        const auto refused = call.run(admin, true);
        EXPECT_FALSE(refused) << call.name << ": " << (refused ? refused->message : "");
    }
}

TEST_F(Owners, an_admin_goes_live_with_no_key_but_its_own) {
    const Actor admin = world.person(Role::admin);
    const GoLive request{.stream_key = *world.stations.find(owner, station.id)->stream_key};
    EXPECT_EQ(testing::error_name(world.broadcasts.go_live(admin, request)), "stream_key_unknown");
    EXPECT_TRUE(world.broadcasts.go_live(owner, request));
}

TEST_F(Owners, a_reading_token_changes_nothing) {
    go_live();
    Actor token = owner;
    token.scopes = scope_read;
    for (const Call& call : calls()) {
        const auto refused = call.run(token, true);
        if (refused) {
            EXPECT_EQ(refused->code, base::ErrorCode::forbidden) << call.name;
        }
    }
    EXPECT_TRUE(world.stations.find(owner, station.id));
    EXPECT_FALSE(world.stations.find(token, station.id)->stream_key);
    EXPECT_TRUE(world.destinations.find(owner, destination.id));
}

TEST_F(Owners, lists_hold_only_what_is_ones_own) {
    go_live();
    const Actor stranger = world.person();
    EXPECT_TRUE(world.destinations.list(stranger, {}, {})->items.empty());
    EXPECT_TRUE(world.profiles.list(stranger, "", {})->items.empty());
    EXPECT_TRUE(world.broadcasts.history(stranger, "", {})->items.empty());
    EXPECT_EQ(world.broadcasts.rtmp_status(stranger)->total_active, 0u);
    const Actor admin = world.person(Role::admin);
    EXPECT_EQ(world.destinations.list(admin, {}, {})->items.size(), 1u);
    EXPECT_EQ(world.broadcasts.rtmp_status(admin)->total_active, 1u);
}

TEST_F(Owners, references_to_foreign_things_are_refused) {
    const Actor stranger = world.person();
    const auto refers = [](const auto& result, const std::string& field) {
        return !result && result.error().code == base::ErrorCode::invalid_argument &&
               result.error().details.at("field") == field;
    };
    EXPECT_TRUE(
        refers(world.livestreams.create(stranger, {.title = "X", .station_id = station.id}), "station_id"));
    EXPECT_TRUE(
        refers(world.livestreams.create(stranger, {.title = "X", .destination_ids = {destination.id}}),
               "destination_ids"));
    EXPECT_TRUE(
        refers(world.livestreams.create(stranger, {.title = "X", .profile_id = profile.id}), "profile_id"));
    NewDestination there{.platform = "youtube"};
    there.station_id = station.id;
    EXPECT_TRUE(refers(world.destinations.create(stranger, there), "stationId"));
    EXPECT_TRUE(
        refers(world.profiles.create(stranger, {.name = "X", .station_id = station.id}), "stationId"));
    EXPECT_FALSE(world.profiles.create(stranger, {.name = "X", .entries = {{destination.id, {}}}}));
    const auto own = world.station(stranger);
    EXPECT_TRUE(refers(
        world.broadcasts.start_stream(stranger, own.id, {.destination_ids = std::vector{destination.id}}),
        "destinationIds"));
    EXPECT_EQ(testing::error_name(world.broadcasts.go_live(
                  stranger, {.stream_key = *world.stations.find(owner, station.id)->stream_key})),
              "stream_key_unknown");
}

TEST_F(Owners, viewers_create_nothing) {
    const Actor viewer = world.person(Role::viewer);
    EXPECT_EQ(testing::error_name(world.stations.create(viewer, {.name = "Radio"})), "role_too_low");
    EXPECT_EQ(testing::error_name(world.livestreams.create(viewer, {.title = "Show"})), "role_too_low");
    EXPECT_EQ(testing::error_name(world.destinations.create(viewer, {.platform = "youtube"})),
              "role_too_low");
    EXPECT_EQ(testing::error_name(world.profiles.create(viewer, {.name = "All"})), "role_too_low");
    EXPECT_EQ(testing::error_name(world.broadcasts.go_live(viewer, {.stream_key = base::Secret("x")})),
              "role_too_low");
}

}  // namespace
}  // namespace service
