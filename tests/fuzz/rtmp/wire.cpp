#include "fuzz/rtmp/wire.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/chunk_writer.h"

namespace fuzz {
namespace {

using protocol::rtmp::MessageType;

constexpr std::uint32_t extended_from = 0xffffff;
constexpr std::size_t most_messages = 256;

// What both sides of a chunk stream remember of its last header (section 5.3.1.2).
struct Past {
    bool known = false;
    std::uint32_t timestamp = 0;
    std::uint32_t delta = 0;
    std::uint32_t field = 0;  // the extended timestamp as it was written
    bool extended = false;
    std::uint32_t length = 0;
    std::uint8_t type = 0;
    std::uint32_t stream_id = 0;
    base::Bytes body;  // of the message that is not complete yet
    bool in_message = false;
};

// The chunk size that a message sets for those behind it.
std::uint32_t chunk_size_after(std::uint32_t chunk_size, std::uint8_t type, base::ByteView body) {
    using namespace protocol::rtmp;
    if (static_cast<MessageType>(type) != MessageType::set_chunk_size || body.size() < 4) return chunk_size;
    const std::uint32_t wanted = base::ByteReader(body).u32() & 0x7fffffff;
    return wanted < min_chunk_size || wanted > max_chunk_size ? chunk_size : wanted;
}

std::uint32_t read_chunk_stream(base::ByteReader& in, std::uint8_t first) {
    const std::uint32_t low = first & 0x3f;
    if (low > 1) return low;
    const std::uint32_t second = in.u8();
    return 64 + second + (low == 1 ? 256u * in.u8() : 0);
}

class Writer {
  public:
    Writer(Random& random, std::size_t max_size) : random_(random), max_size_(max_size) {}

    base::Bytes write(const std::vector<WireMessage>& messages) {
        std::size_t next = 0;
        while ((next < messages.size() || !lanes_.empty()) && out_.size() < max_size_) {
            const bool can_begin = next < messages.size() && !busy(messages[next].chunk_stream);
            if (can_begin && (lanes_.empty() || (lanes_.size() < 3 && random_.one_in(4)))) {
                begin(messages[next++]);
            } else {
                go_on(random_.one_in(3) ? random_.below(lanes_.size()) : 0);
            }
        }
        if (out_.size() > max_size_) out_.resize(max_size_);
        return std::move(out_);
    }

  private:
    struct Lane {
        const WireMessage* message;
        std::size_t sent;
    };

    bool busy(std::uint32_t chunk_stream) const {
        return std::any_of(lanes_.begin(), lanes_.end(),
                           [&](const Lane& lane) { return lane.message->chunk_stream == chunk_stream; });
    }

    void begin(const WireMessage& message) {
        Past& past = past_[message.chunk_stream];
        const auto length = static_cast<std::uint32_t>(message.body.size());
        const auto type = static_cast<std::uint8_t>(message.type);
        const std::uint32_t delta = message.timestamp - past.timestamp;
        unsigned shortest = 0;
        if (past.known && past.stream_id == message.stream_id) {
            shortest = 1;
            if (past.length == length && past.type == type) shortest = past.delta == delta ? 3 : 2;
        }
        const auto format = static_cast<unsigned>(random_.one_in(3) ? random_.below(shortest + 1) : shortest);
        protocol::rtmp::write_basic_header(out_, format, message.chunk_stream);
        base::ByteWriter writer(out_);
        if (format <= 2) {
            past.field = format == 0 ? message.timestamp : delta;
            past.extended = past.field >= extended_from;
            past.delta = format == 0 ? 0 : delta;
            writer.u24(std::min(past.field, extended_from));
        }
        if (format <= 1) writer.u24(length).u8(type);
        if (format == 0) writer.u32_le(message.stream_id);
        if (past.extended) writer.u32(past.field);
        past.known = true;
        past.timestamp = message.timestamp;
        past.length = length;
        past.type = type;
        past.stream_id = message.stream_id;
        lanes_.push_back({&message, 0});
        send(lanes_.size() - 1);
    }

    void go_on(std::size_t lane) {
        const std::uint32_t chunk_stream = lanes_[lane].message->chunk_stream;
        protocol::rtmp::write_basic_header(out_, 3, chunk_stream);
        if (past_[chunk_stream].extended) base::ByteWriter(out_).u32(past_[chunk_stream].field);
        send(lane);
    }

    void send(std::size_t index) {
        Lane& lane = lanes_[index];
        const base::Bytes& body = lane.message->body;
        const std::size_t count = std::min<std::size_t>(chunk_size_, body.size() - lane.sent);
        base::append(out_, base::ByteView(body).subspan(lane.sent, count));
        lane.sent += count;
        if (lane.sent < body.size()) return;
        chunk_size_ = chunk_size_after(chunk_size_, static_cast<std::uint8_t>(lane.message->type), body);
        lanes_.erase(lanes_.begin() + static_cast<std::ptrdiff_t>(index));
    }

    Random& random_;
    std::size_t max_size_;
    base::Bytes out_;
    std::uint32_t chunk_size_ = protocol::rtmp::default_chunk_size;
    std::map<std::uint32_t, Past> past_;
    std::vector<Lane> lanes_;
};

}  // namespace

std::vector<WireMessage> read_wire(base::ByteView bytes) {
    std::vector<WireMessage> messages;
    std::map<std::uint32_t, Past> pasts;
    std::uint32_t chunk_size = protocol::rtmp::default_chunk_size;
    base::ByteReader in(bytes);
    while (!in.at_end() && messages.size() < most_messages) {
        const std::uint8_t first = in.u8();
        const unsigned format = first >> 6;
        const std::uint32_t chunk_stream = read_chunk_stream(in, first);
        Past& past = pasts[chunk_stream];
        if (!past.known && format > 1) break;
        std::uint32_t field = format <= 2 ? in.u24() : past.field;
        if (format <= 1) {
            past.length = in.u24();
            past.type = in.u8();
        }
        if (format == 0) past.stream_id = in.u32_le();
        if (format <= 2) past.extended = field == extended_from;
        if (past.extended) field = in.u32();
        if (in.failed()) break;
        if (!past.in_message) {
            if (format <= 2) past.delta = format == 0 ? 0 : field;
            past.timestamp = format == 0 ? field : past.timestamp + past.delta;
            past.in_message = true;
            past.body.clear();
        }
        past.field = field;
        past.known = true;
        const std::size_t missing = past.length - std::min<std::size_t>(past.length, past.body.size());
        base::append(past.body, in.take(std::min<std::size_t>(missing, chunk_size)));
        if (in.failed()) break;
        if (past.body.size() < past.length) continue;
        past.in_message = false;
        chunk_size = chunk_size_after(chunk_size, past.type, past.body);
        messages.push_back({chunk_stream, static_cast<MessageType>(past.type), past.stream_id, past.timestamp,
                            std::move(past.body)});
        past.body.clear();
    }
    return messages;
}

base::Bytes write_wire(const std::vector<WireMessage>& messages, Random& random, std::size_t max_size) {
    return Writer(random, max_size).write(messages);
}

}  // namespace fuzz
