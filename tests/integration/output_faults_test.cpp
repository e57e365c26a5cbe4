// One encoder, healthy destinations and one that fails in some way, over real sockets with every frame
// counted: the healthy ones notice nothing, and the faulty one is treated as it should be.
#include <gmock/gmock.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <set>

#include "integration/scene.h"

namespace scene {
namespace {

using Admission = Faults::Admission;
using media::OutputProblem;
using media::OutputState;
using test_support::bound;
using test_support::by_default_or_full;
using test_support::full;
using test_support::sanitized;

bool has_failed(const media::OutputStatus& status) {
    return !status.last_error.empty();
}

std::vector<double> seconds_between(const std::vector<Clock::time_point>& times) {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < times.size(); ++i)
        gaps.push_back(std::chrono::duration<double>(times[i] - times[i - 1]).count());
    return gaps;
}

// Our own ends of connections to a port.
std::vector<int> sockets_to(std::uint16_t port) {
    std::vector<int> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int fd = std::stoi(entry.path().filename());
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
            ntohs(peer.sin_port) == port)
            found.push_back(fd);
    }
    return found;
}
int option(int fd, int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    (void)::getsockopt(fd, level, name, &value, &size);
    return value;
}

TEST(Refusing, is_told_within_two_seconds_and_tried_at_doubling_distances) {
    Scene scene;
    scene.add_healthy(2);
    (void)scene.add_faulty("closed", {.admission = Admission::closed_port});
    const auto door = scene.add_faulty("slams", {.admission = Admission::reset_at_accept});
    scene.go_live();
    const auto told = scene.wait_for_status("closed", has_failed, 10s);
    ASSERT_TRUE(told);
    EXPECT_LE(*told, bound(2s));
    EXPECT_EQ(scene.status("closed").problem, OutputProblem::connection_refused);
    EXPECT_EQ(scene.status("closed").state, OutputState::error);

    const std::size_t tries = by_default_or_full(4, 7);
    const auto until = Clock::now() + by_default_or_full(20s, 150s);
    while (door.counters().accepted.size() < tries && Clock::now() < until) scene.run_for(50ms);
    const auto distances = seconds_between(door.counters().accepted);
    ASSERT_GE(distances.size(), tries - 1);
    for (std::size_t i = 0; i < distances.size(); ++i) {
        const double expected = std::min(std::pow(2.0, static_cast<double>(i)), 30.0);
        EXPECT_GE(distances[i], expected * 0.8 - 0.02) << i;
        // Dials begin at a tick of 100 ms.
        EXPECT_LE(distances[i], expected * 1.2 + (full() ? 0.3 : 1.5)) << i;
    }
    scene.finish();
    scene.expect_healthy_exact();
}

TEST(Hanging, in_any_state_of_connecting_is_given_up_within_ten_seconds) {
    using test_support::Hang;
    Scene scene;
    scene.add_healthy(2);
    std::vector<std::string> names{"backlog", "tls"};
    (void)scene.add_faulty("backlog", {.admission = Admission::full_backlog});
    Faults silent;
    silent.down.stop_reading = true;
    (void)scene.add_faulty("tls", silent, "rtmps");
    for (const auto& [name, hang] :
         {std::pair{"s0", Hang::s0}, std::pair{"s1", Hang::s1}, std::pair{"s2", Hang::s2},
          std::pair{"connect", Hang::connect}, std::pair{"create stream", Hang::create_stream},
          std::pair{"publish", Hang::publish}}) {
        (void)scene.add_faulty(name, {.hang = hang});
        names.push_back(name);
    }
    // Answers everything, each answer just within its own deadline.
    Faults late;
    late.down.delay = 3s;
    (void)scene.add_faulty("dawdling", late);
    names.push_back("dawdling");

    scene.go_live();
    std::set<std::string> left(names.begin(), names.end());
    while (!left.empty() && Clock::now() < scene.live_at + bound(10s) + 1s) {
        for (const std::string& name : names) {
            if (!left.contains(name) || !has_failed(scene.status(name))) continue;
            const auto took =
                std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - scene.live_at);
            std::cout << name << " was given up after " << took.count()
                      << " ms: " << scene.status(name).last_error << '\n';
            EXPECT_LE(took, bound(10s) + 200ms) << name;
            left.erase(name);
        }
        scene.run_for(20ms);
    }
    EXPECT_THAT(left, testing::IsEmpty());
    scene.finish();
    scene.expect_healthy_exact();
}

