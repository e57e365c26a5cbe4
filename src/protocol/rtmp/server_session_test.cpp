#include "protocol/rtmp/server_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limit_hits.h"
#include "protocol/rtmp/session_peer.h"

namespace protocol::rtmp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

const base::MonotonicTime start{std::chrono::hours(1)};

// A session, and an owner that lets everybody in but the key "bad".
struct Served {
    ServerSession session{ServerSettings{}, start};
    Listener listener;
    std::vector<std::string> events;
    std::vector<std::string> said;
    std::optional<base::Error> error;
    bool answers = true;

    void drain() {
        while (auto event = session.next_event()) {
            events.push_back(describe(*event));
            const auto* publish = std::get_if<PublishRequested>(&*event);
            if (answers && publish && publish->stream_key.reveal() == "bad")
                session.refuse("NetStream.Publish.BadName", "no such key");
            else if (answers && publish)
                session.accept_publish();
            else if (answers && std::holds_alternative<PlayRequested>(*event))
                session.accept_play();
        }
        const auto lines = listener.hear(session.take_output());
        said.insert(said.end(), lines.begin(), lines.end());
    }

    Served& feed(base::ByteView bytes, std::size_t slice = 1 << 20, base::MonotonicTime now = start) {
        while (!bytes.empty() && !error) {
            const base::ByteView part = bytes.first(std::min(slice, bytes.size()));
            bytes = bytes.subspan(part.size());
            if (auto ok = session.consume(part, now); !ok) error = ok.error();
            drain();
        }
        // What went wrong in bytes that were held is said at the next occasion.
        if (!error)
            if (auto ok = session.tick(now); !ok) error = ok.error();
        return *this;
    }
};

TEST(ServerSession, hears_what_the_table_says_however_it_is_sliced) {
    for (const ServerCase& c : server_cases())
        for (const std::size_t slice : {std::size_t{1}, std::size_t{1000}, c.bytes.size()}) {
            Served served;
            served.feed(c.bytes, slice);
            EXPECT_EQ(served.events, c.events) << c.name << " in slices of " << slice;
            ASSERT_EQ(served.error.has_value(), c.error.has_value())
                << c.name << " in slices of " << slice << ": "
                << (served.error ? served.error->message : "taken");
            if (!c.error) continue;
            EXPECT_EQ(served.error->code, *c.error) << c.name << ": " << served.error->message;
            EXPECT_TRUE(served.session.closing()) << c.name;
            EXPECT_FALSE(served.session.deadline()) << c.name;
        }
}

TEST(ServerSession, answers_a_publisher_in_order) {
    Served served;
    served.feed(publishing_encoder().bytes());
    EXPECT_THAT(served.said, ElementsAre("control 5 2500000", "control 6 2500000", "_result 1", "_result 2",
                                         "_result 3", "_result 4", "onFCPublish 0", "event 0 1",
                                         "onStatus NetStream.Publish.Start on 1"));
    EXPECT_TRUE(served.session.publishing());
}

TEST(ServerSession, answers_a_player_in_order) {
    Served served;
    served.feed(playing_player().bytes());
    EXPECT_THAT(served.said, ElementsAre("control 5 2500000", "control 6 2500000", "_result 1", "_result 2",
                                         "event 0 1", "onStatus NetStream.Play.Reset on 1",
                                         "onStatus NetStream.Play.Start on 1", "data 0 24"));
    EXPECT_TRUE(served.session.playing());
    EXPECT_EQ(served.session.play_stream_id(), 1u);
}

