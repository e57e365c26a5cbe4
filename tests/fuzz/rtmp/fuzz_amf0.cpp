// What is read within the limits can be written, and read again as the same value.
#include "protocol/rtmp/amf0.h"

#include "protocol/rtmp/capability_fields.h"
#include "protocol/rtmp/command.h"
#include "slices.h"

using namespace protocol::rtmp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView input(data, size);
    AmfReader reader(input);
    while (!reader.at_end()) {
        const auto value = reader.read();
        if (!value) break;
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
        }
    }
    const base::SharedBytes body(base::Bytes(input.begin(), input.end()));
    for (const MessageType type : {MessageType::command_amf0, MessageType::command_amf3}) {
        const auto [command, result] = read_command({type, 0, 0, body});
        if (result) fuzz::require(!write_command(command).empty());
        static_cast<void>(read_status(command));
    }
    return 0;
}
