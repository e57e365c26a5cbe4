#include "protocol/rtmp/client_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/rtmp/session_peer.h"

namespace protocol::rtmp {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const base::MonotonicTime start{std::chrono::hours(1)};

ClientSettings settings_for(ClientPurpose purpose = ClientPurpose::publish) {
    ClientSettings settings;
    settings.app = "live2?backup=1";
    settings.tc_url = "rtmp://host/live2?backup=1";
    settings.stream_key = base::Secret(std::string(case_key));
    settings.purpose = purpose;
    return settings;
}

struct Client {
    explicit Client(ClientSettings settings = settings_for()) : session(std::move(settings), start) {}

    ClientSession session;
    Listener listener;
    std::vector<std::string> events;
    std::vector<std::string> said;
    std::optional<base::Error> error;

    void drain() {
        while (auto event = session.next_event()) events.push_back(describe(*event));
        const auto lines = listener.hear(session.take_output());
        said.insert(said.end(), lines.begin(), lines.end());
    }
    Client& feed(base::ByteView bytes, std::size_t slice = 1 << 20, base::MonotonicTime now = start) {
        while (!bytes.empty() && !error) {
            const base::ByteView part = bytes.first(std::min(slice, bytes.size()));
            bytes = bytes.subspan(part.size());
            if (auto ok = session.consume(part, now); !ok) error = ok.error();
            drain();
        }
        return *this;
    }
};

const std::string key(case_key);

TEST(ClientSession, hears_what_the_table_says_however_it_is_sliced) {
    for (const ClientCase& c : client_cases())
        for (const std::size_t slice : {std::size_t{1}, std::size_t{1000}, c.bytes.size()}) {
            Client client;
            client.feed(c.bytes, slice);
            std::vector<std::string> expected = c.events;
            // Two acknowledgements in one slice are one event; apart, they are two.
            if (c.name == "acknowledgements" && slice < c.bytes.size() && client.events.size() == 3)
                expected.insert(expected.begin() + 1, "acknowledged 100");
            EXPECT_EQ(client.events, expected) << c.name << " in slices of " << slice;
            ASSERT_EQ(client.error.has_value(), c.error.has_value())
                << c.name << ": " << (client.error ? client.error->message : "taken");
            if (!c.error) continue;
            EXPECT_EQ(client.error->code, *c.error) << c.name << ": " << client.error->message;
            EXPECT_EQ(client.session.step(), ClientStep::failed) << c.name;
            EXPECT_FALSE(client.session.deadline()) << c.name;
        }
}

TEST(ClientSession, says_what_obs_says_in_that_order) {
    Client client;
    client.feed(server().bytes());
    EXPECT_THAT(client.said, ElementsAre("connect 1"));
    const AmfObject& object = *client.listener.last_command->object.object();
    std::vector<std::string> names;
    for (const AmfProperty& property : object.properties) names.push_back(property.name);
    EXPECT_THAT(names, ElementsAre("app", "type", "flashVer", "swfUrl", "tcUrl"));
    EXPECT_EQ(*object.text("app"), "live2?backup=1");
    EXPECT_EQ(*object.text("tcUrl"), "rtmp://host/live2?backup=1");
    EXPECT_EQ(*object.text("swfUrl"), "rtmp://host/live2?backup=1");
    EXPECT_EQ(*object.text("type"), "nonprivate");
    EXPECT_EQ(client.session.step(), ClientStep::connect);

    client.said.clear();
    client.feed(PeerScript().command(result_of(1, AmfNull{}, AmfNull{})).bytes());
    EXPECT_THAT(client.said, ElementsAre("releaseStream 2 " + key, "FCPublish 3 " + key, "createStream 4"));
    client.said.clear();
    client.feed(PeerScript().command(result_of(4, AmfNull{}, 3)).bytes());
    EXPECT_THAT(client.said, ElementsAre("publish 5 " + key + " live on 3"));
    EXPECT_EQ(client.session.step(), ClientStep::publish);
    client.feed(PeerScript().status("status", "NetStream.Publish.Start").bytes());
    EXPECT_EQ(client.session.step(), ClientStep::publishing);
    EXPECT_FALSE(client.session.deadline());

    client.said.clear();
    client.session.finish();
    client.session.finish();
    client.drain();
    EXPECT_THAT(client.said, ElementsAre("FCUnpublish 6 " + key, "deleteStream 7"));
    EXPECT_EQ(*client.listener.last_command->number(0), 3.0);
    // The answer to it is not the peer's own wish.
    client.feed(PeerScript().status("status", "NetStream.Unpublish.Success").bytes());
    EXPECT_THAT(client.events, ElementsAre("accepted 3"));
}

TEST(ClientSession, sets_its_chunk_size_before_connect_and_uses_it) {
    ClientSettings settings = settings_for();
    settings.app = std::string(1000, 'a');
    settings.out_chunk_size = 5000;
    ClientSession session(settings, start);
    static_cast<void>(session.take_output());
    ASSERT_TRUE(session.consume(server().bytes(), start));
    const base::Bytes output = session.take_output();
    const base::ByteView chunks = base::ByteView(output).subspan(handshake_packet_size);
    EXPECT_EQ(base::to_hex(chunks.first(16)), "02000000000004010000000000001388");
    // One chunk: a type 3 header would stand 5000 bytes on.
    EXPECT_EQ(chunks[16], 0x03);
    EXPECT_LT(chunks.size(), 5000u);
}

TEST(ClientSession, announces_codecs_only_when_asked_to) {
    ClientSettings settings = settings_for();
    settings.fourcc_list = {"hvc1"};
    Client client(settings);
    client.feed(server().bytes());
    const AmfObject& object = *client.listener.last_command->object.object();
    EXPECT_EQ(object.properties[5].name, "fourCcList");
    EXPECT_EQ(*object.properties[5].value.array()->values[0].text(), "hvc1");
    EXPECT_EQ(object.number("capsEx"), 1.0);
    client.feed(PeerScript().command(result_of(1, AmfObject{{"capsEx", 3}}, AmfNull{})).bytes());
    EXPECT_EQ(client.session.peer_capabilities().caps_ex, 3u);
}

TEST(ClientSession, has_a_deadline_on_each_step) {
    Client client;
    EXPECT_EQ(client.session.deadline(), start + seconds(5));
    client.feed(server().bytes(), 1000, start + seconds(4));
    EXPECT_EQ(client.session.deadline(), start + seconds(9));
    client.feed(PeerScript().command(result_of(1, AmfNull{}, AmfNull{})).bytes(), 1000, start + seconds(8));
    EXPECT_EQ(client.session.deadline(), start + seconds(13));
    EXPECT_TRUE(client.session.tick(start + seconds(12)));
    const auto late = client.session.tick(start + seconds(13));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, base::ErrorCode::timed_out);
    EXPECT_NE(late.error().message.find("createStream"), std::string::npos);
    EXPECT_EQ(client.session.step(), ClientStep::failed);
}

