#include "ingest/stream_desk.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

using media::Kind;
using media::Role;
using namespace std::chrono_literals;

class KeptEvents final : public media::EventSink {
  public:
    void publish(media::Event event) override { events.push_back(std::move(event)); }
    template <class Wanted>
    std::vector<Wanted> all() const {
        std::vector<Wanted> found;
        for (const media::Event& event : events)
            if (const auto* one = std::get_if<Wanted>(&event)) found.push_back(*one);
        return found;
    }
    std::vector<media::Event> events;
};

TimedFrame frame(Kind kind, Role role, bool key, std::uint32_t wire_ms) {
    TimedFrame timed;
    timed.wire_ms = wire_ms;
    timed.frame.kind = kind;
    timed.frame.codec = kind == Kind::video ? media::Codec::h264 : media::Codec::aac;
    timed.frame.role = role;
    timed.frame.keyframe = key;
    timed.frame.tag = base::SharedBytes(base::Bytes(16, 1));
    return timed;
}

class StreamDeskTest : public testing::Test {
  protected:
    using Opened = base::Result<std::unique_ptr<Publisher>>;

    Opened open(bool takeover = true) {
        return desk_->open({"st_1", takeover, 60s}, {"192.0.2.1:5", "encoder", "rtmp"},
                           [this](std::string why) { cuts_.push_back(std::move(why)); });
    }
    bool send(Publisher& publisher, std::vector<TimedFrame> frames) {
        return publisher.publish(std::move(frames), clock_.now());
    }
    bool send_keyframe(Publisher& publisher, std::uint32_t wire_ms = 0) {
        std::vector<TimedFrame> frames;
        frames.push_back(frame(Kind::video, Role::coded, true, wire_ms));
        return send(publisher, std::move(frames));
    }

    base::ManualClock clock_;
    hub::Registry registry_{hub::FrameLogSettings{}};
    KeptEvents events_;
    std::vector<std::string> cuts_;
    std::shared_ptr<StreamDesk> desk_ =
        std::make_shared<StreamDesk>(registry_, events_, clock_, base::Logger());
};

TEST_F(StreamDeskTest, tells_of_an_encoder_once_it_sends_and_shows_it) {
    auto publisher = open();
    ASSERT_TRUE(publisher);
    EXPECT_TRUE(events_.events.empty());
    EXPECT_TRUE(send_keyframe(**publisher));
    ASSERT_EQ(events_.all<media::IngestStarted>().size(), 1u);
    EXPECT_EQ(events_.all<media::IngestStarted>()[0].facts.client_address, "192.0.2.1:5");
    const auto seen = desk_->find("st_1");
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->connected);
    EXPECT_EQ(seen->facts.frames, 1u);
    EXPECT_FALSE(desk_->find("st_2"));
}

TEST_F(StreamDeskTest, a_newcomer_takes_over_and_what_the_old_one_still_sends_is_not_taken) {
    auto first = open();
    ASSERT_TRUE(send_keyframe(**first));
    auto second = open();
    ASSERT_TRUE(second);
    EXPECT_EQ(cuts_.size(), 1u);
    EXPECT_FALSE(send_keyframe(**first, 40));
    EXPECT_TRUE(send_keyframe(**second));
    first->reset();  // its loss comes late, and means nothing any more
    EXPECT_TRUE(desk_->find("st_1")->connected);
    ASSERT_EQ(events_.all<media::IngestStarted>().size(), 2u);
    EXPECT_TRUE(events_.all<media::IngestStarted>()[1].took_over);
}

TEST_F(StreamDeskTest, after_five_takeovers_in_a_minute_the_newcomer_is_refused) {
    std::vector<Opened> publishers;
    for (std::size_t i = 0; i < max_takeovers_per_minute + 1; ++i) {
        publishers.push_back(open());
        ASSERT_TRUE(publishers.back()) << i;
        clock_.advance(1s);
    }
    const auto one_more = open();
    ASSERT_FALSE(one_more);
    EXPECT_NE(one_more.error().message.find("two encoders"), std::string::npos);
    EXPECT_EQ(events_.all<media::PublishRefused>().size(), 1u);
    EXPECT_TRUE(send_keyframe(*publishers.back().value())) << "the one who is there stays";
    clock_.advance(1min);
    EXPECT_TRUE(open());
}