// Stops reading after some media: with one of the outputs, half of them, all but one.
class StopsReading : public ::testing::TestWithParam<std::pair<int, int>> {};

TEST_P(StopsReading, takes_no_frame_from_the_others_and_bounded_memory) {
    const auto [stopped, all] = GetParam();
    const auto settings = quick_retries();
    Scene scene(settings);
    scene.add_healthy(all - stopped);
    std::vector<FaultProxy::Door> doors;
    std::vector<std::string> names;
    for (int i = 0; i < stopped; ++i) {
        names.push_back("stops-" + std::to_string(i));
        doors.push_back(scene.add_faulty(names.back(), {}));
    }
    const int kbps = all > 20 ? 600 : 3'000;
    scene.go_live({.kbps = kbps}, names);
    scene.run_for(1s);
    const auto heap_before = ::mallinfo2();
    Faults faults;
    faults.up.stop_reading = true;
    const auto stopped_at = Clock::now();
    for (auto& door : doors) door.set(faults);

    // Frames are dropped when the kernel's buffers are full and two seconds more have passed.
    ASSERT_TRUE(scene.wait_for_status(
        names[0], [](const auto& status) { return status.problem == OutputProblem::stalled; },
        settings.retry.stalled_after + bound(1s)));
    std::uint64_t most_queued = 0;
    std::int64_t longest_queue_ms = 0;
    // Each looks at its progress in its own time.
    const auto some_hold_on = [&] {
        return std::ranges::any_of(doors, [](const auto& door) { return door.counters().open > 0; });
    };
    while (some_hold_on() && Clock::now() < stopped_at + settings.retry.hang_up_after + bound(2s)) {
        for (const std::string& name : names) {
            const auto metrics = scene.status(name).metrics;
            most_queued = std::max(most_queued, metrics.queue_bytes);
            longest_queue_ms = std::max(longest_queue_ms, metrics.queue_ms);
        }
        scene.run_for(50ms);
    }
    const std::chrono::duration<double> hung_up_after = Clock::now() - stopped_at;
    const auto heap_after = ::mallinfo2();
    EXPECT_FALSE(some_hold_on()) << "not all are hung up on";
    EXPECT_LE(hung_up_after, settings.retry.hang_up_after + bound(1s));
    EXPECT_GE(hung_up_after, settings.retry.hang_up_after - 500ms);
    EXPECT_LE(longest_queue_ms, bound(2s).count() + 100);

    // What waits in the log is everybody's, and at most two seconds of it are this reader's; a write that the
    // socket did not take refers to the same frames. The rest is the kernel's.
    const std::uint64_t two_seconds = static_cast<std::uint64_t>(kbps) * 1000 / 8 * 5 / 2;
    EXPECT_LE(most_queued, two_seconds + 1024 * 1024 + 512 * 1024);
    const std::size_t grown =
        heap_after.uordblks > heap_before.uordblks ? heap_after.uordblks - heap_before.uordblks : 0;
    EXPECT_LE(grown, static_cast<std::size_t>(stopped + 8) * 1024 * 1024 * (sanitized ? 4 : 1));
    std::cout << stopped << " of " << all << " stopped reading: hung up on after " << hung_up_after.count()
              << " s, at most " << most_queued / 1024 << " KiB and " << longest_queue_ms
              << " ms waited for one, heap grew by " << grown / 1024 << " KiB\n";

    // They are connected to again, and get on from a keyframe.
    for (auto& door : doors) door.set(Faults{});
    for (const std::string& name : names)
        EXPECT_TRUE(scene.sink.wait_for(
            name, [](const auto& runs) { return runs.size() >= 2 && runs.back()->media.size() > 50; },
            settings.retry.after_own_hang_up * 2 + 15s))
            << name;
    scene.finish();
    scene.expect_healthy_exact();
    for (const std::string& name : names)
        for (const SinkRun& run : scene.sink.runs(name))
            EXPECT_EQ(test_support::exact_while_it_lasted(scene.sent, run), "") << name;
}

