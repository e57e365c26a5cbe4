// Aggregate messages and the small control messages. The first four bytes are the aggregate's timestamp. What
// is split can be put together and split again as the same; nothing gains a byte on the way.
#include "protocol/rtmp/aggregate.h"

#include "base/byte_reader.h"
#include "fuzz/require.h"
#include "protocol/rtmp/command.h"
#include "protocol/rtmp/control.h"
#include "protocol/rtmp/session_cases.h"

using namespace protocol::rtmp;

namespace {

void read_control(const base::SharedBytes& body) {
    if (const auto number = read_number({MessageType::acknowledgement, 0, 0, body}))
        fuzz::require(base::Bytes(body.view().begin(), body.view().begin() + 4) == write_number(*number));
    if (const auto control = read_user_control({MessageType::user_control, 0, 0, body})) {
        const base::Bytes written = write_user_control(*control);
        const auto again = read_user_control({MessageType::user_control, 0, 0, base::SharedBytes(written)});
        fuzz::require(again && again->event == control->event && again->value == control->value &&
                      again->second == control->second);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::ByteReader in({data, size});
    const std::uint32_t timestamp = in.u32();
    if (in.failed()) return 0;
    const base::ByteView rest = in.rest();
    const base::SharedBytes body(base::Bytes(rest.begin(), rest.end()));
    read_control(body);

    const auto parts = split_aggregate({MessageType::aggregate, 1, timestamp, body});
    if (!parts) return 0;
    fuzz::require(parts->size() <= max_sub_messages);
    std::size_t total = 0;
    std::vector<PlainMessage> plain_parts;
    for (const Message& part : *parts) {
        total += part.body.size();
        fuzz::require(part.stream_id == 1);
        plain_parts.push_back(plain(part));
        static_cast<void>(as_amf0_data(part));
    }
    fuzz::require(total <= body.size());
    if (parts->empty()) return 0;

    const std::uint32_t first = parts->front().timestamp;
    // The first message inside has the aggregate's own time.
    if (static_cast<MessageType>(rest[0]) == parts->front().type) fuzz::require(first == timestamp);
    const auto again =
        split_aggregate({MessageType::aggregate, 1, first, base::SharedBytes(aggregate_of(plain_parts))});
    fuzz::require(again && again->size() == parts->size());
    for (std::size_t i = 0; i < parts->size(); ++i) fuzz::require(plain((*again)[i]) == plain_parts[i]);
    return 0;
}
