// Frames in, bytes out, and read back.
#include "output/player/flv_players.h"

#include <gtest/gtest.h>

#include <deque>

#include "format/flv/tag.h"
#include "protocol/rtmp/amf0.h"
#include "support/flv_file.h"

namespace output::player {
namespace {

using media::Codec;
using media::Kind;
using media::Role;
using namespace std::chrono_literals;
using test_support::FlvFile;
using test_support::FlvTag;

// Runs what was posted when it is told to.
class HandLoop final : public net::Loop {
  public:
    void post(std::shared_ptr<net::Work> work) override { posted_.push_back(std::move(work)); }
    void run(std::function<void()> function) override { function(); }
    std::unique_ptr<net::Timer> make_timer(std::function<void()>) override { return nullptr; }
    base::MonotonicTime now() const override { return {}; }

    std::size_t turn() {
        std::size_t count = 0;
        for (; !posted_.empty(); ++count) {
            const auto work = std::move(posted_.front());
            posted_.pop_front();
            work->run();
        }
        return count;
    }

  private:
    std::deque<std::shared_ptr<net::Work>> posted_;
};

media::FramePtr make(Kind kind, Codec codec, Role role, bool keyframe, std::chrono::milliseconds dts,
                     base::Bytes tag) {
    media::Frame frame;
    frame.kind = kind;
    frame.codec = codec;
    frame.role = role;
    frame.keyframe = keyframe;
    frame.dts = dts;
    frame.tag = base::SharedBytes(std::move(tag));
    return std::make_shared<const media::Frame>(std::move(frame));
}
media::FramePtr video_config(std::string_view hex = "0164001fffe1000467640028010004680bc8cb") {
    return make(Kind::video, Codec::h264, Role::config, false, 0ms,
                format::flv::write_video_tag(Codec::h264, Role::config, false, 0ms, base::from_hex(hex)));
}
media::FramePtr audio_config() {
    return make(Kind::audio, Codec::aac, Role::config, false, 0ms,
                format::flv::write_audio_tag(Codec::aac, Role::config, base::from_hex("1190")));
}
media::FramePtr picture(std::chrono::milliseconds dts, bool keyframe, std::size_t size = 50) {
    return make(Kind::video, Codec::h264, Role::coded, keyframe, dts,
                format::flv::write_video_tag(Codec::h264, Role::coded, keyframe, 40ms, base::Bytes(size, 7)));
}
media::FramePtr sound(std::chrono::milliseconds dts) {
    return make(Kind::audio, Codec::aac, Role::coded, true, dts,
                format::flv::write_audio_tag(Codec::aac, Role::coded, base::Bytes(20, 9)));
}
media::FramePtr metadata(int width) {
    using protocol::rtmp::AmfObject;
    base::Bytes body;
    protocol::rtmp::write_amf(body, "onMetaData");
    protocol::rtmp::write_amf(body, AmfObject{{"duration", 60}, {"width", width}});
    return make(Kind::data, Codec::none, Role::metadata, false, 0ms, std::move(body));
}

// One that is pulled as a server does it: until nothing comes, then when it is woken.
struct Reader {
    explicit Reader(std::shared_ptr<base::ByteSource> opened) : source(std::move(opened)) {
        source->start([this] { ++wakes; });
    }
    // False when nothing came.
    bool pull(base::MonotonicTime now) {
        base::GatherList list;
        last = source->pull(now, list);
        for (const iovec& part : list.parts())
            base::append(bytes, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
        return !list.empty();
    }
    void drain(base::MonotonicTime now) {
        while (pull(now)) ++pulls;
    }
    FlvFile file() const { return test_support::read_flv_file(bytes); }

    std::shared_ptr<base::ByteSource> source;
    int wakes = 0;
    int pulls = 0;
    base::ByteSource::Pull last;
    base::Bytes bytes;
};

class FlvPlayersTest : public testing::Test {
  protected:
    void publish(std::vector<media::FramePtr> frames) { stream_->publish(frames, clock_.now()); }
    void begin() {
        stream_->begin_publisher(clock_.now());
        publish({metadata(1280), video_config(), audio_config()});
    }
    Reader open(std::string_view id = "st-1") { return Reader(std::move(*players_.open(std::string(id)))); }

