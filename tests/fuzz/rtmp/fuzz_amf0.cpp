// What is read within the limits can be written, and read again as the same value; on little stack, however
// deep the input says it goes.
#include "protocol/rtmp/amf0.h"

#include "fuzz/require.h"
#include "fuzz/surroundings.h"
#include "protocol/rtmp/amf0_cases.h"
#include "protocol/rtmp/capability_fields.h"
#include "protocol/rtmp/command.h"

using namespace protocol::rtmp;

namespace {

struct Size {
    std::size_t nodes = 0;
    std::size_t text = 0;

    void add(const AmfValue& value, std::size_t depth) {
        ++nodes;
        fuzz::require(depth <= max_amf_depth);
        if (const std::string* string = value.text()) text += string->size();
        if (const AmfArray* array = value.array())
            for (const AmfValue& element : array->values) add(element, depth + 1);
        if (const AmfObject* object = value.object()) {
            for (const AmfProperty& property : object->properties) {
                text += property.name.size();
                add(property.value, depth + 1);
            }
        }
        fuzz::require(nodes <= max_amf_nodes && text <= max_amf_text);
    }
};

void read_all(base::ByteView input) {
    AmfReader reader(input);
    Size size;
    while (!reader.at_end()) {
        const auto value = reader.read();
        if (!value) break;
        size.add(*value, 1);
        base::Bytes written;
        write_amf(written, *value);
        const auto again = AmfReader(written).read();
        fuzz::require(again.has_value());
        base::Bytes written_again;
        write_amf(written_again, *again);
        fuzz::require(written == written_again);
        if (const AmfObject* object = value->object()) {
            AmfObject fields;
            write_capabilities(fields, read_capabilities(*object));
            AmfObject fields_again;
            write_capabilities(fields_again, read_capabilities(fields));
            fuzz::require(fields == fields_again);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    fuzz::with_small_stack();
    // What overflowed the stack of others, and is too long for a corpus.
    constexpr std::size_t depth = 70'000;
    read_all(nested_arrays(depth));
    read_all(nested_objects(depth));
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView input(data, size);
    read_all(input);
    const base::SharedBytes body(base::Bytes(input.begin(), input.end()));
    const MessageType type = size > 0 && data[0] == 0 ? MessageType::command_amf3 : MessageType::command_amf0;
    const auto [command, result] = read_command({type, 0, 0, body});
    static_cast<void>(read_status(command));
    if (!result) return 0;
    const base::SharedBytes written(write_command(command));
    const auto [again, result_again] = read_command({MessageType::command_amf0, 0, 0, written});
    fuzz::require(result_again.has_value() && again.name == command.name &&
                  again.arguments.size() == command.arguments.size());
    return 0;
}
