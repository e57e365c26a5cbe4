// The instruments themselves: what they count must be right before what they measure can be.
#include <gtest/gtest.h>

#include "bench/tools/answer_reader.h"
#include "bench/tools/chunk_skimmer.h"
#include "bench/tools/histogram.h"
#include "bench/tools/playlist_edge.h"
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

TEST(AnswerReader, gives_status_and_body_however_it_is_cut) {
    const std::string wire =
        "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 11\r\nContent-Encoding: gzip\r\n\r\nhello world";
    for (const std::size_t slice : {std::size_t{1}, std::size_t{5}, std::size_t{80}, wire.size()}) {
        AnswerReader reader;
        for (const bool keep : {true, false}) {
            reader.begin(keep);
            for (std::size_t at = 0; at < wire.size(); at += slice) {
                EXPECT_FALSE(reader.done());
                ASSERT_TRUE(reader.feed(std::string_view(wire).substr(at, slice)));
            }
            EXPECT_TRUE(reader.done());
            EXPECT_EQ(reader.status(), 200);
            EXPECT_EQ(reader.length(), 11u);
            EXPECT_TRUE(reader.gzipped());
            EXPECT_EQ(reader.body(), keep ? "hello world" : "");
        }
    }
}

TEST(AnswerReader, counts_what_was_dropped_unseen) {
    AnswerReader reader;
    reader.begin(false);
    ASSERT_TRUE(reader.feed("HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\n\r\n1234"));
    EXPECT_EQ(reader.body_left(), 96u);
    reader.dropped(96);
    EXPECT_TRUE(reader.done());
    EXPECT_FALSE(reader.gzipped());
}

TEST(AnswerReader, follows_nothing_whose_end_it_does_not_know) {
    for (const char* wire : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                             "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                             "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"}) {
        AnswerReader reader;
        reader.begin(false);
        EXPECT_FALSE(reader.feed(wire)) << wire;
    }
    AnswerReader endless;
    endless.begin(false);
    EXPECT_FALSE(endless.feed(std::string(max_answer_head + 1, 'x')));
    AnswerReader empty;
    empty.begin(false);
    EXPECT_TRUE(empty.feed("HTTP/1.1 304 Not Modified\r\n\r\n"));
    EXPECT_TRUE(empty.done());
}

TEST(PlaylistEdge, is_the_part_that_comes_next) {
    const std::string segment =
        "#EXTM3U\r\n#EXT-X-PART-INF:PART-TARGET=0.5\r\n#EXT-X-MEDIA-SEQUENCE:40\r\n"
        "#EXTINF:2.0,\r\n40.m4s\r\n"
        "#EXT-X-PART:DURATION=0.5,URI=\"41.0.m4s?viewer=a,b\",INDEPENDENT=YES\r\n";
    const auto within = read_edge(segment);
    ASSERT_TRUE(within);
    EXPECT_EQ(within->msn, 41u);
    EXPECT_EQ(within->part, 1u);
    EXPECT_EQ(within->uri, "41.0.m4s?viewer=a,b");
    EXPECT_EQ(within->part_target_s, 0.5);

    const std::string closed =
        segment + "#EXTINF:0.5,\r\n41.m4s\r\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"42.0.m4s\"\r\n";
    const auto after = read_edge(closed);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->msn, 42u);
    EXPECT_EQ(after->part, 0u);
    EXPECT_EQ(after->uri, "41.0.m4s?viewer=a,b");
    EXPECT_FALSE(read_edge("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:1\n#EXTINF:2.0,\n1.m4s\n"));
}

TEST(PlaylistEdge, finds_files_beside_the_playlist) {
    EXPECT_EQ(first_uri("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8?viewer=x\n"),
              "media.m3u8?viewer=x");
    EXPECT_EQ(first_uri("#EXTM3U\n"), "");
    EXPECT_EQ(resolve("/live/a/index.m3u8?token=/x", "media.m3u8?b"), "/live/a/media.m3u8?b");
    EXPECT_EQ(resolve("/live/a/index.m3u8", "/live/b/media.m3u8"), "/live/b/media.m3u8");
}

}  // namespace
}  // namespace bench