TEST_F(StreamDeskTest, without_takeover_the_first_stays_until_it_was_silent_for_five_seconds) {
    auto first = open(false);
    ASSERT_TRUE(send_keyframe(**first));
    clock_.advance(silent_gives_way - 1ms);
    EXPECT_FALSE(open(false));
    clock_.advance(1ms);
    EXPECT_TRUE(open(false));
    EXPECT_EQ(cuts_.size(), 1u);
}

TEST_F(StreamDeskTest, an_encoder_that_returns_in_time_goes_on_with_the_same_stream) {
    auto first = open();
    ASSERT_TRUE(send_keyframe(**first, 5'000));
    const auto stream = registry_.find("st_1");
    (*first)->lost("cable pulled");
    ASSERT_EQ(events_.all<media::IngestLost>().size(), 1u);
    EXPECT_EQ(events_.all<media::IngestLost>()[0].reason, "cable pulled");
    clock_.advance(59s);
    desk_->tick(clock_.now());
    auto second = open();
    ASSERT_TRUE(send_keyframe(**second, 77));
    EXPECT_EQ(registry_.find("st_1"), stream);
    EXPECT_TRUE(events_.all<media::IngestStarted>()[1].resumed);

    // The stream's clock went on by the time that passed, whatever the encoder's own clock says.
    auto reader = stream->subscribe({.start = hub::StartAt::cached_keyframe}, clock_.now());
    hub::BatchPtr recent;
    const hub::BatchPtr got = reader->read(clock_.now(), 1 << 20, recent);
    ASSERT_TRUE(got);
    ASSERT_EQ(got->frames.size(), 1u);
    EXPECT_EQ(got->frames[0].at, 59s);
}

TEST_F(StreamDeskTest, the_stream_ends_with_the_grace_period_and_the_next_one_is_new) {
    auto first = open();
    ASSERT_TRUE(send_keyframe(**first));
    const auto stream = registry_.find("st_1");
    first->reset();
    clock_.advance(60s - 1ms);
    desk_->tick(clock_.now());
    EXPECT_TRUE(events_.all<media::StreamEnded>().empty());
    clock_.advance(1ms);
    desk_->tick(clock_.now());
    EXPECT_EQ(events_.all<media::StreamEnded>().size(), 1u);
    EXPECT_TRUE(stream->ended());
    EXPECT_FALSE(desk_->find("st_1"));
    auto next = open();
    ASSERT_TRUE(send_keyframe(**next));
    EXPECT_NE(registry_.find("st_1"), stream);
    EXPECT_FALSE(events_.all<media::IngestStarted>()[1].resumed);
}

TEST_F(StreamDeskTest, the_owners_end_cuts_the_encoder_and_waits_for_nobody) {
    auto first = open();
    ASSERT_TRUE(send_keyframe(**first));
    desk_->end("st_1", "the show is over");
    EXPECT_EQ(cuts_, std::vector<std::string>{"the show is over"});
    EXPECT_EQ(events_.all<media::StreamEnded>().size(), 1u);
    EXPECT_FALSE(send_keyframe(**first, 40));
    first->reset();
    EXPECT_EQ(events_.all<media::IngestLost>().size(), 1u) << "lost once, not again when the connection goes";
    desk_->end("st_1", "again");
    desk_->end("st_unknown", "nobody");
    EXPECT_FALSE(events_.all<media::StreamEnded>()[0].may_return);
}

TEST_F(StreamDeskTest, an_encoder_that_is_sent_away_may_return) {
    auto first = open();
    ASSERT_TRUE(send_keyframe(**first));
    desk_->send_away("st_1", "use the new key");
    EXPECT_EQ(cuts_, std::vector<std::string>{"use the new key"});
    ASSERT_EQ(events_.all<media::StreamEnded>().size(), 1u);
    EXPECT_TRUE(events_.all<media::StreamEnded>()[0].may_return);
}

TEST_F(StreamDeskTest, pictures_before_the_first_keyframe_are_dropped_and_counted) {
    auto publisher = open();
    std::vector<TimedFrame> frames;
    frames.push_back(frame(Kind::video, Role::config, false, 0));
    frames.push_back(frame(Kind::video, Role::coded, false, 0));
    frames.push_back(frame(Kind::audio, Role::coded, true, 10));
    frames.push_back(frame(Kind::video, Role::coded, true, 40));
    frames.push_back(frame(Kind::video, Role::coded, false, 80));
    ASSERT_TRUE(send(**publisher, std::move(frames)));
    const auto facts = desk_->find("st_1")->facts;
    EXPECT_EQ(facts.frames_dropped, 1u);
    EXPECT_EQ(facts.frames, 3u);
}

}  // namespace
}  // namespace ingest