TEST(ClientSession, plays) {
    Client client(settings_for(ClientPurpose::play));
    client.feed(connecting_server().bytes());
    EXPECT_EQ(client.said.back(), "createStream 4");
    client.said.clear();
    client.feed(
        PeerScript().command(result_of(4, AmfNull{}, 1)).message(MessageType::video, filled(9), 1).bytes());
    EXPECT_THAT(client.said, ElementsAre("play 5 " + key + " on 1", "event 3 1"));
    client.feed(
        PeerScript()
            .status("status", "NetStream.Play.Reset")
            .status("status", "NetStream.Play.Start")
            .message(MessageType::audio, filled(5), 1, 7)
            .message(MessageType::aggregate, aggregate_of({{MessageType::video, 0, 0, filled(6)}}), 1, 8)
            .status("status", "NetStream.Play.UnpublishNotify", "over")
            .bytes());
    EXPECT_THAT(client.events, ElementsAre("playing", "audio 7 5", "video 8 6",
                                           "ended NetStream.Play.UnpublishNotify: over"));
}

TEST(ClientSession, is_told_when_there_is_nothing_to_play) {
    Client client(settings_for(ClientPurpose::play));
    client.feed(creating_server().status("error", "NetStream.Play.StreamNotFound", "none").bytes());
    EXPECT_THAT(client.events, ElementsAre("refused publish NetStream.Play.StreamNotFound: none"));
    client.said.clear();
    client.session.finish();
    client.drain();
    EXPECT_THAT(client.said, IsEmpty());
}

TEST(ClientSession, answers_pings_windows_and_bandwidths) {
    Client client;
    client.feed(accepting_server().bytes());
    client.said.clear();
    client.feed(
        PeerScript()
            .message(MessageType::user_control, write_user_control({UserEvent::ping_request, 42}))
            .message(MessageType::set_peer_bandwidth, write_peer_bandwidth(9000, BandwidthLimit::dynamic))
            .message(MessageType::set_peer_bandwidth, write_peer_bandwidth(9000, BandwidthLimit::dynamic))
            .number(MessageType::window_ack_size, 5000)
            .bytes());
    EXPECT_THAT(client.said, ElementsAre("event 7 42", "control 5 9000"));
    client.said.clear();
    PeerScript noise;
    for (int i = 0; i < 100; ++i) noise.message(MessageType::data_amf0, filled(100));
    client.feed(noise.bytes(), 100);
    EXPECT_EQ(client.said.size(), 2u);
}

TEST(ClientSession, bears_a_server_that_acknowledges_every_few_bytes) {
    Client client;
    client.feed(accepting_server().bytes());
    PeerScript acknowledgements;
    for (std::uint32_t i = 0; i < 1000; ++i) acknowledgements.number(MessageType::acknowledgement, i * 8);
    // Ten minutes at 8 Mbit/s, shortened to a second's worth: 100,000 acknowledgements.
    for (int i = 0; i < 100; ++i)
        client.feed(acknowledgements.bytes(), 64 * 1024, start + std::chrono::milliseconds(10 * i));
    EXPECT_FALSE(client.error);
    EXPECT_EQ(client.events.size(), 101u);
    EXPECT_EQ(client.session.buffered_bytes(), 0u);
}

}  // namespace
}  // namespace protocol::rtmp
