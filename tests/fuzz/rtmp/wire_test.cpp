// The mutators' own reader and writer: framing that is not valid would never reach what is behind it.
#include "fuzz/rtmp/wire.h"

#include <gtest/gtest.h>

#include "protocol/rtmp/chunk_cases.h"

namespace fuzz {
namespace {

using namespace protocol::rtmp;

constexpr ChunkLimits roomy{1 << 20, 1 << 24, 64, 4096, 1'000'000};

WireMessage some_message(Random& random) {
    static constexpr std::uint32_t times[] = {0, 40, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff};
    static constexpr std::uint32_t lanes[] = {3, 63, 64, 319, 320, 65'599};
    WireMessage message;
    message.chunk_stream = lanes[random.below(std::size(lanes))];
    message.type = random.one_in(2) ? MessageType::audio : MessageType::video;
    message.stream_id = static_cast<std::uint32_t>(random.below(2));
    message.timestamp = times[random.below(std::size(times))];
    message.body =
        filled(random.one_in(3) ? random.below(700) : 5, static_cast<std::uint8_t>(random.below(256)));
    if (random.one_in(8)) {
        message.type = MessageType::set_chunk_size;
        message.body = write_number(128 + static_cast<std::uint32_t>(random.below(400)));
    }
    return message;
}

std::vector<std::string> told(std::vector<std::string> lines) {
    // Messages of different chunk streams may overtake each other.
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::string tell(std::uint32_t type, std::uint32_t stream_id, std::uint32_t timestamp, base::ByteView body) {
    return std::to_string(type) + " " + std::to_string(stream_id) + " " + std::to_string(timestamp) + " " +
           base::to_hex(body);
}

TEST(Wire, writes_what_the_server_reads_and_reads_it_back) {
    for (unsigned seed = 0; seed < 2'000; ++seed) {
        Random random(seed);
        std::vector<WireMessage> messages(random.below(12));
        for (WireMessage& message : messages) message = some_message(random);
        const base::Bytes bytes = write_wire(messages, random, 1 << 20);

        std::vector<std::string> sent;
        std::vector<std::string> sent_without_control;
        for (const WireMessage& m : messages) {
            sent.push_back(tell(static_cast<unsigned>(m.type), m.stream_id, m.timestamp, m.body));
            if (m.type != MessageType::set_chunk_size) sent_without_control.push_back(sent.back());
        }
        std::vector<std::string> again;
        for (const WireMessage& m : read_wire(bytes))
            again.push_back(tell(static_cast<unsigned>(m.type), m.stream_id, m.timestamp, m.body));
        EXPECT_EQ(told(again), told(sent)) << "seed " << seed;

        std::vector<std::string> heard;
        ChunkReader reader(roomy);
        base::ByteView rest = bytes;
        while (true) {
            auto progress = reader.read(rest);
            ASSERT_TRUE(progress) << progress.error().message << ", seed " << seed;
            rest = rest.subspan(progress->used);
            if (!progress->message) break;
            const Message& m = *progress->message;
            heard.push_back(tell(static_cast<unsigned>(m.type), m.stream_id, m.timestamp, m.body.view()));
        }
        EXPECT_EQ(told(heard), told(sent_without_control)) << "seed " << seed;
    }
}

}  // namespace
}  // namespace fuzz
