#include "hub/stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "hub/registry.h"

namespace hub {
namespace {

using media::Kind;
using media::Role;
using namespace std::chrono_literals;

media::FramePtr frame(Kind kind, Role role, bool key, int ms, std::size_t size = 100) {
    media::Frame made;
    made.kind = kind;
    made.codec = kind == Kind::video ? media::Codec::h264 : media::Codec::aac;
    made.role = role;
    made.keyframe = key;
    made.dts = std::chrono::milliseconds(ms);
    made.tag = base::SharedBytes(base::Bytes(size, 1));
    return std::make_shared<const media::Frame>(std::move(made));
}
media::FramePtr video_config() {
    return frame(Kind::video, Role::config, false, 0, 40);
}
media::FramePtr audio_config() {
    return frame(Kind::audio, Role::config, false, 0, 4);
}
media::FramePtr picture(int ms, bool key, std::size_t size = 100) {
    return frame(Kind::video, Role::coded, key, ms, size);
}
media::FramePtr sound(int ms) {
    return frame(Kind::audio, Role::coded, true, ms);
}

class StreamTest : public testing::Test {
  protected:
    void publish(const media::FramePtr& one) { stream_->publish(std::span(&one, 1), clock_.now()); }
    void begin() {
        stream_->begin_publisher(clock_.now());
        publish(audio_config());
        publish(video_config());
    }
    // Pictures every 40 ms of real time, a keyframe at each multiple of `gop`.
    void run(int from_ms, int to_ms, int gop_ms) {
        for (int ms = from_ms; ms < to_ms; ms += 40) {
            clock_.advance(40ms);
            publish(picture(ms, ms % gop_ms == 0));
        }
    }
    std::vector<Delivery> read(Subscription& reader, std::size_t max_bytes = 1 << 20) {
        const BatchPtr batch = reader.read(clock_.now(), max_bytes, recent_);
        return batch ? batch->frames : std::vector<Delivery>{};
    }

