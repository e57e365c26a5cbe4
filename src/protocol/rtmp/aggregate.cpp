#include "protocol/rtmp/aggregate.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/limit_hits.h"

namespace protocol::rtmp {
namespace {

constexpr std::size_t back_pointer_size = 4;

bool is_media(MessageType type) {
    return type == MessageType::audio || type == MessageType::video || type == MessageType::data_amf0 ||
           type == MessageType::data_amf3;
}

}  // namespace

base::Result<std::vector<Message>> split_aggregate(const Message& aggregate) {
    std::vector<Message> messages;
    const auto owner = std::make_shared<const base::SharedBytes>(aggregate.body);
    base::ByteReader in(aggregate.body.view());
    std::size_t count = 0;
    std::uint32_t shift = 0;
    while (!in.at_end()) {
        if (++count > max_sub_messages)
            return base::past_limit("rtmp_aggregate_messages", "too many messages in one aggregate message");
        const auto type = static_cast<MessageType>(in.u8());
        const std::uint32_t length = in.u24();
        // As in an FLV tag (E.4.1): 24 bits, then the upper eight.
        const std::uint32_t low = in.u24();
        const std::uint32_t timestamp = low | std::uint32_t{in.u8()} << 24;
        in.skip(3);  // message stream id: the aggregate's own counts
        const base::ByteView body = in.take(length);
        if (in.failed())
            return base::fail(base::ErrorCode::malformed,
                              "an aggregate message ends inside one of its messages");
        if (count == 1) shift = aggregate.timestamp - timestamp;
        if (is_media(type))
            messages.push_back(
                {type, aggregate.stream_id, timestamp + shift, base::SharedBytes(owner, body)});
        // Some writers leave out the last back pointer.
        in.skip(std::min(back_pointer_size, in.remaining()));
    }
    return messages;
}

}  // namespace protocol::rtmp