TEST(ServerSession, tells_enhanced_clients_what_it_can_and_others_nothing_new) {
    Served plain;
    plain.feed(connected_encoder().bytes());
    EXPECT_FALSE(plain.listener.last_command->object.object()->find("capsEx"));

    Served enhanced;
    AmfObject object{{"app", "live"}, {"flashVer", "x\ny"}, {"fourCcList", AmfArray{{"hvc1", "av01", 5}}}};
    object.set("capsEx", 1)
        .set("videoFourCcInfoMap", AmfObject{{"hvc1", 4}, {"*", "no number"}})
        .set("objectEncoding", 3);
    enhanced.feed(encoder().command(connect_command(object)).bytes());
    const AmfObject& properties = *enhanced.listener.last_command->object.object();
    EXPECT_EQ(properties.number("capsEx"), 15.0);
    EXPECT_EQ(properties.object("videoFourCcInfoMap")->number("*"), 4.0);
    EXPECT_EQ(properties.object("audioFourCcInfoMap")->number("*"), 4.0);
    EXPECT_EQ(enhanced.listener.last_command->information()->number("objectEncoding"), 3.0);
    const ConnectInfo& info = enhanced.session.connect_info();
    EXPECT_THAT(info.capabilities.fourcc_list, ElementsAre("hvc1", "av01"));
    EXPECT_EQ(info.capabilities.video_fourcc, (std::map<std::string, std::uint32_t>{{"hvc1", 4}}));
    EXPECT_EQ(info.flash_ver, "x?y");
}

TEST(ServerSession, cuts_the_query_off_the_application) {
    Served served;
    served.feed(encoder().command(connect_command({{"app", "live/?backup=1"}})).bytes());
    EXPECT_EQ(served.session.connect_info().app, "live");
    EXPECT_EQ(served.session.connect_info().app_query, "backup=1");
}

TEST(ServerSession, refuses_in_words_and_closes) {
    Served served;
    served.feed(publishing_encoder("bad").bytes());
    EXPECT_EQ(served.said.back(), "onStatus NetStream.Publish.BadName on 1");
    EXPECT_EQ(read_status(*served.listener.last_command).description, "no such key");
    EXPECT_TRUE(served.session.closing());
    EXPECT_TRUE(served.session.consume(filled(1000), start));
    EXPECT_FALSE(served.session.next_event());
}

TEST(ServerSession, gives_no_media_before_the_answer_and_all_of_it_after) {
    Served served;
    served.answers = false;
    served.feed(publishing_encoder().message(MessageType::audio, filled(7), 1, 5).bytes(), 100);
    EXPECT_THAT(served.events, ElementsAre("publish live key a=1"));
    EXPECT_FALSE(served.session.publishing());
    EXPECT_GT(served.session.buffered_bytes(), 7u);
    EXPECT_FALSE(served.session.deadline());
    served.session.accept_publish();
    served.drain();
    EXPECT_THAT(served.events, ElementsAre("publish live key a=1", "audio 5 7"));
    EXPECT_EQ(served.session.buffered_bytes(), 0u);
}

TEST(ServerSession, holds_only_so_much_while_the_gate_is_asked) {
    Served served;
    served.answers = false;
    served.feed(publishing_encoder().bytes());
    ASSERT_FALSE(served.error);
    served.feed(base::Bytes(256 * 1024, 0), 4096);
    EXPECT_FALSE(served.error);
    served.feed(base::Bytes(1, 0));
    ASSERT_TRUE(served.error);
    EXPECT_EQ(served.error->code, base::ErrorCode::limit_exceeded);
    EXPECT_TRUE(served.session.closing());
    EXPECT_EQ(served.session.buffered_bytes(), 0u);
}

TEST(ServerSession, tells_of_errors_in_what_it_held) {
    Served served;
    served.answers = false;
    served.feed(publishing_encoder()
                    .number(MessageType::set_chunk_size, 1)
                    .message(MessageType::audio, filled(1))
                    .bytes());
    served.session.accept_publish();
    EXPECT_TRUE(served.session.closing());
    ASSERT_TRUE(served.session.deadline());
    EXPECT_LE(*served.session.deadline(), start);
    EXPECT_FALSE(served.session.tick(start));
    EXPECT_FALSE(served.session.deadline());
}

