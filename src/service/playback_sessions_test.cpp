#include "service/playback_sessions.h"

#include <gtest/gtest.h>

namespace service {
namespace {

using namespace std::chrono_literals;

struct PlaybackSessionBook : testing::Test {
    const base::Secret key{std::string(32, 'k')};
    const std::string show = "4wPZx0N2mQe7RkT1yUvB3c";
    base::ManualClock clock;
    base::LimitHits hits;
    crypto::PlaybackTokens tokens{key};

    PlaybackSessions book(PlaybackSessionSettings settings = {}) { return {key, clock, hits, settings}; }
    std::string token(const std::string& user) {
        return tokens.issue(show, user, crypto::random_playback_session(), clock.wall());
    }
    static std::string opens(PlaybackSessions& sessions, const std::string& subject, const std::string& token,
                             const std::string& network = {}) {
        const auto claims = sessions.read(subject, token, network);
        if (!claims) return claims.error().name;
        const auto kept = sessions.keep(subject, *claims, network);
        return kept ? "open" : std::string(base::to_string(kept.error().code));
    }
};

TEST_F(PlaybackSessionBook, is_bounded_and_tells_so) {
    PlaybackSessions sessions = book({.max_sessions = 3});
    const std::string first = token("us_1");
    EXPECT_EQ(opens(sessions, show, first), "open");
    EXPECT_EQ(opens(sessions, show, token("us_2")), "open");
    EXPECT_EQ(opens(sessions, show, token("us_3")), "open");
    for (int i = 0; i < 1'000; ++i)
        EXPECT_EQ(opens(sessions, show, token("us_4")), base::to_string(base::ErrorCode::unavailable));
    EXPECT_EQ(sessions.count(), 3u);
    EXPECT_EQ(hits.counts()["playback_sessions"], 1'000u);
    EXPECT_EQ(opens(sessions, show, first), "open") << "who is there stays";
    // Those who went make room without anybody's help.
    clock.advance(31s);
    EXPECT_EQ(opens(sessions, show, token("us_4")), "open");
    EXPECT_EQ(sessions.count(), 1u);
}

TEST_F(PlaybackSessionBook, one_person_takes_nobody_elses_place) {
    PlaybackSessions sessions = book({.max_sessions = 40, .max_per_user = 4});
    const std::string other = token("us_2");
    const std::string oldest = token("us_1");
    EXPECT_EQ(opens(sessions, show, other), "open");
    EXPECT_EQ(opens(sessions, show, oldest), "open");
    for (int i = 0; i < 100; ++i) {
        clock.advance(10ms);
        EXPECT_EQ(opens(sessions, show, token("us_1")), "open");
    }
    EXPECT_EQ(sessions.count(), 5u);
    EXPECT_EQ(hits.counts()["playback_sessions_per_user"], 97u);
    clock.advance(5min);
    EXPECT_EQ(opens(sessions, show, oldest), "playback_token_expired");
}

TEST_F(PlaybackSessionBook, keeps_subjects_and_people_apart) {
    PlaybackSessions sessions = book();
    const crypto::PlaybackSession same = crypto::random_playback_session();
    const std::string mine = tokens.issue(show, "us_1", same, clock.wall());
    const std::string another_subject = tokens.issue("as_1", "us_1", same, clock.wall());
    const std::string another_person = tokens.issue(show, "us_2", same, clock.wall());
    EXPECT_EQ(opens(sessions, show, mine), "open");
    EXPECT_EQ(opens(sessions, "as_1", another_subject), base::to_string(base::ErrorCode::forbidden));
    EXPECT_EQ(opens(sessions, show, another_person), base::to_string(base::ErrorCode::forbidden));
    for (int i = 0; i < 12; ++i) {
        clock.advance(29s);
        EXPECT_EQ(opens(sessions, show, mine), "open");
    }
    EXPECT_EQ(opens(sessions, "as_1", another_subject), "playback_token_expired");
    EXPECT_EQ(opens(sessions, show, another_person), "playback_token_expired");
}

TEST_F(PlaybackSessionBook, keeps_what_is_paused_for_the_network_that_opened_it) {
    PlaybackSessions sessions = book();
    const std::string paused = token("us_1");
    const std::string live = token("us_1");
    EXPECT_EQ(opens(sessions, show, paused, "203.0.113.7"), "open");
    EXPECT_EQ(opens(sessions, show, live), "open");
    for (int i = 0; i < 3; ++i) {
        clock.advance(11h);
        sessions.sweep();
        EXPECT_EQ(opens(sessions, show, live), "playback_token_expired");
        EXPECT_EQ(opens(sessions, show, paused, "198.51.100.1"), "playback_token_expired");
        EXPECT_EQ(opens(sessions, show, paused, ""), "playback_token_expired");
        EXPECT_EQ(opens(sessions, show, paused, "203.0.113.7"), "open") << "pause " << i;
    }
    clock.advance(12h + 1s);
    EXPECT_EQ(opens(sessions, show, paused, "203.0.113.7"), "playback_token_expired");
    sessions.sweep();
    EXPECT_EQ(sessions.count(), 0u);
}

TEST_F(PlaybackSessionBook, those_who_pause_make_way_when_there_is_no_room) {
    PlaybackSessions sessions = book({.max_sessions = 2});
    EXPECT_EQ(opens(sessions, show, token("us_1"), "203.0.113.7"), "open");
    EXPECT_EQ(opens(sessions, show, token("us_2"), "203.0.113.7"), "open");
    EXPECT_NE(opens(sessions, show, token("us_3")), "open");
    clock.advance(31s);
    EXPECT_EQ(opens(sessions, show, token("us_3")), "open");
}

TEST_F(PlaybackSessionBook, refuses_tokens_of_another_installation) {
    PlaybackSessions sessions = book();
    const crypto::PlaybackTokens foreign(base::Secret(std::string(32, 'j')));
    EXPECT_EQ(opens(sessions, show, foreign.issue(show, "us_1", {}, clock.wall())), "playback_refused");
    EXPECT_EQ(opens(sessions, show, ""), "playback_refused");
    EXPECT_EQ(sessions.count(), 0u);
}

}  // namespace
}  // namespace service
