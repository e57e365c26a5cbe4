#include "output/batch_writer.h"

#include <gtest/gtest.h>

#include <random>

namespace output {
namespace {

using namespace std::chrono_literals;
using protocol::rtmp::MediaWriter;
using protocol::rtmp::message_type;

base::Bytes flatten(const base::GatherList& list) {
    base::Bytes all;
    for (const iovec& part : list.parts())
        base::append(all, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    return all;
}

hub::Delivery delivery(media::Kind kind, media::Timestamp at, std::size_t size = 20, std::uint8_t track = 0,
                       media::Role role = media::Role::coded) {
    media::Frame frame;
    frame.kind = kind;
    frame.role = role;
    frame.track = track;
    frame.dts = at;
    frame.tag = base::SharedBytes(base::Bytes(size, static_cast<std::uint8_t>(at.count())));
    return {std::make_shared<const media::Frame>(std::move(frame)), at};
}

hub::BatchPtr batch_of(std::vector<hub::Delivery> frames) {
    auto batch = std::make_shared<hub::Batch>();
    batch->frames = std::move(frames);
    return batch;
}

hub::BatchPtr picture_and_sound(media::Timestamp at, std::size_t size = 20) {
    return batch_of({delivery(media::Kind::video, at, size), delivery(media::Kind::audio, at + 10ms, 7)});
}

// A connection as it would be if it were alone in the world, and beside it the same one among others.
struct Connection {
    explicit Connection(std::uint32_t chunk_size) : alone(1, chunk_size), among_others(1, chunk_size) {}

    // Whether the list was another's.
    bool expect_the_same(const hub::BatchPtr& batch, RecentWire& recent) {
        base::GatherList expected;
        const Written counted = for_each_sent(*batch, base, [&](const media::Frame& frame, std::uint32_t at) {
            alone.write(expected, message_type(frame.kind), at, {}, frame.tag.view());
        });
        base::GatherList list;
        const std::shared_ptr<const Wire> before = recent.wire;
        const Written written = among_others.write(list, batch, recent);
        EXPECT_EQ(base::to_hex(flatten(list)), base::to_hex(flatten(expected)));
        EXPECT_EQ(written.frames, counted.frames);
        EXPECT_EQ(written.pictures, counted.pictures);
        return before && before->parts.parts().data() == list.parts().data();
    }

    MediaWriter alone;
    BatchWriter among_others;
    std::optional<media::Timestamp> base;
};

TEST(BatchWriter, the_third_at_a_place_takes_what_the_second_wrote) {
    RecentWire recent;
    std::vector<Connection> connections(4, Connection(128));
    for (const auto at : {0ms, 33ms, 67ms}) {
        const hub::BatchPtr batch = picture_and_sound(at, 1'000);
        std::vector<bool> shared;
        for (Connection& one : connections) shared.push_back(one.expect_the_same(batch, recent));
        // The first batch has full headers.
        EXPECT_EQ(shared, (std::vector<bool>{false, false, at > 0ms, at > 0ms}));
    }
}

TEST(BatchWriter, those_who_came_later_have_times_of_their_own_and_share_still) {
    RecentWire recent;
    std::vector<Connection> connections(3, Connection(128));
    for (std::size_t i = 0; i < connections.size(); ++i)
        connections[i].expect_the_same(picture_and_sound(i * 1s), recent);
    // They stand at different places until all have sent the same.
    const hub::BatchPtr together = picture_and_sound(10s);
    for (Connection& one : connections) EXPECT_FALSE(one.expect_the_same(together, recent));
    const hub::BatchPtr next = picture_and_sound(10s + 33ms);
    EXPECT_FALSE(connections[0].expect_the_same(next, recent));
    EXPECT_FALSE(connections[1].expect_the_same(next, recent));
    EXPECT_TRUE(connections[2].expect_the_same(next, recent));
}

TEST(BatchWriter, what_is_the_connections_own_is_not_shared) {
    RecentWire recent;
    std::vector<Connection> connections(3, Connection(128));
    for (Connection& one : connections) one.expect_the_same(picture_and_sound(0s), recent);
    // The first data has a full header, with the connection's own time and stream.
    const auto data = batch_of({delivery(media::Kind::data, 40ms)});
    for (Connection& one : connections) EXPECT_FALSE(one.expect_the_same(data, recent));
    // So has a step back; and a time before the first cannot be told.
    const auto back = batch_of({delivery(media::Kind::video, 20ms), delivery(media::Kind::video, 10ms)});
    for (Connection& one : connections) one.expect_the_same(back, recent);
    const auto before = batch_of({delivery(media::Kind::video, -1s)});
    for (Connection& one : connections) one.expect_the_same(before, recent);
}

TEST(BatchWriter, tells_nothing_of_other_tracks) {
    RecentWire recent;
    base::GatherList list;
    BatchWriter writer(1, 128);
    EXPECT_EQ(writer.write(list, batch_of({delivery(media::Kind::video, 0s, 5, 1)}), recent).frames, 0u);
    EXPECT_TRUE(list.empty());
}

TEST(BatchWriter, behind_something_of_the_connections_own_the_list_is_its_own) {
    RecentWire recent;
    std::vector<BatchWriter> writers(3, BatchWriter(1, 128));
    base::GatherList list;
    for (BatchWriter& one : writers) {
        list.clear();
        one.write(list, picture_and_sound(0s), recent);
    }
    const hub::BatchPtr batch = picture_and_sound(33ms);
    static constexpr std::uint8_t own[] = {1, 2, 3};
    std::vector<std::string> sent;
    for (BatchWriter& one : writers) {
        list.clear();
        list.add_view(own);
        one.write(list, batch, recent);
        sent.push_back(base::to_hex(flatten(list)));
        EXPECT_TRUE(sent.back().starts_with("010203"));
    }
    EXPECT_EQ(sent[2], sent[0]);
}

// Whatever comes, in whatever batches, whoever joins when: each gets the bytes that it would get alone.
TEST(BatchWriter, sharing_is_never_seen) {
    std::mt19937 random(11);
    const auto below = [&](std::uint32_t end) { return random() % end; };
    std::size_t shared = 0;
    for (int round = 0; round < 200; ++round) {
        RecentWire recent;
        std::vector<Connection> connections;
        media::Timestamp now =
            std::chrono::microseconds(below(3) == 0 ? below(5'000'000) : below(5'000) * 1'000);
        for (int step = 0; step < 30; ++step) {
            if (below(4) == 0) connections.emplace_back(below(4) == 0 ? 4'096 : 128);
            std::vector<hub::Delivery> frames;
            for (std::uint32_t i = 0, count = 1 + below(4); i < count; ++i) {
                now += below(20) == 0 ? -media::Timestamp(30ms)
                                      : media::Timestamp(std::chrono::milliseconds(below(60)));
                if (below(200) == 0) now += 5h;
                frames.push_back(delivery(static_cast<media::Kind>(below(20) == 0 ? 2 : below(2)), now,
                                          below(400), below(10) == 0 ? 1 : 0));
            }
            const hub::BatchPtr batch = batch_of(std::move(frames));
            for (Connection& one : connections) {
                // Some miss one.
                if (below(15) == 0) continue;
                shared += one.expect_the_same(batch, recent);
            }
            if (below(10) == 0) recent = {};
        }
    }
    EXPECT_GT(shared, 1'000u);
}

TEST(GatherList, a_shared_list_is_given_up_in_pieces_like_any_other) {
    auto whole = std::make_shared<base::GatherList>();
    const base::Bytes one(700, 1);
    const base::Bytes two(300, 2);
    whole->add_view(one);
    whole->add_view(two);
    const base::Bytes expected = flatten(*whole);
    for (const std::size_t piece : {1u, 333u, 700u, 1000u}) {
        base::GatherList list;
        list.share(whole);
        EXPECT_EQ(list.parts().data(), whole->parts().data()) << "nothing was copied";
        base::Bytes sent;
        while (!list.empty()) {
            const base::Bytes left = flatten(list);
            const std::size_t count = std::min(piece, list.bytes());
            base::append(sent, base::ByteView(left).first(count));
            list.consume(count);
        }
        EXPECT_EQ(sent, expected);
        EXPECT_TRUE(list.parts().empty());
        EXPECT_EQ(flatten(*whole), expected);
    }
    base::GatherList longer;
    longer.share(whole);
    longer.add_view(two);
    EXPECT_EQ(longer.bytes(), 1'300u);
    EXPECT_EQ(flatten(longer).size(), 1'300u);
}

}  // namespace
}  // namespace output
