// The instruments themselves: what they count must be right before what they measure can be.
#include <gtest/gtest.h>

#include "bench/tools/chunk_skimmer.h"
#include "bench/tools/histogram.h"
#include "bench/tools/show.h"
#include "bench/tools/sink_session.h"
#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/chunk_writer.h"
#include "protocol/rtmp/client_session.h"
#include "protocol/rtmp/control.h"
#include "protocol/rtmp/media_writer.h"

namespace bench {
namespace {

using protocol::rtmp::MessageType;

base::Bytes flat(const base::GatherList& list) {
    base::Bytes bytes;
    for (const iovec& part : list.parts())
        base::append(bytes, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    return bytes;
}

base::Bytes stamped(std::uint64_t sequence, std::size_t size) {
    base::Bytes tag(video_stamp_at, 0x27);
    write_stamp(tag, {7, sequence, 1'234});
    tag.resize(std::max(size, tag.size()), 0x55);
    return tag;
}

TEST(ChunkSkimmer, gives_every_message_however_it_is_cut) {
    constexpr std::uint32_t chunk_size = 4096;
    base::Bytes wire;
    protocol::rtmp::write_message(wire, {2, MessageType::set_chunk_size, 0, 0},
                                  protocol::rtmp::write_number(chunk_size),
                                  protocol::rtmp::default_chunk_size);
    protocol::rtmp::MediaWriter writer(1, chunk_size);
    const std::vector<std::size_t> sizes{34, 4'096, 4'097, 150'000, 35, 8'192};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        base::GatherList list;
        const base::Bytes tag = stamped(i + 1, sizes[i]);
        // Past the 24 bits, so that the extended timestamp is there too.
        writer.write(list, i % 2 ? MessageType::audio : MessageType::video,
                     static_cast<std::uint32_t>(0x1000000 + i * 33), {}, tag);
        base::append(wire, flat(list));
    }
    for (const std::size_t slice : {std::size_t{1}, std::size_t{7}, std::size_t{4'096}, wire.size()}) {
        ChunkSkimmer skimmer;
        std::vector<std::size_t> seen;
        for (base::ByteView rest = wire; !rest.empty();) {
            const auto part = rest.first(std::min(slice, rest.size()));
            ASSERT_TRUE(skimmer.feed(part, [&](const SkimmedMessage& message) {
                if (message.type == MessageType::set_chunk_size) return;
                seen.push_back(message.size);
                const auto stamp = read_stamp(message.head, true);
                ASSERT_TRUE(stamp);
                EXPECT_EQ(stamp->sequence, seen.size());
            }));
            rest = rest.subspan(part.size());
        }
        EXPECT_EQ(seen, sizes) << slice;
    }
}

TEST(SinkSession, lets_our_own_client_publish_and_sees_its_frames) {
    const auto now = base::MonotonicTime{};
    std::vector<std::uint64_t> seen;
    SinkSession sink([&](const Stamp& stamp) { seen.push_back(stamp.sequence); });
    protocol::rtmp::ClientSettings settings;
    settings.app = "app";
    settings.tc_url = "rtmp://127.0.0.1/app";
    settings.stream_key = base::Secret("place-1");
    protocol::rtmp::ClientSession client(settings, now);
    std::optional<std::uint32_t> stream;
    for (int round = 0; round < 10 && !stream; ++round) {
        ASSERT_TRUE(sink.feed(client.take_output()));
        ASSERT_TRUE(client.consume(sink.take_output(), now));
        while (const auto event = client.next_event())
            if (const auto* accepted = std::get_if<protocol::rtmp::PublishAccepted>(&*event))
                stream = accepted->stream_id;
    }
    ASSERT_TRUE(stream);
    EXPECT_TRUE(sink.publishing());
    EXPECT_EQ(sink.key(), "place-1");
    protocol::rtmp::MediaWriter writer(*stream, settings.out_chunk_size);
    for (const std::uint64_t sequence : {1u, 2u, 4u}) {
        base::GatherList list;
        const base::Bytes tag = stamped(sequence, 10'000);
        writer.write(list, MessageType::video, 40, {}, tag);
        ASSERT_TRUE(sink.feed(flat(list)));
    }
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 4}));
}

TEST(Histogram, percentiles_are_right_to_a_sixteenth) {
    Histogram histogram;
    for (int i = 1; i <= 100'000; ++i) histogram.add(i * 1'000);
    for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
        const double exact = share * 1e8;
        EXPECT_GE(static_cast<double>(histogram.at(share)), exact) << share;
        EXPECT_LE(static_cast<double>(histogram.at(share)), exact * 1.07) << share;
    }
    EXPECT_EQ(histogram.at(1), 100'000'000u);
}

TEST(Show, has_the_bitrate_and_the_rhythm_it_was_asked_for) {
    for (const std::uint32_t kbps : {600u, 2'000u, 6'000u}) {
        Show show(kbps);
        std::uint64_t bytes = 0;
        int pictures = 0;
        int keys = 0;
        for (; show.next().due_ns < 20'000'000'000; show.advance()) {
            bytes += show.next().size;
            pictures += show.next().video;
            keys += show.next().key;
        }
        EXPECT_NEAR(static_cast<double>(bytes) * 8 / 20'000, kbps, kbps * 0.01);
        EXPECT_EQ(pictures, 600);
        EXPECT_EQ(keys, 10);
        EXPECT_EQ(show.index(), 600u + 938u);
    }
}

}  // namespace
}  // namespace bench