TEST(ServerSession, grows_its_limits_only_for_a_publisher) {
    const base::Bytes large = filled(300'000);
    Served before;
    before.feed(connected_encoder().message(MessageType::video, large, 1).bytes());
    EXPECT_EQ(before.error->code, base::ErrorCode::limit_exceeded);
    Served after;
    after.feed(publishing_encoder().message(MessageType::video, large, 1).bytes(), 4096);
    EXPECT_FALSE(after.error);
    EXPECT_EQ(after.events.back(), "video 0 300000");
}

TEST(ServerSession, has_absolute_deadlines) {
    Served drip;
    // One byte a second buys no time.
    for (int i = 0; i < 5; ++i) drip.feed(base::Bytes{3}, 1, start + seconds(i));
    EXPECT_EQ(drip.session.deadline(), start + seconds(5));
    EXPECT_TRUE(drip.session.tick(start + milliseconds(4999)));
    const auto late = drip.session.tick(start + seconds(5));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, base::ErrorCode::timed_out);

    Served idle;
    idle.feed(encoder().bytes(), 1 << 20, start + seconds(2));
    EXPECT_EQ(idle.session.deadline(), start + seconds(12));
    idle.feed(PeerScript().command(connect_command()).bytes(), 10, start + seconds(11));
    EXPECT_EQ(idle.session.deadline(), start + seconds(12));
    EXPECT_FALSE(idle.session.tick(start + seconds(12)));
    EXPECT_TRUE(idle.session.closing());

    Served publisher;
    publisher.feed(publishing_encoder().bytes());
    EXPECT_FALSE(publisher.session.deadline());
    EXPECT_TRUE(publisher.session.tick(start + std::chrono::hours(24)));
    publisher.feed(PeerScript().command({"closeStream", 0, AmfNull{}, {}}, 1).bytes(), 1 << 20,
                   start + seconds(100));
    EXPECT_EQ(publisher.session.deadline(), start + seconds(110));
}

TEST(ServerSession, acknowledges_by_window_and_never_more_often_than_it_reads) {
    Served served;
    served.feed(publishing_encoder().number(MessageType::window_ack_size, 1).bytes());
    served.said.clear();
    // A window of one byte counts as 4 KiB; one slice gives one acknowledgement.
    PeerScript media;
    for (int i = 0; i < 40; ++i) media.message(MessageType::video, filled(1000), 1);
    served.feed(media.bytes(), 1024);
    const std::size_t acknowledgements = served.said.size();
    EXPECT_GE(acknowledgements, 9u);
    EXPECT_LE(acknowledgements, 11u);
    served.said.clear();
    served.feed(media.bytes());
    EXPECT_EQ(served.said.size(), 1u);
    EXPECT_TRUE(served.said[0].starts_with("control 3 "));
}

TEST(ServerSession, creates_sixteen_streams_and_no_more) {
    Served served;
    served.feed(connected_encoder().bytes());
    for (int i = 0; i < 16; ++i)
        served.feed(PeerScript().command({"createStream", 7, AmfNull{}, {}}).bytes());
    EXPECT_EQ(served.said.back(), "_result 7");
    served.feed(PeerScript().command({"createStream", 8, AmfNull{}, {}}).bytes());
    EXPECT_EQ(served.said.back(), "_error 8 NetConnection.Call.Failed");
    // One that is deleted makes room for another.
    served.feed(PeerScript()
                    .command({"deleteStream", 0, AmfNull{}, {3}})
                    .command({"createStream", 9, AmfNull{}, {}})
                    .bytes());
    EXPECT_EQ(served.said.back(), "_result 9");
    EXPECT_FALSE(served.session.closing());
}

