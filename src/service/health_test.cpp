#include "service/health.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace service {
namespace {

using namespace std::chrono_literals;

media::OutputStatus output(const std::string& id, media::OutputState state = media::OutputState::connected,
                           media::OutputProblem problem = media::OutputProblem::none) {
    media::OutputStatus status;
    status.destination_id = id;
    status.state = state;
    status.problem = problem;
    return status;
}

HealthInput well() {
    HealthInput input;
    input.now = base::from_unix_millis(1'790'000'000'000);
    input.encoder_connected = input.ever_connected = true;
    media::IngestFacts facts;
    facts.since = input.now - 1min;
    facts.video = {media::Codec::h264, "High 4.1", 1280, 720, 30, 2500, 2, false};
    facts.audio = {media::Codec::aac, 48000, 2, 128};
    input.ingest = facts;
    HealthInput::Output one;
    one.name = "One";
    one.platform = "custom";
    one.status = output("de_1");
    input.outputs.push_back(one);
    return input;
}

std::vector<std::string> codes(const HealthInput& input) {
    std::vector<std::string> all;
    for (const auto& issue : assess(input)) all.push_back(issue.code);
    return all;
}

using Codes = std::vector<std::string>;

TEST(Health, a_good_show_is_a_hundred) {
    const auto health = sum_up(assess(well()), well());
    EXPECT_EQ(health.score, 100);
    EXPECT_EQ(health.level, HealthLevel::healthy);
    EXPECT_TRUE(health.issues.empty());
}

TEST(Health, tells_what_is_wrong_with_the_encoder) {
    struct Row {
        std::string code;
        void (*spoil)(HealthInput&);
    };
    const Row table[] = {
        {"encoder_missing", [](HealthInput& i) { i.encoder_connected = false; }},
        {"encoder_waiting", [](HealthInput& i) { i.encoder_connected = i.ever_connected = false; }},
        {"encoder_silent", [](HealthInput& i) { i.ingest->silent_ms = 3'000; }},
        {"keyframe_interval_long", [](HealthInput& i) { i.ingest->video.keyframe_interval_s = 4.6; }},
        {"encoder_drift", [](HealthInput& i) { i.ingest->drift_ms = -2'001; }},
        {"timeline_jumps", [](HealthInput& i) { i.recent_discontinuities = 1; }},
        {"video_missing", [](HealthInput& i) { i.ingest->video.codec = media::Codec::none; }},
        {"audio_missing", [](HealthInput& i) { i.ingest->audio.codec = media::Codec::none; }},
    };
    for (const Row& row : table) {
        HealthInput input = well();
        row.spoil(input);
        EXPECT_EQ(codes(input), Codes{row.code});
    }
}

TEST(Health, is_silent_just_inside_the_limits) {
    HealthInput input = well();
    input.ingest->silent_ms = 2'999;
    input.ingest->video.keyframe_interval_s = 4.5;
    input.ingest->drift_ms = 2'000;
    EXPECT_TRUE(codes(input).empty());
    input.ingest->audio.codec = media::Codec::none;
    input.ingest->since = input.now - 4s;
    EXPECT_TRUE(codes(input).empty()) << "a track may take a moment to show up";
}

TEST(Health, tells_what_is_wrong_with_a_destination) {
    HealthInput input = well();
    auto& one = input.outputs[0];
    one.status = output("de_1", media::OutputState::error, media::OutputProblem::key_refused);
    EXPECT_EQ(codes(input), Codes{"destination_key_refused"});
    one.status = output("de_1", media::OutputState::connected, media::OutputProblem::stalled);
    EXPECT_EQ(codes(input), Codes{"destination_stalled"});
    one.status = output("de_1", media::OutputState::connecting);
    EXPECT_TRUE(codes(input).empty()) << "the first try is no trouble";
    one.status.retry_count = 1;
    EXPECT_EQ(codes(input), Codes{"destination_retrying"});
    one.status = output("de_1");
    one.status.metrics.queue_ms = 2'001;
    EXPECT_EQ(codes(input), Codes{"destination_queue_long"});
    one.status = output("de_1");
    one.recently_dropped = 5;
    EXPECT_EQ(codes(input), Codes{"destination_dropping"});
    one.recently_dropped = 0;
    one.skipped = "It has no stream key.";
    EXPECT_EQ(codes(input), Codes{"destination_skipped"});
}

TEST(Health, one_bad_destination_of_two_is_no_catastrophe) {
    HealthInput input = well();
    input.outputs.push_back(input.outputs[0]);
    input.outputs[1].status = output("de_2", media::OutputState::error, media::OutputProblem::key_refused);
    auto health = sum_up(assess(input), input);
    EXPECT_EQ(health.score, 75);
    EXPECT_EQ(health.level, HealthLevel::degraded);
    input.outputs[0].status = output("de_1", media::OutputState::error, media::OutputProblem::dns_failed);
    health = sum_up(assess(input), input);
    EXPECT_EQ(health.score, 20);
    EXPECT_EQ(health.level, HealthLevel::unhealthy);
}

TEST(Health, a_platforms_wishes_are_told) {
    HealthInput input = well();
    input.outputs[0].platform = "twitch";
    input.ingest->video.codec = media::Codec::hevc;
    const auto issues = assess(input);
    ASSERT_FALSE(issues.empty());
    EXPECT_TRUE(issues.front().code.starts_with("platform_"));
    EXPECT_EQ(issues.front().severity, Severity::critical);
    EXPECT_EQ(issues.front().destination_id, "de_1");
}

TEST(HealthBook, remembers_since_when_and_tells_changes) {
    HealthBook book;
    HealthInput input = well();
    EXPECT_FALSE(book.compute("se", input).changed);
    input.ingest->silent_ms = 4'000;
    const auto began = input.now;
    auto answer = book.compute("se", input);
    EXPECT_TRUE(answer.changed);
    EXPECT_EQ(answer.health.issues[0].since, began);
    input.now += 30s;
    input.ingest->silent_ms = 5'000;
    answer = book.compute("se", input);
    EXPECT_FALSE(answer.changed) << "the same trouble, told once";
    EXPECT_EQ(answer.health.issues[0].since, began);
    EXPECT_EQ(answer.health.computed_at, input.now);
    book.forget("se");
    EXPECT_FALSE(book.find("se"));
}

TEST(HealthBook, counts_what_is_new) {
    HealthBook book;
    HealthInput input = well();
    input.ingest->discontinuities = 3;
    input.outputs[0].status.metrics.frames_dropped = 10;
    EXPECT_EQ(book.compute("se", input).health.issues.size(), 2u);
    EXPECT_TRUE(book.compute("se", input).health.issues.empty()) << "nothing since";
    input.outputs[0].status.metrics.frames_dropped = 4;
    EXPECT_EQ(book.compute("se", input).health.issues.size(), 1u) << "the counter began anew";
}

}  // namespace
}  // namespace service
