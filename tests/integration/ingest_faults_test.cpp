// Encoders that come twice, fight, lose their clock or send garbage, over real sockets with every frame
// counted: what the destinations get stays exact, and only the session that is broken ends.
#include <gmock/gmock.h>

#include <deque>
#include <iostream>
#include <random>

#include "integration/scene.h"

namespace scene {
namespace {

using protocol::rtmp::MessageType;
using test_support::bound;
using test_support::by_default_or_full;
using test_support::LiveShow;
using test_support::RtmpClient;
using test_support::sanitized;
using test_support::ShowSettings;

std::chrono::milliseconds since(Clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
}

bool of_show(const Recorded& frame, const std::vector<Recorded>& sent) {
    return std::any_of(sent.begin(), sent.end(),
                       [&frame](const Recorded& message) { return message.hash == frame.hash; });
}

// A connection that carried one show and then another: each part by itself, with the headers it began with.
std::pair<SinkRun, SinkRun> parts(const SinkRun& run, const std::vector<Recorded>& second) {
    SinkRun before = run;
    SinkRun after = run;
    const auto seam = std::find_if(run.media.begin(), run.media.end(), [&](const Recorded& frame) {
        return !frame.config && of_show(frame, second);
    });
    before.media.assign(run.media.begin(), seam);
    after.media.assign(run.media.begin(), run.media.begin() + 2);
    after.media.insert(after.media.end(), seam, run.media.end());
    return {before, after};
}

void expect_never_backwards(const SinkRun& run) {
    std::uint32_t latest[2] = {0, 0};
    for (const Recorded& frame : run.media) {
        std::uint32_t& of_kind = latest[frame.video() ? 1 : 0];
        EXPECT_GE(frame.timestamp, of_kind);
        of_kind = frame.timestamp;
    }
}

// The old encoder is still sending, or its network is gone without a word.
class Takeover : public ::testing::TestWithParam<bool> {};

TEST_P(Takeover, the_newcomer_is_live_at_once_and_destinations_stay_connected) {
    const bool vanished = GetParam();
    Scene scene;
    scene.add_healthy(3);
    auto link = scene.proxy.open(scene.engine.server->rtmp_port());
    scene.go_live({.seed = 1}, {}, link.port());
    scene.run_for(1'500ms);
    if (vanished) {
        Faults dead;
        dead.up.swallow = true;
        link.set(dead);
        scene.run_for(500ms);
    }

    const auto began = Clock::now();
    LiveShow newcomer(scene.engine.server->rtmp_port(), "key-one", {.seed = 2});
    ASSERT_TRUE(newcomer.accepted());
    newcomer.begin();
    scene.run_for(1'500ms);
    newcomer.end();
    const auto second = newcomer.sent();
    const auto first = scene.show->sent();
    EXPECT_TRUE(vanished || scene.show->cut());
    EXPECT_TRUE(scene.engine.events.wait_for<media::IngestStarted>(
        [](const auto& event) { return event.took_over; }));

    for (const std::string& name : scene.healthy()) {
        EXPECT_TRUE(scene.sink.wait_for_last(name, second.back()));
        const auto runs = scene.sink.runs(name);
        ASSERT_EQ(runs.size(), 1u) << "it was connected anew";
        const auto [before, after] = parts(runs[0], second);
        EXPECT_EQ(test_support::exact_while_it_lasted(first, before), "");
        EXPECT_EQ(test_support::exact_throughout(second, after), "");
        expect_never_backwards(runs[0]);
        ASSERT_GT(after.media.size(), 2u);
        EXPECT_TRUE(after.media[2].keyframe);
        const auto live_after =
            std::chrono::duration_cast<std::chrono::milliseconds>(after.media[2].at - began);
        EXPECT_LE(live_after, bound(500ms));
        if (name == scene.healthy()[0])
            std::cout << "the newcomer's first picture was at a platform after " << live_after.count()
                      << " ms\n";
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Takeover, ::testing::Bool(), [](const auto& instance) {
    return instance.param ? "one_that_vanished" : "one_that_sends";
});

TEST(Fight, of_two_encoders_ends_after_five_takeovers_a_minute) {
    Scene scene;
    scene.add_healthy(2);
    scene.go_live({.seed = 1});
    scene.run_for(300ms);
    std::vector<std::unique_ptr<LiveShow>> fighters;
    std::size_t let_in = 0;
    // Each comes back as soon as it was cut.
    for (std::uint32_t seed = 2; seed < 10; ++seed) {
        auto fighter = std::make_unique<LiveShow>(scene.engine.server->rtmp_port(), "key-one",
                                                  ShowSettings{.seed = seed});
        if (!fighter->accepted()) continue;
        ++let_in;
        fighter->begin();
        scene.run_for(300ms);
        fighters.push_back(std::move(fighter));
    }
    EXPECT_EQ(let_in, 5u);
    EXPECT_TRUE(scene.engine.events.wait_for<media::PublishRefused>([](const auto& event) {
        return event.stream_id == "st-one" && event.reason.find("two encoders") != std::string::npos;
    }));
    ASSERT_FALSE(fighters.empty());
    EXPECT_TRUE(scene.show->cut());
    for (std::size_t i = 0; i + 1 < fighters.size(); ++i) EXPECT_TRUE(fighters[i]->cut()) << i;

    // The one that holds the stream keeps it, and it arrives whole.
    scene.run_for(500ms);
    fighters.back()->end();
    const auto last = fighters.back()->sent();
    for (const std::string& name : scene.healthy()) {
        EXPECT_TRUE(scene.sink.wait_for_last(name, last.back()));
        const auto runs = scene.sink.runs(name);
        ASSERT_EQ(runs.size(), 1u);
        EXPECT_EQ(test_support::exact_throughout(last, parts(runs[0], last).second), "");
        expect_never_backwards(runs[0]);
    }
}

// An encoder whose clock does what no clock should. Times are of the show.
struct Clockwork {
    std::string name;
    std::function<std::uint32_t(std::int64_t)> wire_clock;
    // How far a destination's clock may be from the show's in the end.
    std::chrono::milliseconds drift{0};
};

std::uint32_t wire(std::int64_t time_ms) {
    return static_cast<std::uint32_t>(time_ms);
}

std::vector<Clockwork> clockworks() {
    constexpr std::int64_t hour = 3'600'000;
    std::vector<Clockwork> all;
    for (const auto& [name, limit] : {std::pair{"wraps at 2^24", std::int64_t{1} << 24},
                                      std::pair{"wraps at 2^31", std::int64_t{1} << 31},
                                      std::pair{"wraps at 2^32", std::int64_t{1} << 32}})
        all.push_back({name, [limit = limit](std::int64_t at) { return wire(limit - 2'000 + at); }, 0ms});
    // A jump costs what really passed between two frames, and a machine that is busy stretches that.
    all.push_back(
        {"jumps an hour ahead", [](std::int64_t at) { return wire(at < 2'000 ? at : at + hour); }, 300ms});
    all.push_back({"jumps an hour back",
                   [](std::int64_t at) { return wire(at < 2'000 ? at + 2 * hour : at + hour); }, 300ms});
    all.push_back(
        {"jumps back past zero", [](std::int64_t at) { return wire(at < 2'000 ? at : at - hour); }, 300ms});
    all.push_back(
        {"repeats a second", [](std::int64_t at) { return wire(at < 2'000 ? at : at - 1'000); }, 1'050ms});
    all.push_back(
        {"runs backwards for half a second",
         [](std::int64_t at) { return wire(at < 2'000 || at >= 2'500 ? at + 10'000 : 14'000 - at); }, 100ms});
    all.push_back({"stands still for a second",
                   [](std::int64_t at) { return wire(at >= 2'000 && at < 3'000 ? 2'000 : at); }, 100ms});
    return all;
}

TEST(Timestamps, that_wrap_jump_repeat_or_run_backwards_lose_no_frame) {
    test_support::RtmpSink sink;
    test_support::Engine engine;
    const auto all = clockworks();
    std::vector<std::unique_ptr<LiveShow>> shows;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string number = std::to_string(i);
        engine.supervisor.apply({"broadcast-" + number,
                                 "st-" + number,
                                 {{.destination_id = "de",
                                   .url = url_of(sink.port()),
                                   .stream_key = base::Secret("out-" + number)}}});
        shows.push_back(std::make_unique<LiveShow>(
            engine.server->rtmp_port(), "key-" + number,
            ShowSettings{
                .kbps = 200, .wire_clock = all[i].wire_clock, .seed = static_cast<std::uint32_t>(i)}));
        ASSERT_TRUE(shows.back()->accepted());
    }
    for (std::size_t i = 0; i < all.size(); ++i)
        ASSERT_TRUE(
            sink.wait_for("out-" + std::to_string(i), [](const auto& runs) { return !runs.empty(); }));
    for (const auto& show : shows) show->begin();
    std::this_thread::sleep_for(by_default_or_full(5s, 20s));
    for (std::size_t i = 0; i < all.size(); ++i) {
        shows[i]->end();
        const auto sent = shows[i]->sent();
        const std::string key = "out-" + std::to_string(i);
        EXPECT_TRUE(sink.wait_for_last(key, sent.back())) << all[i].name;
        const auto runs = sink.runs(key);
        ASSERT_EQ(runs.size(), 1u) << all[i].name;
        if (all[i].drift == 0ms) {
            EXPECT_EQ(test_support::exact_throughout(sent, runs[0]), "") << all[i].name;
        }

        // Every frame in its order, never backwards, sound beside picture, and no more than one seam.
        const auto frames = runs[0].frames();
        ASSERT_EQ(frames.size(), sent.size() - 2) << all[i].name;
        expect_never_backwards(runs[0]);
        std::int64_t drift[2] = {0, 0};
        // Right at a seam the one kind's next frame comes before the other's: what counts is what lasts.
        std::int64_t worst_skew = 0;
        std::deque<std::int64_t> skews;
        for (std::size_t n = 0; n < frames.size(); ++n) {
            ASSERT_EQ(frames[n].hash, sent[n + 2].hash) << all[i].name << ", frame " << n;
            drift[frames[n].video() ? 1 : 0] =
                static_cast<std::int64_t>(frames[n].timestamp) - (sent[n + 2].media_ms - sent[2].media_ms);
            if (n > 0) skews.push_back(std::abs(drift[0] - drift[1]));
            if (skews.size() < 4) continue;
            worst_skew = std::max(worst_skew, *std::min_element(skews.begin(), skews.end()));
            skews.pop_front();
        }
        EXPECT_LE(worst_skew, 100) << all[i].name;
        const auto allowed = (all[i].drift * (test_support::full() ? 1 : 2)).count();
        EXPECT_LE(std::abs(drift[0]), allowed) << all[i].name;
        EXPECT_LE(std::abs(drift[1]), allowed) << all[i].name;
        std::cout << all[i].name << ": " << frames.size() << " frames, drift " << drift[1]
                  << " ms, skew at most " << worst_skew << " ms\n";
    }
}

TEST(Timestamps, of_a_show_that_lasts_for_weeks_wrap_at_the_destination_too) {
    // Pictures nine seconds apart: weeks go by in seconds, and no step is taken for a jump.
    constexpr std::int64_t stretch = 225;
    const std::int64_t until = by_default_or_full(std::int64_t{1} << 24, std::int64_t{1} << 32);
    Scene scene;
    scene.add_healthy(1);
    scene.go_live({.kbps = 100, .speed = by_default_or_full(25.0, 400.0), .wire_clock = [](std::int64_t at) {
                       return wire(at * stretch);
                   }});
    const auto deadline = Clock::now() + by_default_or_full(30s, 240s);
    const auto far_enough = [until](const auto& runs) {
        return !runs.empty() && !runs.back()->media.empty() &&
               runs.back()->media.size() > static_cast<std::size_t>(until / stretch * 70 / 1000);
    };
    while (Clock::now() < deadline && !scene.sink.wait_for("good-0", far_enough, 100ms)) {
    }
    scene.finish();
    scene.expect_healthy_exact();
    EXPECT_GT(scene.sent.back().media_ms * stretch, until) << "the limit was not reached";
}

base::Bytes garbage(std::mt19937& random, std::size_t size) {
    base::Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return bytes;
}

TEST(Garbage, in_the_middle_of_a_stream_ends_that_session_within_a_second_and_no_other) {
    Scene scene;
    scene.add_healthy(2);
    scene.go_live();
    std::mt19937 random(1);
    const int sessions = by_default_or_full(sanitized ? 100 : 1'000, 10'000);
    std::chrono::milliseconds longest{0};
    for (int i = 0; i < sessions; ++i) {
        RtmpClient victim(scene.engine.server->rtmp_port(),
                          RtmpClient::publish("key-victim-" + std::to_string(i)));
        ASSERT_TRUE(victim.accepted()) << i;
        const base::Bytes sound{0xaf, 1, 2, 3};
        for (std::uint32_t at = 0; at < 5; ++at) victim.send_media(MessageType::audio, at * 20, sound);
        const auto began = Clock::now();
        // It goes on as long as it is listened to.
        while (!victim.broken() && since(began) < bound(1s)) {
            victim.send_bytes(garbage(random, 4 * 1024));
            (void)victim.next(1ms);
        }
        EXPECT_TRUE(victim.broken()) << "session " << i << " was not ended";
        longest = std::max(longest, since(began));
    }
    std::cout << sessions << " sessions ended by garbage, the longest after " << longest.count() << " ms\n";
    scene.finish();
    scene.expect_healthy_exact();
}

TEST(Garbage, flipped_bits_on_the_way_harm_no_other_session) {
    Scene scene;
    scene.add_healthy(2);
    scene.go_live();
    constexpr int shows_at_once = 5;
    const int rounds = by_default_or_full(4, 60);
    int cut = 0;
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::unique_ptr<LiveShow>> victims;
        std::vector<FaultProxy::Door> doors;
        for (int i = 0; i < shows_at_once; ++i) {
            doors.push_back(
                scene.proxy.open({.target_port = scene.engine.server->rtmp_port(),
                                  .seed = static_cast<std::uint32_t>(round * shows_at_once + i + 1)}));
            victims.push_back(std::make_unique<LiveShow>(
                doors.back().port(), "key-flipped-" + std::to_string(round * shows_at_once + i)));
            ASSERT_TRUE(victims.back()->accepted());
            victims.back()->begin();
        }
        Faults flips;
        flips.up.flip_probability = 1e-3;
        for (auto& door : doors) door.set(flips);
        scene.run_for(1s);
        for (const auto& victim : victims) cut += victim->cut();
    }
    std::cout << cut << " of " << rounds * shows_at_once << " encoders with flipped bits were cut\n";
    EXPECT_GT(cut, 0);
    scene.finish();
    scene.expect_healthy_exact();
}

// All that an encoder says from its first byte on, as one text.
base::Bytes all_of_a_session() {
    using namespace protocol::rtmp;
    const auto now = Clock::now();
    ClientSession client(RtmpClient::publish("key"), now);
    ServerSession server({}, now);
    base::Bytes said;
    for (int round = 0; round < 20; ++round) {
        const base::Bytes more = client.take_output();
        base::append(said, more);
        EXPECT_TRUE(server.consume(more, now));
        while (const auto event = server.next_event())
            if (std::holds_alternative<PublishRequested>(*event)) server.accept_publish();
        EXPECT_TRUE(client.consume(server.take_output(), now));
    }
    EXPECT_TRUE(server.publishing());
    MediaWriter writer(1, 4096);
    base::GatherList list;
    base::Bytes body{0x17, 1, 0, 0, 0};
    // Small, so that most of what is said is headers and commands.
    body.resize(60, 7);
    for (std::uint32_t i = 0; i < 10; ++i) writer.write(list, MessageType::video, i * 40, {}, body);
    for (const iovec& part : list.parts())
        base::append(said, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    return said;
}

TEST(Garbage, flipped_bits_anywhere_in_many_sessions_are_held_within_bounds) {
    using namespace protocol::rtmp;
    const base::Bytes said = all_of_a_session();
    std::mt19937 random(2);
    const auto now = Clock::now();
    const int sessions = by_default_or_full(sanitized ? 2'000 : 20'000, 1'000'000);
    // The handshake's random filling is no place to break anything.
    constexpr std::size_t from = 3'073;
    int refused = 0;
    std::size_t most_held = 0;
    for (int i = 0; i < sessions; ++i) {
        base::Bytes bytes = said;
        const int flips = i == 0 ? 0 : 1 + static_cast<int>(random() % 8);
        for (int flip = 0; flip < flips; ++flip)
            bytes[from + random() % (bytes.size() - from)] ^= static_cast<std::uint8_t>(1u << random() % 8);
        ServerSession session({}, now);
        std::size_t media = 0;
        bool broken = false;
        for (std::size_t at = 0; at < bytes.size() && !session.closing();) {
            const std::size_t slice = std::min<std::size_t>(1 + random() % 6'000, bytes.size() - at);
            broken = !session.consume(base::ByteView(bytes).subspan(at, slice), now);
            at += slice;
            while (const auto event = session.next_event()) {
                if (std::holds_alternative<PublishRequested>(*event)) session.accept_publish();
                media += std::holds_alternative<MediaReceived>(*event);
            }
            (void)session.take_output();
            most_held = std::max(most_held, session.buffered_bytes());
        }
        if (flips == 0) {
            ASSERT_EQ(media, 10u) << "the session without a flip must be whole";
        }
        refused += session.closing();
        ASSERT_TRUE(session.closing() || !broken);
    }
    EXPECT_GT(refused, sessions / 100);
    EXPECT_LE(most_held, 16u * 1024 * 1024);
    std::cout << refused << " of " << sessions << " sessions with flipped bits were refused, at most "
              << most_held / 1024 << " KiB held by one\n";
}

}  // namespace
}  // namespace scene