TEST(ServerSession, names_the_bound_that_was_passed) {
    const auto bound_of = [](const Served& served) {
        base::LimitHits hits;
        if (served.error) hits.add(*served.error);
        const auto counts = hits.counts();
        return counts.empty() ? std::string() : counts.begin()->first;
    };
    Served before;
    before.feed(connected_encoder().message(MessageType::video, filled(300'000), 1).bytes());
    EXPECT_EQ(bound_of(before), "rtmp_message_bytes_before_publish");
    Served after;
    after.feed(publishing_encoder().bytes());
    const base::Bytes large =
        ChunkBuilder().chunk(0, 6, {0, 8 * 1024 * 1024 + 1, MessageType::video, 1}, filled(1));
    after.feed(large);
    EXPECT_EQ(bound_of(after), "rtmp_message_bytes_of_publisher");
    Served slow;
    slow.error = slow.session.tick(start + seconds(5)).error();
    EXPECT_EQ(bound_of(slow), "rtmp_handshake_seconds");
    Served idle;
    idle.feed(connected_encoder().bytes());
    idle.error = idle.session.tick(start + seconds(10)).error();
    EXPECT_EQ(bound_of(idle), "rtmp_publish_seconds");
    Served broken;
    broken.feed(connected_encoder().message(MessageType::command_amf0, {}).bytes());
    ASSERT_TRUE(broken.error);
    EXPECT_EQ(bound_of(broken), "") << "bytes that make no sense pass no bound";
}

TEST(ServerSession, answers_pings_up_to_a_rate) {
    const auto pings = [](int count) {
        PeerScript script;
        for (int i = 0; i < count; ++i)
            script.message(MessageType::user_control, write_user_control({UserEvent::ping_request, 77}));
        return script.bytes();
    };
    Served served;
    served.feed(connected_encoder().bytes());
    served.feed(pings(99));
    EXPECT_EQ(served.said.back(), "event 7 77");
    EXPECT_FALSE(served.error);
    served.feed(pings(20), 1 << 20, start + seconds(1));
    EXPECT_FALSE(served.error);
    served.feed(pings(1), 1 << 20, start + seconds(1));
    EXPECT_TRUE(served.error);
}

TEST(ServerSession, ends_what_it_serves) {
    Served publisher;
    publisher.feed(publishing_encoder().bytes());
    publisher.said.clear();
    publisher.session.end("the owner ended the stream");
    publisher.drain();
    EXPECT_THAT(publisher.said, ElementsAre("onStatus NetStream.Unpublish.Success on 1",
                                            "onStatus NetConnection.Connect.Closed on 0"));
    EXPECT_TRUE(publisher.session.closing());
    Served player;
    player.feed(playing_player().bytes());
    player.said.clear();
    player.session.end("over");
    player.drain();
    EXPECT_THAT(player.said, ElementsAre("event 1 1", "onStatus NetStream.Play.UnpublishNotify on 1",
                                         "onStatus NetConnection.Connect.Closed on 0"));
    Served stranger;
    stranger.session.end("over");
    stranger.drain();
    EXPECT_THAT(stranger.said, IsEmpty());
}

TEST(ServerSession, asks_only_those_to_reconnect_who_understand_it) {
    Served plain;
    plain.feed(publishing_encoder().bytes());
    EXPECT_FALSE(plain.session.request_reconnect("rtmp://other/live", "update"));
    Served enhanced;
    enhanced.feed(encoder()
                      .command(connect_command({{"app", "live"}, {"capsEx", 1}}))
                      .command({"createStream", 2, AmfNull{}, {}})
                      .command({"publish", 3, AmfNull{}, {"key"}}, 1)
                      .bytes());
    EXPECT_TRUE(enhanced.session.request_reconnect("rtmp://other/live", "update"));
    enhanced.drain();
    EXPECT_EQ(enhanced.said.back(), "onStatus NetConnection.Connect.ReconnectRequest on 0");
    EXPECT_EQ(*enhanced.listener.last_command->information()->text("tcUrl"), "rtmp://other/live");
    EXPECT_TRUE(enhanced.session.publishing());
}

TEST(ServerSession, answers_what_it_does_not_know_or_allow) {
    Served served;
    served.feed(connected_encoder()
                    .command({"nonsense", 9, AmfNull{}, {}})
                    .command({"getStreamLength", 10, AmfNull{}, {"x"}})
                    .command({"_checkbw", 11, AmfNull{}, {}})
                    .command(connect_command())
                    .command({"publish", 12, AmfNull{}, {"key"}}, 3)
                    .bytes());
    EXPECT_THAT(served.said, IsSupersetOf({"_error 9 NetConnection.Call.Failed", "_result 10", "_result 11",
                                           "_error 1 NetConnection.Connect.Rejected",
                                           "onStatus NetStream.Publish.BadName on 3"}));
    EXPECT_FALSE(served.session.closing());
}

TEST(ServerSession, sends_pings_once_connected) {
    Served served;
    served.session.send_ping(start);
    served.feed(encoder().bytes());
    EXPECT_THAT(served.said, IsEmpty());
    served.feed(PeerScript().command(connect_command()).bytes());
    served.session.send_ping(start);
    served.drain();
    EXPECT_EQ(served.said.back(), "event 6 3600000");
}

}  // namespace
}  // namespace protocol::rtmp