INSTANTIATE_TEST_SUITE_P(
    Some, StopsReading,
    ::testing::ValuesIn(full() && !sanitized
                            ? std::vector<std::pair<int, int>>{{1, 10}, {9, 10}, {99, 200}, {500, 1'000}}
                            : std::vector<std::pair<int, int>>{{1, 4}, {9, 10}}),
    [](const auto& instance) {
        return std::to_string(instance.param.first) + "_of_" + std::to_string(instance.param.second);
    });

TEST(Destination, has_the_socket_options_that_bound_the_kernels_part) {
    Scene scene;
    const auto door = scene.add_faulty("one", {});
    scene.go_live({}, {"one"});
    const auto sockets = sockets_to(door.port());
    ASSERT_EQ(sockets.size(), 1u);
    EXPECT_EQ(option(sockets[0], SOL_SOCKET, SO_SNDBUF), 512 * 1024);
    EXPECT_EQ(option(sockets[0], IPPROTO_TCP, TCP_USER_TIMEOUT), 15'000);
    EXPECT_EQ(option(sockets[0], IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(sockets[0], SOL_SOCKET, SO_KEEPALIVE), 1);
}

TEST(Slow, at_half_the_bitrate_loses_whole_groups_of_pictures_and_nothing_else) {
    constexpr int kbps = 4'000;
    Scene scene;
    scene.add_healthy(2);
    Faults half;
    half.up.bytes_per_second = kbps * 1000 / 8 / 2;
    (void)scene.add_faulty("slow", half);
    scene.go_live({.kbps = kbps}, {"slow"});
    EXPECT_TRUE(scene.wait_for_status(
        "slow", [](const auto& status) { return status.problem == OutputProblem::too_slow; }, bound(10s)));
    scene.run_for(by_default_or_full(5s, 60s));
    scene.finish();
    scene.expect_healthy_exact();

    const auto runs = scene.sink.runs("slow");
    ASSERT_EQ(runs.size(), 1u) << "it was never hung up on";
    const auto gaps = test_support::gaps(scene.sent, runs[0]);
    EXPECT_EQ(gaps.wrong, "");
    EXPECT_GT(gaps.groups_begun, 2u);
    EXPECT_GT(gaps.pictures_missing, 25u);
    EXPECT_LE(gaps.skew, 100ms);
    EXPECT_GT(scene.status("slow").metrics.frames_dropped, 0u);
    std::cout << "at half the bitrate: " << gaps.groups_begun << " groups of pictures, "
              << gaps.pictures_missing << " pictures missing, skew " << gaps.skew.count() << " ms\n";
}

TEST(Slow, when_it_heals_is_exact_again_within_five_seconds_and_two_behind) {
    constexpr int kbps = 4'000;
    Scene scene;
    scene.add_healthy(1);
    auto door = scene.add_faulty("dips", {});
    scene.go_live({.kbps = kbps}, {"dips"});
    scene.run_for(1s);
    Faults dip;
    dip.up.bytes_per_second = kbps * 1000 / 8 / 4;
    door.set(dip);
    scene.run_for(by_default_or_full(5s, 20s));
    door.set(Faults{});
    const auto healed_at = Clock::now();
    scene.run_for(bound(5s) + 1s);
    const auto clean_from = healed_at + bound(5s);
    scene.finish();
    scene.expect_healthy_exact();

    const auto runs = scene.sink.runs("dips");
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(test_support::gaps(scene.sent, runs[0]).wrong, "");
    // From then on: no gap up to the end, at most two seconds behind.
    SinkRun later = runs[0];
    std::erase_if(later.media, [&](const Recorded& frame) { return frame.at < clean_from || frame.config; });
    ASSERT_FALSE(later.media.empty());
    const auto first = std::find_if(scene.sent.begin(), scene.sent.end(),
                                    [&](const Recorded& frame) { return frame.hash == later.media[0].hash; });
    EXPECT_EQ(static_cast<std::size_t>(scene.sent.end() - first), later.media.size());
    EXPECT_EQ(later.media.back().hash, scene.sent.back().hash);
    const auto late = test_support::delays(scene.sent, {later});
    EXPECT_LE(late.max, bound(2s));
    const auto ever = test_support::delays(scene.sent, runs);
    std::cout << "a dip to a quarter: at most " << ever.max.count() / 1000 << " ms behind, "
              << late.max.count() / 1000 << " ms once healed\n";
}

// Memory in use, less what the records of the test itself take.
std::size_t heap_in_use() {
    return ::mallinfo2().uordblks;
}

TEST(Resetting, again_and_again_is_never_given_up_and_never_stormed) {
    output::rtmp::SupervisorSettings settings;
    // So that many connections fit into the short run.
    if (!full()) settings.retry.backoff.cap = 2s;
    Scene scene(settings);
    scene.add_healthy(2);
    const auto door = scene.add_faulty("resets", {.reset_after_time = by_default_or_full(500ms, 5'000ms)});
    scene.go_live({.kbps = 600}, {"resets"});
    const auto length = by_default_or_full(12s, 300s);
    scene.run_for(length / 2);
    const std::size_t half_way = heap_in_use();
    scene.run_for(length / 2);
    const std::size_t at_the_end = heap_in_use();
    scene.finish();
    scene.expect_healthy_exact();

    const auto accepted = door.counters().accepted;
    EXPECT_GE(accepted.size(), by_default_or_full(4u, 8u));
    for (const double distance : seconds_between(accepted)) EXPECT_GE(distance, 0.8);
    const auto runs = scene.sink.runs("resets");
    // One or the other may be reset before it could ask.
    EXPECT_GE(runs.size(), 3u);
    EXPECT_LE(runs.size(), accepted.size());
    for (std::size_t i = 0; i < runs.size(); ++i)
        EXPECT_EQ(test_support::exact_while_it_lasted(scene.sent, runs[i]), "") << "connection " << i;
    EXPECT_EQ(scene.status("resets").state != OutputState::disconnected, true);
    // The records of a message take 40 bytes at the encoder and each platform, and vectors grow by doubling.
    const double grown = static_cast<double>(at_the_end) - static_cast<double>(half_way);
    const double records = static_cast<double>(scene.sent.size()) * sizeof(Recorded) * 4 * 2;
    EXPECT_LE(grown, records + 1024 * 1024);
    std::cout << accepted.size() << " connections in "
              << std::chrono::duration_cast<std::chrono::seconds>(length).count() << " s, heap grew by "
              << grown / 1024 << " KiB in the second half\n";
}

TEST(Key, that_is_refused_is_tried_three_times_and_no_more) {
    output::rtmp::SupervisorSettings settings;
    if (!full()) settings.retry.after_own_hang_up = 300ms;
    if (!full()) settings.retry.backoff.first = 300ms;
    Scene scene(settings);
    scene.add_healthy(2);
    scene.add("bad-key", url_of(scene.sink.port()));
    scene.go_live();
    ASSERT_TRUE(scene.wait_for_status(
        "bad-key",
        [](const auto& status) {
            return status.state == OutputState::error && !status.next_retry_at && status.retry_count >= 2;
        },
        by_default_or_full(10s, 30s)));
    scene.run_for(by_default_or_full(3s, 60s));
    EXPECT_EQ(scene.sink.count("bad-key"), 3u);
    EXPECT_EQ(scene.status("bad-key").problem, OutputProblem::key_refused);
    EXPECT_FALSE(scene.status("bad-key").next_retry_at);
    // A person has it tried once more.
    scene.engine.supervisor.retry("broadcast", "bad-key");
    EXPECT_TRUE(scene.sink.wait_for("bad-key", [](const auto& runs) { return runs.size() == 4; }));
    scene.finish();
    scene.expect_healthy_exact();
}

TEST(HalfClosing, slicing_and_flipping_harm_nobody_else) {
    Scene scene;
    scene.add_healthy(2);
    Faults sliced;
    sliced.up.slice = 1;
    sliced.down.slice = 1;
    (void)scene.add_faulty("sliced", sliced);
    Faults half_closed;
    half_closed.down.end_at = 20'000;
    half_closed.up.end_at = 100'000;
    (void)scene.add_faulty("half-closed", half_closed);
    Faults flipped;
    flipped.down.flip_probability = 0.01;
    (void)scene.add_faulty("flipped", flipped);
    scene.go_live({.kbps = 300}, {"sliced"});
    ASSERT_TRUE(scene.wait_for_status("half-closed", has_failed, bound(10s)));
    scene.run_for(3s);
    scene.finish();
    scene.expect_healthy_exact();
    // Slices are no fault of the peer: it gets everything too.
    EXPECT_TRUE(scene.sink.wait_for_last("sliced", scene.sent.back()));
    const auto runs = scene.sink.runs("sliced");
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(test_support::exact_throughout(scene.sent, runs[0]), "");
}

}  // namespace
}  // namespace scene
