// Slices change nothing: what is read in parts is what is read at once. And no limit is passed on the way.
#include "protocol/rtmp/aggregate.h"
#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/control.h"
#include "slices.h"

using namespace protocol::rtmp;

namespace {

struct Reading {
    base::Bytes told;  // all messages, one after another
    bool failed = false;

    void tell(const Message& message) {
        const auto number = [this](std::uint32_t value) { base::append(told, write_number(value)); };
        number(static_cast<std::uint32_t>(message.type));
        number(message.stream_id);
        number(message.timestamp);
        base::append(told, message.body.view());
    }
};

Reading read(base::ByteView input, const ChunkLimits& limits) {
    Reading reading;
    ChunkReader reader(limits);
    fuzz::in_slices(input, [&](base::ByteView part) {
        while (true) {
            auto progress = reader.read(part);
            if (!progress) {
                reading.failed = true;
                return false;
            }
            fuzz::require(progress->used <= part.size());
            part = part.subspan(progress->used);
            fuzz::require(reader.buffered_bytes() <= limits.partial_size);
            if (!progress->message) break;
            const Message& message = *progress->message;
            fuzz::require(message.body.size() <= limits.message_size);
            reading.tell(message);
            if (const auto parts = split_aggregate(message))
                for (const Message& sub : *parts) fuzz::require(sub.body.size() <= message.body.size());
            static_cast<void>(read_user_control(message));
        }
        fuzz::require(part.empty());
        return true;
    });
    return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    base::Bytes input(data, data + size);
    // Small, so that a fuzzer reaches them; the purse of work stays the same for both.
    static constexpr ChunkLimits limits{2000, 3000, 4, 100, 4'000};
    const Reading sliced = read(input, limits);
    input[0] = 0;
    const Reading whole = read(input, limits);
    // How much memory a message takes on its way depends on the slices, so a limit may be met by one reading
    // only.
    if (!sliced.failed && !whole.failed) fuzz::require(sliced.told == whole.told);
    return 0;
}
