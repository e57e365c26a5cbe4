#include "service/livestream_state.h"

#include <gtest/gtest.h>

namespace service {
namespace {

using enum LivestreamStatus;

constexpr LivestreamStatus every_status[] = {scheduled, live, ended, archived, cancelled};

struct Step {
    LivestreamStatus from;
    LivestreamStatus to;
};

TEST(LivestreamState, has_four_ways_and_no_other) {
    const Step ways[] = {{scheduled, live}, {live, ended}, {ended, archived}, {scheduled, cancelled}};
    for (const auto from : every_status)
        for (const auto to : every_status) {
            bool is_way = false;
            for (const Step& way : ways) is_way = is_way || (way.from == from && way.to == to);
            const auto answer = may_change(from, to);
            EXPECT_EQ(answer.has_value(), is_way) << to_string(from) << " to " << to_string(to);
            if (answer) continue;
            EXPECT_EQ(answer.error().code, base::ErrorCode::conflict);
            EXPECT_EQ(answer.error().name, "livestream_" + std::string(to_string(from)));
            EXPECT_GT(answer.error().message.size(), 20u) << "it says why";
        }
}

TEST(LivestreamState, takes_an_encoder_until_it_is_over) {
    EXPECT_TRUE(may_publish(scheduled));
    EXPECT_TRUE(may_publish(live));
    EXPECT_FALSE(may_publish(ended));
    EXPECT_FALSE(may_publish(archived));
    EXPECT_FALSE(may_publish(cancelled));
}

TEST(LivestreamState, names_go_there_and_back) {
    for (const auto status : every_status) EXPECT_EQ(*livestream_status_from(to_string(status)), status);
    EXPECT_FALSE(livestream_status_from("paused"));
}

}  // namespace
}  // namespace service