    base::ManualClock clock_;
    BatchPtr recent_;
    std::shared_ptr<Stream> stream_ = std::make_shared<Stream>("st-1", FrameLogSettings{});
};

TEST_F(StreamTest, a_reader_starts_with_configuration_and_a_keyframe) {
    begin();
    auto reader = stream_->subscribe({}, clock_.now());
    publish(picture(0, false));
    publish(sound(0));
    EXPECT_TRUE(read(*reader).empty());
    publish(picture(40, true));
    publish(sound(50));
    const auto got = read(*reader);
    ASSERT_EQ(got.size(), 4u);
    EXPECT_EQ(got[0].frame->kind, Kind::audio);
    EXPECT_EQ(got[0].frame->role, Role::config);
    EXPECT_EQ(got[0].at, 40ms);
    EXPECT_EQ(got[1].frame->kind, Kind::video);
    EXPECT_EQ(got[1].frame->role, Role::config);
    EXPECT_TRUE(got[2].frame->keyframe);
    EXPECT_EQ(got[3].at, 50ms);
    EXPECT_EQ(reader->dropped(), 0u);
}

TEST_F(StreamTest, who_wants_the_last_seconds_starts_at_the_oldest_keyframe) {
    stream_ = std::make_shared<Stream>("st-1", FrameLogSettings{.groups = 2});
    begin();
    run(0, 15'000, 5'000);
    auto reader = stream_->subscribe({.start = StartAt::oldest_keyframe, .max_age = 1s}, clock_.now());
    auto got = read(*reader);
    ASSERT_GT(got.size(), 3u);
    EXPECT_TRUE(got[2].frame->keyframe);
    // Two groups, though what is kept for others is three seconds.
    EXPECT_EQ(got[2].at, 5'000ms);
    EXPECT_EQ(got.back().at, 14'960ms);
    EXPECT_EQ(reader->dropped(), 0u);
}

TEST_F(StreamTest, without_pictures_the_last_seconds_start_with_the_first_sound) {
    stream_->begin_publisher(clock_.now());
    publish(audio_config());
    for (int ms = 0; ms < 10'000; ms += 20) {
        clock_.advance(20ms);
        publish(sound(ms));
    }
    auto reader = stream_->subscribe({.start = StartAt::oldest_keyframe, .max_age = 1s}, clock_.now());
    const auto got = read(*reader);
    ASSERT_GT(got.size(), 2u);
    EXPECT_EQ(got[0].frame->role, Role::config);
    EXPECT_NEAR(static_cast<double>(got[1].at.count()), 7e6, 5e4);
}

TEST_F(StreamTest, a_player_starts_at_the_cached_keyframe_and_a_destination_only_at_a_young_one) {
    begin();
    run(0, 6'000, 10'000);
    auto player = stream_->subscribe({.start = StartAt::cached_keyframe}, clock_.now());
    auto destination = stream_->subscribe({}, clock_.now());
    const auto got = read(*player);
    ASSERT_GT(got.size(), 100u);
    EXPECT_EQ(got[2].at, 0ms);
    EXPECT_TRUE(read(*destination).empty());
    publish(picture(10'000, true));
    EXPECT_EQ(read(*destination).at(2).at, 10'000ms);
    // What was there before it came does not make the player late.
    EXPECT_EQ(player->dropped(), 0u);
}

TEST_F(StreamTest, a_reader_that_lags_loses_whole_groups_of_pictures) {
    begin();
    auto reader = stream_->subscribe({}, clock_.now());
    run(0, 1'000, 1'000);
    ASSERT_EQ(read(*reader).size(), 27u);
    run(1'000, 4'000, 1'000);
    const auto got = read(*reader);
    ASSERT_FALSE(got.empty());
    EXPECT_TRUE(got[0].frame->keyframe) << "configuration did not change, so it is not sent again";
    EXPECT_EQ(got[0].at, 3'000ms);
    EXPECT_EQ(reader->dropped(), 50u);
    EXPECT_EQ(reader->overflows(), 1u);
}

TEST_F(StreamTest, configuration_that_changed_while_a_reader_lagged_is_sent_before_the_keyframe) {
    begin();
    auto reader = stream_->subscribe({}, clock_.now());
    run(0, 1'000, 1'000);
    read(*reader);
    run(1'000, 3'000, 1'000);
    publish(video_config());
    run(3'000, 4'000, 1'000);
    const auto got = read(*reader);
    ASSERT_GE(got.size(), 2u);
    EXPECT_EQ(got[0].frame->role, Role::config);
    EXPECT_EQ(got[0].frame->kind, Kind::video);
    EXPECT_EQ(got[0].at, 3'000ms);
    EXPECT_EQ(got[1].at, 3'000ms);
}

TEST_F(StreamTest, a_reader_past_its_bytes_waits_for_the_next_keyframe) {
    begin();
    auto reader = stream_->subscribe({.max_bytes = 10'000}, clock_.now());
    publish(picture(0, true));
    ASSERT_EQ(read(*reader).size(), 3u);
    for (int i = 1; i <= 20; ++i) publish(picture(i * 40, false, 1'000));
    EXPECT_TRUE(read(*reader).empty());
    EXPECT_EQ(reader->dropped(), 20u);
    publish(picture(840, true));
    EXPECT_EQ(read(*reader).size(), 1u);
}

TEST_F(StreamTest, sound_alone_is_read_at_once_and_pictures_that_never_come_are_not_waited_for) {
    stream_->begin_publisher(clock_.now());
    publish(audio_config());
    auto reader = stream_->subscribe({}, clock_.now());
    publish(sound(0));
    EXPECT_EQ(read(*reader).size(), 2u);

    auto announced = std::make_shared<Stream>("st-2", FrameLogSettings{});
    announced->begin_publisher(clock_.now());
    for (const auto& one : {audio_config(), video_config(), sound(0)})
        announced->publish(std::span(&one, 1), clock_.now());
    auto patient = announced->subscribe({}, clock_.now());
    const auto next = sound(20);
    announced->publish(std::span(&next, 1), clock_.now());
    EXPECT_TRUE(read(*patient).empty());
    clock_.advance(2'100ms);
    const auto late = sound(2'120);
    announced->publish(std::span(&late, 1), clock_.now());
    EXPECT_FALSE(read(*patient).empty());
}

TEST_F(StreamTest, keeps_the_current_group_of_pictures_but_never_more_than_its_bytes) {
    stream_ = std::make_shared<Stream>("st-1", FrameLogSettings{.keep = 3s, .max_bytes = 50'000});
    begin();
    publish(picture(0, true, 1'000));
    for (int i = 1; i < 500; ++i) {
        clock_.advance(40ms);
        publish(picture(i * 40, false, 1'000));
        ASSERT_LE(stream_->bytes_held(), 51'000u);
    }
}

TEST_F(StreamTest, its_end_reaches_a_reader_after_the_last_frame) {
    begin();
    auto reader = stream_->subscribe({}, clock_.now());
    publish(picture(0, true));
    stream_->end();
    EXPECT_FALSE(reader->ended());
    EXPECT_EQ(read(*reader).size(), 3u);
    EXPECT_TRUE(reader->ended());
}

TEST_F(StreamTest, every_delivered_sequence_decodes_whatever_the_reader_does) {
    // For any pattern of reading: each run of deliveries begins at a keyframe, and within it nothing is
    // missing.
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::minstd_rand random(seed);
        stream_ = std::make_shared<Stream>("st-1", FrameLogSettings{});
        begin();
        auto reader = stream_->subscribe({.max_age = 500ms, .max_bytes = 20'000}, clock_.now());
        int expected = -1;
        std::uint64_t delivered = 0;
        int first = -1;
        for (int i = 0; i < 400; ++i) {
            clock_.advance(40ms);
            publish(picture(i, random() % 20 == 0, 100 + random() % 900));
            if (random() % 10 != 0) continue;
            for (const Delivery& one : read(*reader, 5'000)) {
                if (one.frame->role != Role::coded) continue;
                const int at = static_cast<int>(one.at / 1ms);
                if (at != expected) {
                    ASSERT_TRUE(one.frame->keyframe) << "seed " << seed;
                }
                if (first < 0) first = at;
                expected = at + 1;
                ++delivered;
            }
        }
        // While it waits for a keyframe, what it skips lies behind the last delivery.
        if (reader->delivering()) {
            ASSERT_EQ(reader->dropped(), static_cast<std::uint64_t>(expected - first) - delivered)
                << "seed " << seed;
        }
    }
}

TEST_F(StreamTest, readers_at_one_place_take_one_batch_and_no_others_do) {
    begin();
    publish(picture(0, true));
    auto first = stream_->subscribe({}, clock_.now());
    auto second = stream_->subscribe({}, clock_.now());
    auto behind = stream_->subscribe({}, clock_.now());
    auto impatient = stream_->subscribe({.max_age = 10ms}, clock_.now());
    for (Subscription* reader : {first.get(), second.get(), behind.get(), impatient.get()})
        ASSERT_FALSE(read(*reader).empty()) << "each begins with headers of its own";
    EXPECT_EQ(recent_, nullptr);

    publish(picture(40, false));
    const BatchPtr shared = first->read(clock_.now(), 1 << 20, recent_);
    ASSERT_TRUE(shared);
    EXPECT_EQ(second->read(clock_.now(), 1 << 20, recent_), shared);
    EXPECT_EQ(second->read(clock_.now(), 1 << 20, recent_), nullptr);

    publish(picture(80, false));
    ASSERT_TRUE(first->read(clock_.now(), 1 << 20, recent_));
    EXPECT_EQ(read(*behind).size(), 2u) << "from where it stands, and not where the others stood";

    clock_.advance(50ms);
    EXPECT_TRUE(read(*impatient).empty()) << "too old for this one: it waits for a keyframe";
    EXPECT_EQ(impatient->overflows(), 1u);
}

TEST_F(StreamTest, the_same_place_of_another_stream_is_another_place) {
    const auto flowing_reader = [this] {
        begin();
        publish(picture(0, true));
        auto reader = stream_->subscribe({}, clock_.now());
        EXPECT_FALSE(read(*reader).empty());
        publish(picture(40, false));
        return reader;
    };
    const auto here = flowing_reader();
    stream_ = std::make_shared<Stream>("st-2", FrameLogSettings{});
    const auto there = flowing_reader();
    const BatchPtr one = here->read(clock_.now(), 1 << 20, recent_);
    const BatchPtr other = there->read(clock_.now(), 1 << 20, recent_);
    ASSERT_TRUE(one && other);
    EXPECT_EQ(one->from, other->from);
    EXPECT_NE(one, other);
}

class ListeningWaker final : public Waker {
  public:
    void wake(const News& news) override { heard.push_back(news); }
    std::vector<News> heard;
};

TEST_F(StreamTest, tells_its_wakers_how_much_there_is_and_what_is_urgent) {
    auto waker = std::make_shared<ListeningWaker>();
    stream_->add_waker(waker);
    publish(picture(0, false, 100));
    publish(picture(40, true, 200));
    stream_->end();
    ASSERT_EQ(waker->heard.size(), 3u);
    const std::uint64_t first = waker->heard[0].bytes_end;
    EXPECT_GE(first, 100u);
    EXPECT_FALSE(waker->heard[0].urgent);
    EXPECT_GE(waker->heard[1].bytes_end, first + 200);
    EXPECT_TRUE(waker->heard[1].urgent);
    EXPECT_EQ(waker->heard[2].bytes_end, waker->heard[1].bytes_end);
    EXPECT_TRUE(waker->heard[2].urgent);
    waker.reset();
    publish(picture(120, true));
}

TEST_F(StreamTest, may_be_read_from_many_threads_while_it_is_written) {
    begin();
    const base::SystemClock time;
    std::atomic<bool> done{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
        readers.emplace_back([&] {
            auto reader = stream_->subscribe({}, time.now());
            BatchPtr recent;
            while (!done) {
                (void)reader->read(time.now(), 4'096, recent);
                (void)reader->backlog(time.now());
            }
        });
    }
    for (int i = 0; i < 5'000; ++i) {
        const auto one = picture(i, i % 50 == 0);
        stream_->publish(std::span(&one, 1), time.now());
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
}

TEST(Registry, opens_anew_after_the_end_and_tells_of_both) {
    Registry registry{FrameLogSettings{}};
    std::vector<bool> told;
    registry.observe([&](const auto& stream) { told.push_back(stream->ended()); });
    const auto first = registry.open("st-1");
    EXPECT_EQ(registry.open("st-1"), first);
    registry.close(first);
    EXPECT_EQ(registry.find("st-1"), nullptr);
    const auto second = registry.open("st-1");
    EXPECT_NE(second, first);
    registry.close(first);
    EXPECT_EQ(registry.find("st-1"), second);
    EXPECT_EQ(told, (std::vector<bool>{false, true, false, true}));
}

}  // namespace
}  // namespace hub
