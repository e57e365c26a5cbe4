// What one user may have, at the figures of production: the last one fits, the next one does not.
#include <gtest/gtest.h>

#include "service/testing/world.h"

namespace service {
namespace {

using testing::error_name;
using testing::World;

// Makes `count`, which all must succeed, and gives the error of one more.
template <class Make>
std::string past(std::size_t count, Make make) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto made = make(i);
        if (!made) return "number " + std::to_string(i + 1) + ": " + made.error().message;
    }
    return error_name(make(count));
}

TEST(Limits, fifty_stations) {
    World world;
    const Actor owner = world.person();
    EXPECT_EQ(past(50,
                   [&](std::size_t i) {
                       return world.stations.create(owner, {.name = "Radio " + std::to_string(i)});
                   }),
              "limit_reached");
    EXPECT_TRUE(world.stations.create(world.person(), {.name = "Somebody else's"}));
}

NewDestination new_destination(std::size_t i) {
    NewDestination wanted{.platform = "custom"};
    wanted.name = "Number " + std::to_string(i);
    wanted.rtmp_url = "rtmp://media.example.org/live";
    wanted.stream_key = base::Secret("secret-key-1234");
    return wanted;
}

TEST(Limits, two_hundred_destinations_and_all_of_them_in_one_broadcast) {
    World world;
    const Actor owner = world.person();
    std::vector<std::string> ids;
    EXPECT_EQ(past(200,
                   [&](std::size_t i) {
                       auto made = world.destinations.create(owner, new_destination(i));
                       if (made) ids.push_back(made->id);
                       return made;
                   }),
              "limit_reached");
    EXPECT_TRUE(world.destinations.create(world.person(), new_destination(0)));

    ASSERT_EQ(ids.size(), 200u);
    EXPECT_TRUE(world.livestreams.create(owner, {.title = "All", .destination_ids = ids}));
    // The number is looked at before what they are.
    ids.push_back(ids.front());
    const auto too_many = world.livestreams.create(owner, {.title = "Too many", .destination_ids = ids});
    ASSERT_FALSE(too_many);
    EXPECT_EQ(too_many.error().message.find("At most 200"), 0u) << too_many.error().message;
}

TEST(Limits, a_hundred_profiles) {
    World world;
    const Actor owner = world.person();
    EXPECT_EQ(past(100,
                   [&](std::size_t i) {
                       return world.profiles.create(owner, {.name = "Profile " + std::to_string(i)});
                   }),
              "limit_reached");
}

TEST(Limits, two_hundred_open_livestreams) {
    World world;
    const Actor owner = world.person();
    EXPECT_EQ(past(200,
                   [&](std::size_t i) {
                       return world.livestreams.create(owner, {.title = "Show " + std::to_string(i)});
                   }),
              "limit_reached");
}

TEST(Limits, fifty_api_tokens) {
    World world;
    Actor owner = world.person();
    EXPECT_EQ(past(50,
                   [&](std::size_t i) {
                       return world.api_tokens.create(owner, {"script " + std::to_string(i), {"read"}, {}});
                   }),
              "limit_reached");
}

TEST(Limits, ten_registrations_from_one_network_in_a_quarter_of_an_hour) {
    AccountSettings settings;
    settings.registration = Registration::open;
    World world(nullptr, nullptr, settings);
    const auto sign_up = [&](std::size_t i, const std::string& address) {
        return world.accounts.sign_up({"someone" + std::to_string(i) + "@example.org",
                                       base::Secret("correct horse battery"), "Some", std::nullopt},
                                      {address, "a browser"});
    };
    EXPECT_EQ(past(10, [&](std::size_t i) { return sign_up(i, "203.0.113.7"); }), "rate_limited");
    EXPECT_TRUE(sign_up(20, "203.0.113.8")) << "others are not held up";
    world.clock->advance(std::chrono::minutes(15));
    EXPECT_TRUE(sign_up(21, "203.0.113.7"));
}

TEST(Limits, ten_thousand_livestreams_are_remembered) {
    LiveBoard board;
    const auto know = [&](std::size_t i) { board.know("ls_" + std::to_string(i), {}); };
    const auto remembered = [&](std::size_t count) {
        std::size_t known = 0;
        for (std::size_t i = 0; i < count; ++i) known += board.brief("ls_" + std::to_string(i)) ? 1 : 0;
        return known;
    };
    for (std::size_t i = 0; i < 10'000; ++i) know(i);
    EXPECT_EQ(remembered(10'000), 10'000u);
    know(10'000);
    EXPECT_EQ(remembered(10'001), 10'000u) << "one made room for it";
    EXPECT_TRUE(board.brief("ls_10000"));
}

}  // namespace
}  // namespace service
