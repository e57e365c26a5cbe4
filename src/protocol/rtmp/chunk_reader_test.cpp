#include "protocol/rtmp/chunk_reader.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "protocol/rtmp/random_sender.h"

namespace protocol::rtmp {
namespace {

struct Reading {
    std::vector<PlainMessage> messages;
    std::optional<base::Error> error;
};

// Reads `bytes` in slices whose sizes `slice` gives.
Reading read_all(ChunkReader& reader, base::ByteView bytes, const std::function<std::size_t()>& slice) {
    Reading reading;
    while (!bytes.empty()) {
        base::ByteView part = bytes.first(std::min(bytes.size(), slice()));
        bytes = bytes.subspan(part.size());
        while (true) {
            auto progress = reader.read(part);
            if (!progress) {
                reading.error = progress.error();
                return reading;
            }
            part = part.subspan(progress->used);
            if (!progress->message) break;
            reading.messages.push_back(plain(*progress->message));
        }
        EXPECT_TRUE(part.empty());
    }
    return reading;
}

std::function<std::size_t()> slices_of(std::size_t size) {
    return [size] { return size; };
}

TEST(ChunkReader, reads_what_the_table_says_however_it_is_sliced) {
    std::mt19937 random(1);
    for (const ChunkCase& c : chunk_cases()) {
        for (int round = 0; round < 6; ++round) {
            ChunkReader reader(c.limits);
            std::uniform_int_distribution<std::size_t> sizes(1, 40);
            const auto slice = round == 0   ? slices_of(c.bytes.size() + 1)
                               : round == 1 ? slices_of(1)
                               : round == 2 ? slices_of(18)
                                            : std::function<std::size_t()>([&] { return sizes(random); });
            const Reading reading = read_all(reader, c.bytes, slice);
            EXPECT_TRUE(reading.messages == c.messages) << c.name << ", round " << round;
            ASSERT_EQ(reading.error.has_value(), c.error.has_value())
                << c.name << ": " << (reading.error ? reading.error->message : "read");
            if (!c.error) continue;
            EXPECT_EQ(reading.error->code, *c.error) << c.name << ": " << reading.error->message;
        }
    }
}

TEST(ChunkReader, reads_what_the_writer_wrote) {
    for (const std::uint32_t id : {2u, 3u, 63u, 64u, 319u, 320u, 65'599u})
        for (const std::uint32_t time : {0u, 1u, 0xfffffeu, 0xffffffu, 0x1000000u, 0x7fffffffu, 0xffffffffu})
            for (const std::size_t size : {0u, 1u, 127u, 128u, 129u, 256u, 1000u}) {
                base::Bytes bytes;
                const base::Bytes body = filled(size);
                write_message(bytes, {id, MessageType::data_amf0, 7, time}, body, 128);
                ChunkReader reader;
                const Reading reading = read_all(reader, bytes, slices_of(50));
                ASSERT_EQ(reading.messages.size(), 1u) << id << " " << time << " " << size;
                EXPECT_TRUE(reading.messages[0] == (PlainMessage{MessageType::data_amf0, 7, time, body}));
            }
}

TEST(ChunkReader, understands_every_sender) {
    using Repeats = RandomSender::Repeats;
    for (const Repeats repeats : {Repeats::as_sent, Repeats::as_absolute_time, Repeats::never})
        for (std::uint32_t seed = 0; seed < 200; ++seed) {
            RandomSender sender(seed, repeats);
            const base::Bytes bytes = sender.bytes(60);
            std::mt19937 random(seed);
            std::uniform_int_distribution<std::size_t> sizes(1, 300);
            ChunkReader reader(limits_of_publisher);
            const auto slice = seed % 3 == 0 ? slices_of(1) : [&] { return sizes(random); };
            // A last chunk that waits for a timestamp to be told from payload is read when something follows.
            base::Bytes more = bytes;
            write_message(more, {5, MessageType::data_amf0, 1, 0}, filled(8), 128);
            const Reading reading = read_all(reader, more, slice);
            ASSERT_FALSE(reading.error)
                << "seed " << seed << ", way " << static_cast<int>(repeats) << ": " << reading.error->message;
            sender.expected.push_back({MessageType::data_amf0, 1, 0, filled(8)});
            ASSERT_EQ(reading.messages.size(), sender.expected.size()) << seed;
            EXPECT_TRUE(reading.messages == sender.expected) << "seed " << seed;
            EXPECT_EQ(reader.buffered_bytes(), 0u);
        }
}

TEST(ChunkReader, holds_only_what_arrived) {
    // Messages at the limit are declared on as many chunk streams as there may be; a chunk of each is sent.
    ChunkBuilder builder;
    const std::size_t count = limits_before_publish.chunk_streams;
    for (std::uint32_t id = 3; id < 3 + count; ++id)
        builder.chunk(0, id, {0, 256 * 1024, MessageType::video, 1}, filled(128));
    ChunkReader reader;
    EXPECT_FALSE(read_all(reader, base::Bytes(builder), slices_of(100)).error);
    EXPECT_LE(reader.buffered_bytes(), count * limits_before_publish.first_step);
    EXPECT_GE(reader.buffered_bytes(), count * 128);
}

TEST(ChunkReader, grows_with_what_arrives) {
    for (const std::uint32_t length : {100u, 70'000u, 300'000u, 5'000'000u}) {
        ChunkReader reader(limits_of_publisher);
        const base::Bytes body = filled(length);
        base::Bytes bytes;
        write_message(bytes, {6, MessageType::video, 1, 0}, body, 128);
        std::size_t arrived = 0;
        std::vector<PlainMessage> messages;
        for (base::ByteView left = bytes; !left.empty();) {
            const base::ByteView part = left.first(std::min<std::size_t>(left.size(), 4096));
            left = left.subspan(part.size());
            auto progress = reader.read(part);
            ASSERT_TRUE(progress);
            arrived += part.size();
            EXPECT_LE(reader.buffered_bytes(), arrived + std::max<std::size_t>(64 * 1024, arrived / 2));
            if (progress->message) messages.push_back(plain(*progress->message));
        }
        ASSERT_EQ(messages.size(), 1u);
        EXPECT_TRUE(messages[0].body == body);
        EXPECT_EQ(reader.buffered_bytes(), 0u);
    }
}

TEST(ChunkReader, bounds_the_memory_of_partial_messages) {
    ChunkLimits limits = limits_before_publish;
    limits.partial_size = 600;
    limits.first_step = 1;
    const auto partial = [](std::uint32_t id, std::size_t size) {
        return ChunkBuilder().chunk(0, id, {0, 400, MessageType::video, 1}, filled(size));
    };
    ChunkReader reader(limits);
    base::Bytes bytes = ChunkBuilder().number(MessageType::set_chunk_size, 300);
    base::append(bytes, base::Bytes(partial(4, 300)));
    base::append(bytes, base::Bytes(partial(5, 300)));
    EXPECT_FALSE(read_all(reader, bytes, slices_of(bytes.size())).error);
    EXPECT_EQ(reader.buffered_bytes(), 600u);
    const auto error = read_all(reader, base::Bytes(partial(6, 1)), slices_of(100)).error;
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, base::ErrorCode::limit_exceeded);

    // A complete message, and an aborted one, make room again.
    limits.partial_size = 704;
    ChunkReader other(limits);
    EXPECT_FALSE(read_all(other, bytes, slices_of(bytes.size())).error);
    const base::Bytes more = ChunkBuilder().continuation(4, filled(100)).number(MessageType::abort, 5);
    EXPECT_FALSE(read_all(other, more, slices_of(more.size())).error);
    EXPECT_EQ(other.buffered_bytes(), 0u);
    // The aborted chunk stream begins anew, its memory given back and counted anew.
    const base::Bytes anew = ChunkBuilder().chunk(0, 5, {0, 400, MessageType::video, 1}, filled(10));
    EXPECT_FALSE(read_all(other, anew, slices_of(anew.size())).error);
    EXPECT_EQ(other.buffered_bytes(), 10u);
}

TEST(ChunkReader, holds_one_mebibyte_of_strangers_and_sixteen_of_publishers) {
    for (const ChunkLimits& limits : {limits_before_publish, limits_of_publisher}) {
        ChunkReader reader(limits);
        const auto length = static_cast<std::uint32_t>(limits.message_size);
        const auto count = static_cast<std::uint32_t>(limits.partial_size / limits.message_size);
        // Messages at their limit of which the last byte, a chunk of its own, is wanting.
        base::Bytes bytes = ChunkBuilder().number(MessageType::set_chunk_size, length - 1);
        const base::Bytes body(length - 1, 7);
        for (std::uint32_t id = 3; id < 3 + count; ++id)
            base::append(bytes,
                         base::Bytes(ChunkBuilder().chunk(0, id, {0, length, MessageType::video, 1}, body)));
        EXPECT_FALSE(read_all(reader, bytes, slices_of(4096)).error);
        EXPECT_EQ(reader.buffered_bytes(), limits.partial_size);
        bytes = ChunkBuilder().chunk(0, 3 + count, {0, 2, MessageType::video, 1}, filled(1));
        const auto error = read_all(reader, bytes, slices_of(4096)).error;
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, base::ErrorCode::limit_exceeded);
    }
}

// Every format, on every side of every place where 24, 31 or 32 bits end, whether or not a sender repeats the
// extended timestamp, in one chunk and in several.
TEST(ChunkReader, counts_time_through_every_boundary_in_every_format) {
    constexpr std::uint64_t wraps = std::uint64_t{1} << 32;
    for (const std::uint64_t boundary : {std::uint64_t{1} << 24, std::uint64_t{1} << 31, wraps})
        for (const int offset : {-2, -1, 0, 1})
            for (const unsigned format : {0u, 1u, 2u, 3u})
                for (const std::uint64_t step :
                     {std::uint64_t{1}, std::uint64_t{33}, boundary - 1, boundary, boundary + 1})
                    for (const std::size_t size : {5u, 200u})
                        for (const bool repeats : {true, false}) {
                            // It arrives at the boundary with the second message, and goes on from there.
                            const std::uint64_t arrival =
                                boundary + wraps + static_cast<std::uint64_t>(offset);
                            const base::Bytes body = filled(size);
                            const base::ByteView whole(body);
                            const auto head = whole.first(std::min<std::size_t>(size, 128));
                            const auto tail = whole.subspan(head.size());
                            ChunkBuilder builder;
                            std::vector<PlainMessage> expected;
                            const auto wire = [&](std::uint64_t time) {
                                return static_cast<std::uint32_t>(time);
                            };
                            const auto say = [&](unsigned how, std::uint64_t time, std::uint64_t field) {
                                const std::uint32_t number = wire(field);
                                const bool extended = number >= 0xffffff;
                                if (how == 3)
                                    builder.continuation(
                                        4, head, extended && repeats ? std::optional(number) : std::nullopt);
                                else
                                    builder.chunk(
                                        how, 4,
                                        {number, static_cast<std::uint32_t>(size), MessageType::video, 1},
                                        head);
                                if (!tail.empty())
                                    builder.continuation(
                                        4, tail, extended && repeats ? std::optional(number) : std::nullopt);
                                expected.push_back({MessageType::video, 1, wire(time), body});
                            };
                            say(0, arrival - 2 * step, arrival - 2 * step);
                            say(format == 0 ? 0 : 2, arrival - step, format == 0 ? arrival - step : step);
                            say(format, arrival, format == 0 ? arrival : step);
                            say(format, arrival + step, format == 0 ? arrival + step : step);
                            // A chunk that waits for a timestamp to be told from payload needs a successor.
                            builder.message(MessageType::data_amf0, filled(8), 5);
                            expected.push_back({MessageType::data_amf0, 0, 0, filled(8)});
                            for (const std::size_t slice : {std::size_t{1}, std::size_t{4096}}) {
                                ChunkReader reader(limits_of_publisher);
                                const Reading reading =
                                    read_all(reader, base::Bytes(builder), slices_of(slice));
                                ASSERT_FALSE(reading.error) << reading.error->message;
                                ASSERT_TRUE(reading.messages == expected)
                                    << "boundary " << boundary << " offset " << offset << " format " << format
                                    << " step " << step << " size " << size << " repeats " << repeats;
                            }
                        }
}

TEST(ChunkReader, refuses_a_flood_of_tiny_chunks) {
    const auto flood = [](std::int64_t count) {
        base::Bytes bytes = ChunkBuilder().chunk(0, 4, {0, 0, MessageType::video, 1}, {});
        bytes.resize(bytes.size() + static_cast<std::size_t>(count - 1),
                     0xc4);  // type 3: an empty message per byte
        return bytes;
    };
    const base::MonotonicTime start{std::chrono::hours(1)};
    ChunkReader reader;
    reader.allow_work(start);
    EXPECT_FALSE(read_all(reader, flood(ChunkReader::small_chunks_at_once), slices_of(1000)).error);
    const auto error = read_all(reader, flood(1), slices_of(1000)).error;
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, base::ErrorCode::limit_exceeded);

    // Time pays for more, at its rate.
    ChunkReader patient;
    patient.allow_work(start);
    EXPECT_FALSE(read_all(patient, flood(ChunkReader::small_chunks_at_once), slices_of(1000)).error);
    patient.allow_work(start + std::chrono::seconds(1));
    EXPECT_FALSE(
        read_all(patient, flood(limits_before_publish.small_chunks_per_second), slices_of(1000)).error);
    EXPECT_TRUE(read_all(patient, flood(1), slices_of(1000)).error);
}

TEST(ChunkReader, full_chunks_pay_for_themselves) {
    ChunkReader reader(limits_of_publisher);
    base::Bytes bytes;
    const base::Bytes body = filled(128 * 1000);
    for (int i = 0; i < 40; ++i) write_message(bytes, {4, MessageType::video, 1, 0}, body, 128);
    EXPECT_FALSE(read_all(reader, bytes, slices_of(4096)).error);
}

}  // namespace
}  // namespace protocol::rtmp
