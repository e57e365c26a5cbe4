#include "fuzz/rtmp/wire_mutator.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/byte_writer.h"
#include "fuzz/require.h"

// libFuzzer's own mutations, for the bytes of one body or one text.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace fuzz {
namespace {

using namespace protocol::rtmp;

constexpr std::array message_types{
    MessageType::set_chunk_size, MessageType::abort,           MessageType::acknowledgement,
    MessageType::user_control,   MessageType::window_ack_size, MessageType::set_peer_bandwidth,
    MessageType::audio,          MessageType::video,           MessageType::data_amf3,
    MessageType::command_amf3,   MessageType::data_amf0,       MessageType::command_amf0,
    MessageType::aggregate,
};
constexpr std::array<std::uint32_t, 8> chunk_streams{2, 3, 4, 6, 63, 64, 319, 65'599};
constexpr std::array<std::uint32_t, 14> edges{0,          1,          2,          127,       128,
                                              4096,       0xfffffe,   0xffffff,   0x1000000, 0x7fffffff,
                                              0x80000000, 0xfffffffe, 0xffffffff, 65'536};
constexpr std::array<double, 8> numbers{0, 1, 2, 4, 5, -1, 1e300, std::numeric_limits<double>::quiet_NaN()};

template <class Range>
auto pick(const Range& range, Random& random) {
    return range[random.below(range.size())];
}

base::Bytes changed_bytes(base::ByteView bytes, std::size_t growth) {
    base::Bytes out(bytes.begin(), bytes.end());
    out.resize(bytes.size() + growth);
    out.resize(LLVMFuzzerMutate(out.data(), bytes.size(), out.size()));
    return out;
}

bool has_values(MessageType type) {
    return type == MessageType::command_amf0 || type == MessageType::command_amf3 ||
           type == MessageType::data_amf0 || type == MessageType::data_amf3;
}

// AMF3-typed messages are AMF0 after one byte (section 7.1.1).
std::size_t values_at(const WireMessage& message) {
    const bool amf3 = message.type == MessageType::command_amf3 || message.type == MessageType::data_amf3;
    return amf3 && !message.body.empty() ? 1 : 0;
}

std::vector<AmfValue> read_values(const WireMessage& message) {
    std::vector<AmfValue> values;
    AmfReader reader(base::ByteView(message.body).subspan(values_at(message)));
    while (!reader.at_end()) {
        auto value = reader.read();
        if (!value) break;
        values.push_back(std::move(*value));
    }
    return values;
}

}  // namespace

WireMutator::WireMutator(const std::vector<base::Bytes>& examples) : words_{"", "onMetaData"} {
    constexpr std::size_t largest_phrase = 400;
    for (const base::Bytes& example : examples) {
        for (WireMessage& message : read_wire(example)) {
            if (message.body.size() > largest_phrase) continue;
            if (has_values(message.type))
                for (const AmfValue& value : read_values(message)) learn(value);
            phrases_.push_back(std::move(message));
        }
    }
    std::sort(words_.begin(), words_.end());
    words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
    require(!phrases_.empty());
}

void WireMutator::learn(const AmfValue& value) {
    if (const std::string* text = value.text()) words_.push_back(*text);
    if (const AmfObject* object = value.object()) {
        for (const AmfProperty& property : object->properties) {
            words_.push_back(property.name);
            learn(property.value);
        }
    }
}

std::size_t WireMutator::mutate(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                unsigned seed) const {
    Random random(seed);
    if (size < 2 || max_size < 2 || random.one_in(4)) return LLVMFuzzerMutate(data, size, max_size);
    if (random.one_in(16)) data[0] = static_cast<std::uint8_t>(random.below(256));
    std::vector<WireMessage> messages = read_wire({data + 1, size - 1});
    do change(messages, random);
    while (random.one_in(2));
    const base::Bytes bytes = write_wire(messages, random, max_size - 1);
    std::copy(bytes.begin(), bytes.end(), data + 1);
    return 1 + bytes.size();
}

// The beginning of one chunk stream, the end of another.
std::size_t WireMutator::cross(base::ByteView first, base::ByteView second, std::uint8_t* out,
                               std::size_t max_size, unsigned seed) const {
    if (first.size() < 2 || second.size() < 2 || max_size < 2) return 0;
    Random random(seed);
    std::vector<WireMessage> messages = read_wire(first.subspan(1));
    const std::vector<WireMessage> others = read_wire(second.subspan(1));
    messages.resize(random.below(messages.size() + 1));
    const std::size_t from = random.below(others.size() + 1);
    messages.insert(messages.end(), others.begin() + static_cast<std::ptrdiff_t>(from), others.end());
    const base::Bytes bytes = write_wire(messages, random, max_size - 1);
    out[0] = random.one_in(2) ? first[0] : second[0];
    std::copy(bytes.begin(), bytes.end(), out + 1);
    return 1 + bytes.size();
}

void WireMutator::change(std::vector<WireMessage>& messages, Random& random) const {
    const auto at = [&](std::size_t index) { return messages.begin() + static_cast<std::ptrdiff_t>(index); };
    const std::size_t index = random.below(messages.size());
    const std::size_t way = messages.empty() ? 0 : random.below(10);
    switch (way) {
        case 0:
        case 1:
            messages.insert(at(random.below(messages.size() + 1)), pick(phrases_, random));
            break;
        case 2:
            messages.erase(at(index));
            break;
        case 3: {
            const WireMessage copy = messages[index];
            messages.insert(at(random.below(messages.size() + 1)), 1 + random.below(4), copy);
            break;
        }
        case 4:
            std::swap(messages[index], messages[random.below(messages.size())]);
            break;
        case 5:
        case 6:
            change_header(messages[index], random);
            break;
        default:
            change_body(messages[index], random);
    }
}

void WireMutator::change_header(WireMessage& message, Random& random) const {
    switch (random.below(4)) {
        case 0:
            message.chunk_stream = pick(chunk_streams, random);
            break;
        case 1:
            message.type =
                random.one_in(8) ? static_cast<MessageType>(random.below(256)) : pick(message_types, random);
            break;
        case 2:
            message.stream_id = static_cast<std::uint32_t>(random.below(4));
            break;
        default:
            message.timestamp = pick(edges, random) + static_cast<std::uint32_t>(random.below(3)) - 1;
    }
}

void WireMutator::change_body(WireMessage& message, Random& random) const {
    constexpr std::size_t growth = 64;
    if (!random.one_in(4)) {
        if (has_values(message.type) && change_values(message, random)) return;
        // Most other messages are numbers.
        if (message.body.size() >= 4 && message.body.size() <= 10) {
            base::Bytes number;
            base::ByteWriter(number).u32(pick(edges, random));
            std::copy(number.begin(), number.end(), message.body.end() - 4);
            return;
        }
    }
    message.body = changed_bytes(message.body, growth);
}

bool WireMutator::change_values(WireMessage& message, Random& random) const {
    std::vector<AmfValue> values = read_values(message);
    if (values.empty()) return false;
    const std::size_t index = random.below(values.size());
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(index);
    switch (random.below(6)) {
        case 0:
            values.erase(at);
            break;
        case 1:
            values.insert(at, some_value(random));
            break;
        default:
            values[index] = changed(values[index], random);
    }
    message.body.resize(values_at(message));
    for (const AmfValue& value : values) write_amf(message.body, value);
    return true;
}

AmfValue WireMutator::changed(const AmfValue& value, Random& random) const {
    if (random.one_in(5)) return some_value(random);
    if (const AmfObject* object = value.object(); object && !object->properties.empty()) {
        AmfObject copy = *object;
        AmfProperty& property = copy.properties[random.below(copy.properties.size())];
        switch (random.below(4)) {
            case 0:
                property.name = pick(words_, random);
                break;
            case 1:
                copy.set(pick(words_, random), some_value(random));
                break;
            default:
                property.value = changed(property.value, random);
        }
        return copy;
    }
    if (const AmfArray* array = value.array(); array && !array->values.empty()) {
        AmfArray copy = *array;
        AmfValue& element = copy.values[random.below(copy.values.size())];
        element = changed(element, random);
        return copy;
    }
    if (const std::string* text = value.text(); text && !random.one_in(3)) {
        constexpr std::size_t growth = 16;
        return std::string(base::as_text(changed_bytes(base::as_bytes(*text), growth)));
    }
    return some_value(random);
}

AmfValue WireMutator::some_value(Random& random) const {
    switch (random.below(8)) {
        case 0:
            return AmfNull{};
        case 1:
            return random.one_in(2);
        case 2:
            return AmfObject{{pick(words_, random), some_value(random)}};
        case 3:
            return AmfArray{{some_value(random), some_value(random)}};
        case 4:
        case 5:
            return pick(numbers, random);
        default:
            return pick(words_, random);
    }
}

}  // namespace fuzz
