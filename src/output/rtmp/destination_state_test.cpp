#include "output/rtmp/destination_state.h"

#include <gtest/gtest.h>

#include <random>

namespace output::rtmp {
namespace {

using Action = DestinationState::Action;
using LostHow = DestinationState::LostHow;
using Phase = DestinationState::Phase;
using media::OutputProblem;
using media::OutputState;
using namespace std::chrono_literals;

class DestinationStateTest : public testing::Test {
  protected:
    media::OutputStatus status() const {
        media::OutputStatus status;
        state_.describe(status);
        return status;
    }
    void connect() {
        state_.connected();
        state_.accepted();
    }
    // A connection that stands and whose bytes are acknowledged for `how_long`.
    void run_well(std::chrono::milliseconds how_long) {
        for (std::chrono::milliseconds at{0}; at < how_long; at += 500ms) {
            clock_.advance(500ms);
            acked_ += 1'000;
            ASSERT_EQ(state_.progress(acked_, 10), Action::none);
        }
    }
    // Lets the back-off pass.
    void come_back() {
        clock_.advance(40s);
        ASSERT_EQ(state_.tick(), Action::dial);
    }

    base::ManualClock clock_;
    RetryPolicy policy_;
    std::uint64_t acked_ = 0;
    DestinationState state_{policy_, clock_, [] { return 0.5; }};
};

TEST_F(DestinationStateTest, says_connected_only_when_media_was_acknowledged) {
    EXPECT_EQ(status().state, OutputState::disconnected);
    EXPECT_EQ(status().problem, OutputProblem::waiting_for_encoder);
    EXPECT_EQ(state_.stream_available(), Action::dial);
    EXPECT_EQ(status().state, OutputState::connecting);
    EXPECT_EQ(status().problem, OutputProblem::none);
    connect();
    EXPECT_EQ(status().state, OutputState::connecting);
    EXPECT_EQ(state_.progress(0, 5'000), Action::none);
    EXPECT_EQ(status().state, OutputState::connecting);
    EXPECT_EQ(state_.progress(1, 5'000), Action::none);
    EXPECT_EQ(status().state, OutputState::connected);
    EXPECT_EQ(status().problem, OutputProblem::none);
    EXPECT_TRUE(status().connected_at);
}

TEST_F(DestinationStateTest, backs_off_exponentially_to_the_cap_and_starts_over_after_a_good_minute) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    for (const int expected : {1, 2, 4, 8, 16, 30, 30}) {
        EXPECT_EQ(state_.failed(OutputProblem::connection_refused, "nothing listens"), Action::hang_up);
        EXPECT_EQ(status().state, OutputState::error);
        EXPECT_NE(status().detail.find("retrying in " + std::to_string(expected) + " s"), std::string::npos)
            << status().detail;
        clock_.advance(std::chrono::seconds(expected) - 1ms);
        EXPECT_EQ(state_.tick(), Action::none);
        clock_.advance(1ms);
        EXPECT_EQ(state_.tick(), Action::dial);
    }
    EXPECT_EQ(status().retry_count, 7u);
    connect();
    run_well(61s);
    EXPECT_EQ(status().retry_count, 0u);
    EXPECT_EQ(state_.lost(LostHow::broken, "reset"), Action::hang_up);
    clock_.advance(1s);
    EXPECT_EQ(state_.tick(), Action::dial);
}

TEST_F(DestinationStateTest, a_refused_key_is_tried_three_times_then_waits_for_a_person) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    for (int i = 0; i < 2; ++i) {
        state_.connected();
        EXPECT_EQ(state_.refused("bad name"), Action::hang_up);
        EXPECT_EQ(state_.phase(), Phase::backing_off);
        come_back();
    }
    state_.connected();
    EXPECT_EQ(state_.refused("bad name"), Action::hang_up);
    EXPECT_EQ(state_.phase(), Phase::paused);
    EXPECT_EQ(status().problem, OutputProblem::key_refused);
    EXPECT_EQ(status().last_error, "bad name");
    clock_.advance(1h);
    EXPECT_EQ(state_.tick(), Action::none);
    EXPECT_EQ(state_.retry(), Action::dial);
}

TEST_F(DestinationStateTest,
       an_orderly_close_right_after_the_publish_counts_as_refusal_and_a_reset_does_not) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    for (int i = 0; i < 20; ++i) {
        connect();
        run_well(2s);
        EXPECT_EQ(state_.lost(LostHow::broken, "reset"), Action::hang_up);
        come_back();
    }
    for (int i = 0; i < 3; ++i) {
        connect();
        run_well(2s);
        EXPECT_EQ(state_.lost(LostHow::orderly, "closed"), Action::hang_up);
        if (i < 2) come_back();
    }
    EXPECT_EQ(state_.phase(), Phase::paused);
}

TEST_F(DestinationStateTest, a_stall_is_said_soon_and_ends_in_a_new_connection) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    connect();
    run_well(5s);
    clock_.advance(3s);
    EXPECT_EQ(state_.progress(acked_, 400'000), Action::none);
    EXPECT_EQ(status().state, OutputState::error);
    EXPECT_EQ(status().problem, OutputProblem::stalled);
    EXPECT_NE(status().detail.find("stalled for 3 s"), std::string::npos);
    clock_.advance(7s);
    EXPECT_EQ(state_.progress(acked_, 400'000), Action::hang_up);
    EXPECT_EQ(state_.phase(), Phase::backing_off);
    EXPECT_EQ(state_.tick(), Action::none);
    clock_.advance(5s);
    EXPECT_EQ(state_.tick(), Action::dial);
}

TEST_F(DestinationStateTest, where_memory_is_short_a_stall_ends_at_once_and_who_takes_bytes_stays) {
    base::MemoryGauge memory(1'000);
    policy_.memory = &memory;
    DestinationState state(policy_, clock_, [] { return 0.5; });
    memory.set_used(951);
    ASSERT_EQ(state.stream_available(), Action::dial);
    state.connected();
    state.accepted();
    for (std::uint64_t acked = 1; acked < 10; ++acked) {
        clock_.advance(2s);
        EXPECT_EQ(state.progress(acked, 400'000), Action::none);
    }
    memory.set_used(950);
    clock_.advance(2'500ms);
    EXPECT_EQ(state.progress(9, 400'000), Action::none);
    memory.set_used(951);
    EXPECT_EQ(state.progress(9, 400'000), Action::hang_up);
}

TEST_F(DestinationStateTest, silence_without_anything_to_send_is_no_stall) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    connect();
    run_well(5s);
    clock_.advance(1min);
    EXPECT_EQ(state_.progress(acked_, 0), Action::none);
    EXPECT_EQ(status().state, OutputState::connected);
}

TEST_F(DestinationStateTest, a_bad_certificate_is_not_tried_again_within_half_a_minute) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    EXPECT_EQ(state_.failed(OutputProblem::tls_failed, "expired"), Action::hang_up);
    clock_.advance(29s);
    EXPECT_EQ(state_.tick(), Action::none);
    clock_.advance(1s);
    EXPECT_EQ(state_.tick(), Action::dial);
}

TEST_F(DestinationStateTest, a_platform_that_answers_each_step_slowly_is_given_up_all_the_same) {
    EXPECT_EQ(state_.stream_available(), Action::dial);
    clock_.advance(4s);
    state_.connected();
    clock_.advance(5'999ms);
    EXPECT_EQ(state_.tick(), Action::none);
    clock_.advance(1ms);
    EXPECT_EQ(state_.tick(), Action::hang_up);
    EXPECT_EQ(status().problem, OutputProblem::handshake_timed_out);
    EXPECT_EQ(state_.phase(), Phase::backing_off);
    // The next try has its own time.
    come_back();
    state_.connected();
    EXPECT_EQ(state_.tick(), Action::none);
    state_.accepted();
    clock_.advance(20s);
    EXPECT_EQ(state_.tick(), Action::none);
}

TEST_F(DestinationStateTest, connects_once_a_second_at_most_whoever_asks) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    EXPECT_EQ(state_.failed(OutputProblem::connection_refused, "no"), Action::hang_up);
    clock_.advance(100ms);
    EXPECT_EQ(state_.retry(), Action::none);
    EXPECT_EQ(state_.phase(), Phase::backing_off);
    clock_.advance(899ms);
    EXPECT_EQ(state_.tick(), Action::none);
    clock_.advance(1ms);
    EXPECT_EQ(state_.tick(), Action::dial);
    // A platform that sends us on and on.
    connect();
    EXPECT_EQ(state_.reconnect_requested(), Action::finish);
    EXPECT_EQ(state_.tick(), Action::none);
    clock_.advance(1s);
    EXPECT_EQ(state_.tick(), Action::dial);
    // An encoder that comes and goes.
    connect();
    EXPECT_EQ(state_.stream_gone(), Action::finish);
    EXPECT_EQ(state_.stream_available(), Action::none);
    clock_.advance(1s);
    EXPECT_EQ(state_.tick(), Action::dial);
}

TEST_F(DestinationStateTest, a_stream_that_returns_does_not_cut_a_wait_short) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    EXPECT_EQ(state_.failed(OutputProblem::tls_failed, "expired"), Action::hang_up);
    clock_.advance(5s);
    EXPECT_EQ(state_.stream_gone(), Action::none);
    clock_.advance(5s);
    EXPECT_EQ(state_.stream_available(), Action::none);
    clock_.advance(19s);
    EXPECT_EQ(state_.tick(), Action::none);
    EXPECT_EQ(status().detail, "retrying in 1 s (attempt 2)");
    clock_.advance(1s);
    EXPECT_EQ(state_.tick(), Action::dial);
    // A person's word does.
    EXPECT_EQ(state_.failed(OutputProblem::tls_failed, "expired"), Action::hang_up);
    clock_.advance(2s);
    EXPECT_EQ(state_.retry(), Action::dial);
}

TEST_F(DestinationStateTest, gives_up_after_the_retries_it_was_given) {
    policy_.max_retries = 2;
    DestinationState limited(policy_, clock_, [] { return 0.5; });
    ASSERT_EQ(limited.stream_available(), Action::dial);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(limited.failed(OutputProblem::connection_refused, "no"), Action::hang_up);
        clock_.advance(10s);
        EXPECT_EQ(limited.tick(), Action::dial);
    }
    EXPECT_EQ(limited.failed(OutputProblem::connection_refused, "no"), Action::hang_up);
    EXPECT_EQ(limited.phase(), Phase::paused);
}

TEST_F(DestinationStateTest, the_streams_end_is_an_end_in_good_order) {
    ASSERT_EQ(state_.stream_available(), Action::dial);
    connect();
    run_well(1s);
    EXPECT_EQ(state_.stream_gone(), Action::finish);
    EXPECT_EQ(status().state, OutputState::disconnected);
    EXPECT_EQ(state_.stream_available(), Action::dial);
}

// Any order of events: no action without a cause, no second connection beside a first, and an end that is an
// end.
TEST_F(DestinationStateTest, holds_its_invariants_over_random_schedules) {
    for (unsigned seed = 0; seed < 10'000; ++seed) {
        std::minstd_rand random(seed);
        base::ManualClock clock;
        DestinationState state(policy_, clock,
                               [&] { return std::uniform_real_distribution<double>(0, 1)(random); });
        bool connection = false;  // dialled and not dropped
        std::optional<base::MonotonicTime> dialed_at;
        bool stopped = false;
        const auto obey = [&](Action action) {
            if (action == Action::dial) {
                ASSERT_FALSE(stopped) << seed;
                connection = true;
                ASSERT_TRUE(!dialed_at || clock.now() - *dialed_at >= 1s) << seed;
                dialed_at = clock.now();
            } else if (action == Action::hang_up || action == Action::finish) {
                connection = false;
            }
        };
        for (int step = 0; step < 60; ++step) {
            clock.advance(std::chrono::milliseconds(random() % 3'000));
            const bool dialing = state.phase() == Phase::dialing;
            const bool negotiating = state.phase() == Phase::negotiating;
            const bool publishing = state.phase() == Phase::publishing;
            switch (random() % 12) {
                case 0:
                    obey(state.stream_available());
                    break;
                case 1:
                    obey(state.stream_gone());
                    break;
                case 2:
                    if (dialing) state.connected();
                    break;
                case 3:
                    if (negotiating) state.accepted();
                    break;
                case 4:
                    if (negotiating || publishing) obey(state.refused("no"));
                    break;
                case 5:
                    if (dialing || negotiating) obey(state.failed(OutputProblem::connection_refused, "no"));
                    break;
                case 6:
                    if (publishing)
                        obey(state.lost(random() % 2 ? LostHow::orderly : LostHow::broken, "lost"));
                    break;
                case 7:
                    obey(state.progress(random() % 3, random() % 2));
                    break;
                case 8:
                    obey(state.retry());
                    break;
                case 9:
                    if (publishing) obey(state.reconnect_requested());
                    break;
                case 10:
                    state.frames_dropped();
                    break;
                default:
                    obey(state.tick());
                    break;
            }
            const Phase phase = state.phase();
            const bool wants =
                phase == Phase::dialing || phase == Phase::negotiating || phase == Phase::publishing;
            ASSERT_EQ(connection, wants) << "seed " << seed << " step " << step;
            media::OutputStatus status;
            state.describe(status);
            ASSERT_EQ(status.state == OutputState::connected,
                      status.connected_at.has_value() && status.problem != OutputProblem::stalled);
            ASSERT_EQ(status.next_retry_at.has_value(), phase == Phase::backing_off);
        }
        obey(state.stop());
        stopped = true;
        for (int i = 0; i < 5; ++i) {
            clock.advance(1min);
            obey(state.tick());
            obey(state.stream_available());
            obey(state.retry());
        }
        ASSERT_EQ(state.phase(), Phase::stopped) << seed;
    }
}

}  // namespace
}  // namespace output::rtmp