    base::ManualClock clock_;
    HandLoop loop_;
    hub::Registry registry_{hub::FrameLogSettings{}};
    std::shared_ptr<hub::Stream> stream_ = registry_.open("st-1");
    FlvPlayers players_{{.max_players = 3}, loop_, registry_};
};

TEST_F(FlvPlayersTest, a_player_gets_a_file_from_the_newest_keyframe_on_with_times_from_zero) {
    begin();
    publish({picture(1'000ms, true), picture(1'040ms, false)});
    const auto key = picture(5'000ms, true);
    publish({key, sound(5'010ms), sound(4'990ms)});
    Reader reader = open();
    reader.drain(clock_.now());
    publish({picture(5'040ms, false)});
    reader.drain(clock_.now());
    EXPECT_FALSE(reader.last.end);

    const FlvFile file = reader.file();
    EXPECT_TRUE(file.audio);
    EXPECT_TRUE(file.video);
    ASSERT_EQ(file.tags.size(), 7u);
    EXPECT_EQ(file.tags[0].kind, Kind::data);
    protocol::rtmp::AmfReader amf(file.tags[0].body.view());
    EXPECT_EQ(*amf.read()->text(), "onMetaData");
    const auto told = *amf.read();
    EXPECT_EQ(told.object()->number("width"), 1280);
    EXPECT_FALSE(told.object()->number("duration")) << "it is live";
    EXPECT_EQ(base::to_hex(file.tags[1].body.view()), base::to_hex(audio_config()->tag.view()));
    EXPECT_EQ(base::to_hex(file.tags[2].body.view()), base::to_hex(video_config()->tag.view()));
    EXPECT_EQ(base::to_hex(file.tags[3].body.view()), base::to_hex(key->tag.view()));
    std::vector<std::uint32_t> times;
    for (const FlvTag& tag : file.tags) times.push_back(tag.milliseconds);
    EXPECT_EQ(times, (std::vector<std::uint32_t>{0, 0, 0, 0, 10, 0, 40}));
}

TEST_F(FlvPlayersTest, no_payload_is_copied) {
    begin();
    const auto key = picture(0ms, true, 5'000);
    publish({key});
    Reader reader = open();
    base::GatherList list;
    reader.source->pull(clock_.now(), list);
    const auto parts = list.parts();
    EXPECT_TRUE(std::any_of(parts.begin(), parts.end(), [&](const iovec& part) {
        return part.iov_base == key->tag.data() && part.iov_len == key->tag.size();
    }));
}

TEST_F(FlvPlayersTest, the_header_announces_what_the_stream_holds) {
    const auto sound_only = registry_.open("st-sound");
    sound_only->begin_publisher(clock_.now());
    const std::vector<media::FramePtr> audio{audio_config(), sound(0ms)};
    Reader listener = open("st-sound");
    listener.drain(clock_.now());
    sound_only->publish(audio, clock_.now());
    listener.drain(clock_.now());
    EXPECT_TRUE(listener.file().audio);
    EXPECT_FALSE(listener.file().video);
    EXPECT_EQ(listener.file().tags.size(), 2u);

    publish({video_config(), picture(0ms, true)});
    Reader viewer = open();
    viewer.drain(clock_.now());
    EXPECT_FALSE(viewer.file().audio);
    EXPECT_TRUE(viewer.file().video);

    // MP3 has no configuration: its sound speaks for itself.
    const auto mp3 = registry_.open("st-mp3");
    const std::vector<media::FramePtr> both{
        video_config(), picture(0ms, true),
        make(Kind::audio, Codec::mp3, Role::coded, true, 0ms, base::from_hex("2ffffb9064"))};
    mp3->publish(both, clock_.now());
    Reader third = open("st-mp3");
    third.drain(clock_.now());
    EXPECT_TRUE(third.file().audio);
}

TEST_F(FlvPlayersTest, enhanced_tags_go_as_they_are_and_other_tracks_not_at_all) {
    const base::Bytes hevc = base::from_hex(
        "9168766331000000"
        "0000000426010203");
    auto frames = *format::flv::read_video_tag(base::SharedBytes(hevc), 0ms);
    ASSERT_EQ(frames.size(), 1u);
    ASSERT_TRUE(frames[0].keyframe);
    // Many tracks of AVC: track 0 becomes a legacy tag, track 1 is for others.
    const base::Bytes tracks = base::from_hex(
        "a611"
        "61766331"
        "00000007"
        "000028"
        "00000000"
        "01000007"
        "000028"
        "00000000");
    auto several = *format::flv::read_video_tag(base::SharedBytes(tracks), 40ms);
    ASSERT_EQ(several.size(), 2u);
    for (auto& frame : several) frames.push_back(std::move(frame));
    std::vector<media::FramePtr> all;
    for (auto& frame : frames) all.push_back(std::make_shared<const media::Frame>(std::move(frame)));
    publish(all);
    Reader reader = open();
    reader.drain(clock_.now());
    const FlvFile file = reader.file();
    ASSERT_EQ(file.tags.size(), 2u);
    EXPECT_EQ(base::to_hex(file.tags[0].body.view()), base::to_hex(hevc));
    EXPECT_EQ(base::to_hex(file.tags[1].body.view()), "270100002800000000");
}

TEST_F(FlvPlayersTest, wakes_come_from_the_loop_and_only_once_until_the_reader_has_read) {
    begin();
    Reader reader = open();
    Reader other = open();
    reader.drain(clock_.now());
    EXPECT_TRUE(reader.bytes.empty());
    loop_.turn();
    reader.wakes = other.wakes = 0;
    other.drain(clock_.now());

    publish({picture(0ms, true)});
    publish({sound(0ms)});
    EXPECT_EQ(reader.wakes, 0) << "the ingest does nothing but post";
    EXPECT_EQ(loop_.turn(), 1u);
    EXPECT_EQ(other.wakes, 1);
    publish({sound(20ms)});
    EXPECT_EQ(loop_.turn(), 1u);
    EXPECT_EQ(other.wakes, 1) << "it has not read yet";
    other.drain(clock_.now());
    EXPECT_EQ(other.file().tags.size(), 6u);
    publish({sound(40ms)});
    loop_.turn();
    EXPECT_EQ(other.wakes, 2);
}

TEST_F(FlvPlayersTest, one_that_left_is_not_woken_and_not_counted) {
    begin();
    Reader stays = open();
    int wakes = 0;
    {
        const auto leaves = *players_.open("st-1");
        leaves->start([&] { ++wakes; });
        EXPECT_EQ(players_.count(), 2u);
    }
    EXPECT_EQ(players_.count(), 1u);
    publish({picture(0ms, true)});
    loop_.turn();
    EXPECT_EQ(wakes, 0);
    EXPECT_EQ(stays.wakes, 1);
}

TEST_F(FlvPlayersTest, what_is_more_than_one_pull_takes_is_asked_for_at_once) {
    begin();
    publish({picture(0ms, true)});
    for (int i = 1; i < 20; ++i) publish({picture(i * 1ms, false, 100'000)});
    Reader reader = open();
    ASSERT_TRUE(reader.pull(clock_.now()));
    EXPECT_EQ(reader.last.next, clock_.now());
    EXPECT_LT(reader.bytes.size(), 400'000u);
    reader.drain(clock_.now());
    EXPECT_GT(reader.pulls, 3);
    EXPECT_EQ(reader.last.next, base::MonotonicTime::max());
    EXPECT_EQ(reader.file().tags.size(), 3u + 20u);
}

TEST_F(FlvPlayersTest, a_slow_reader_goes_on_at_a_keyframe_and_nobody_else_notices) {
    begin();
    Reader slow = open();
    Reader quick = open();
    for (int ms = 0; ms < 10'000; ms += 40) {
        clock_.advance(40ms);
        publish({picture(std::chrono::milliseconds(ms), ms % 1'000 == 0)});
        quick.drain(clock_.now());
        if (ms < 2'500 || ms > 6'500) slow.drain(clock_.now());
    }
    EXPECT_EQ(quick.file().tags.size(), 3u + 250u);
    const auto tags = slow.file().tags;
    EXPECT_LT(tags.size(), 3u + 200u);
    std::size_t gaps = 0;
    for (std::size_t i = 4; i < tags.size(); ++i) {
        if (tags[i].milliseconds - tags[i - 1].milliseconds == 40) continue;
        ++gaps;
        EXPECT_EQ(tags[i].milliseconds % 1'000, 0u);
        EXPECT_EQ(tags[i].body.view()[0], 0x17) << "a keyframe";
    }
    EXPECT_EQ(gaps, 1u);
}

TEST_F(FlvPlayersTest, stays_open_while_the_encoder_is_away_and_ends_with_the_stream) {
    begin();
    publish({picture(0ms, true)});
    Reader reader = open();
    reader.drain(clock_.now());
    loop_.turn();
    reader.drain(clock_.now());
    clock_.advance(30s);
    EXPECT_FALSE(reader.pull(clock_.now()));
    EXPECT_FALSE(reader.last.end);

    // Another encoder takes over, with other headers.
    stream_->begin_publisher(clock_.now());
    publish(
        {metadata(1920), video_config("0164002affe1000467640028010004680bc8cb"), picture(30'000ms, true)});
    reader.drain(clock_.now());
    const auto tags = reader.file().tags;
    ASSERT_EQ(tags.size(), 7u);
    EXPECT_NE(base::to_hex(tags[4].body.view()), base::to_hex(tags[0].body.view()));
    EXPECT_EQ(tags[6].milliseconds, 30'000u);

    reader.wakes = 0;
    publish({picture(30'040ms, false)});
    registry_.close(stream_);
    loop_.turn();
    EXPECT_EQ(reader.wakes, 1);
    ASSERT_TRUE(reader.pull(clock_.now()));
    EXPECT_EQ(reader.last.next, clock_.now()) << "its end is to be told";
    EXPECT_FALSE(reader.pull(clock_.now()));
    EXPECT_TRUE(reader.last.end);
    EXPECT_FALSE(players_.open("st-1"));
}

TEST_F(FlvPlayersTest, refuses_what_does_not_run_and_who_is_too_many) {
    EXPECT_EQ(players_.open("st-2").error().code, base::ErrorCode::not_found);
    {
        std::vector<Reader> readers;
        for (int i = 0; i < 3; ++i) readers.push_back(open());
        EXPECT_EQ(players_.open("st-1").error().code, base::ErrorCode::unavailable);
        EXPECT_EQ(players_.count(), 3u);
    }
    EXPECT_TRUE(players_.open("st-1"));
    EXPECT_EQ(players_.count(), 0u);
}

TEST_F(FlvPlayersTest, stop_ends_every_source) {
    begin();
    Reader reader = open();
    reader.drain(clock_.now());
    reader.wakes = 0;
    players_.stop();
    loop_.turn();
    EXPECT_EQ(reader.wakes, 1);
    reader.pull(clock_.now());
    EXPECT_TRUE(reader.last.end && reader.last.cut_off) << "whoever can come back is to";
    EXPECT_EQ(players_.open("st-1").error().code, base::ErrorCode::unavailable);
}

}  // namespace
}  // namespace output::player
