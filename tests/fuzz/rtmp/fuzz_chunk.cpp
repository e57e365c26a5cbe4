// Slices change nothing: what is read in parts is what is read at once. No limit is passed on the way. And
// what was read can be written, by both writers, and read again as the same.
#include "base/byte_writer.h"
#include "fuzz/slices.h"
#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/chunk_writer.h"
#include "protocol/rtmp/control.h"
#include "protocol/rtmp/media_writer.h"

using namespace protocol::rtmp;

namespace {

// Small, so that a fuzzer reaches them; the purse of work stays the same for all.
constexpr ChunkLimits limits{2000, 3000, 4, 100, 4'000};
constexpr ChunkLimits wide_limits{2000, 30'000, 64, 100, 1'000'000};

void tell(base::Bytes& told, const Message& message) {
    base::ByteWriter(told)
        .u8(static_cast<std::uint8_t>(message.type))
        .u32(message.stream_id)
        .u32(message.timestamp)
        .u32(message.body.size())
        .bytes(message.body.view());
}

struct Reading {
    base::Bytes told;  // all messages, one after another
    std::vector<Message> messages;
    bool failed = false;
};

Reading read(base::ByteView input, const ChunkLimits& bounds) {
    Reading reading;
    ChunkReader reader(bounds);
    fuzz::in_slices(input, [&](base::ByteView part) {
        while (true) {
            auto progress = reader.read(part);
            if (!progress) {
                reading.failed = true;
                return false;
            }
            fuzz::require(progress->used <= part.size());
            part = part.subspan(progress->used);
            fuzz::require(reader.buffered_bytes() <= bounds.partial_size);
            fuzz::require(reader.chunk_size() >= min_chunk_size && reader.chunk_size() <= max_chunk_size);
            if (!progress->message) break;
            const Message& message = *progress->message;
            fuzz::require(message.body.size() <= bounds.message_size);
            tell(reading.told, message);
            reading.messages.push_back(message);
        }
        fuzz::require(part.empty());
        return true;
    });
    return reading;
}

bool is_media(MessageType type) {
    return type == MessageType::audio || type == MessageType::video || type == MessageType::data_amf0;
}

void write_again(const Reading& reading, std::uint32_t chunk_size) {
    base::Bytes written{0};
    write_message(written, {chunk_stream::control, MessageType::set_chunk_size}, write_number(chunk_size),
                  default_chunk_size);
    for (const Message& message : reading.messages)
        write_message(written,
                      {3 + message.stream_id % 50, message.type, message.stream_id, message.timestamp},
                      message.body.view(), chunk_size);
    const Reading again = read(written, wide_limits);
    fuzz::require(!again.failed && again.told == reading.told);
}

void write_media_again(const Reading& reading, std::uint32_t chunk_size) {
    constexpr std::uint32_t stream_id = 1;
    MediaWriter writer(stream_id, chunk_size);
    base::GatherList list;
    base::Bytes told;
    for (const Message& message : reading.messages) {
        if (!is_media(message.type)) continue;
        tell(told, {message.type, stream_id, message.timestamp, message.body});
        // A prefix of its own stands before metadata.
        const base::ByteView body = message.body.view();
        const std::size_t cut = body.size() / 3;
        writer.write(list, message.type, message.timestamp, body.first(cut), body.subspan(cut));
    }
    base::Bytes written{0};
    write_message(written, {chunk_stream::control, MessageType::set_chunk_size}, write_number(chunk_size),
                  default_chunk_size);
    for (const iovec& part : list.parts())
        base::append(written, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    const Reading again = read(written, wide_limits);
    fuzz::require(!again.failed && again.told == told);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    base::Bytes input(data, data + size);
    const Reading sliced = read(input, limits);
    const std::uint32_t chunk_size = min_chunk_size + (input[0] >> 3) * 8u;
    if ((input[0] & fuzz::slice_bits) != 0) {
        input[0] = 0;
        const Reading whole = read(input, limits);
        // How much memory a message takes on its way depends on the slices, so a limit may be met by one
        // reading only.
        if (!sliced.failed && !whole.failed) fuzz::require(sliced.told == whole.told);
    }
    if (sliced.messages.empty()) return 0;
    write_again(sliced, chunk_size);
    write_media_again(sliced, chunk_size);
    return 0;
}
