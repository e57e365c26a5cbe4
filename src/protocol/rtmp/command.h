// Command messages (specification 1.0, sections 7.1.1 and 7.2) as values: name, transaction id, command
// object, arguments. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/rtmp/amf0.h"
#include "protocol/rtmp/message.h"

namespace protocol::rtmp {

inline constexpr std::size_t max_stream_name = 1024;

struct Command {
    std::string name;
    double transaction = 0;  // 0: no answer is wanted
    AmfValue object;         // null where a command has none
    std::vector<AmfValue> arguments;

    // Null or empty when there is no such argument, or one of another type.
    const std::string* text(std::size_t argument) const;
    const double* number(std::size_t argument) const;
    const AmfObject* information(std::size_t argument = 0) const;
};

// What could be read of a command, for an answer; and what went wrong, if anything did.
struct ReadCommand {
    Command command;
    base::Result<> result;
};
// The body of a command_amf0 or command_amf3 message; the latter is AMF0 after one byte of zero.
ReadCommand read_command(const Message& message);
base::Bytes write_command(const Command& command);

// _result and _error (section 7.2.1.1).
Command result_of(double transaction, AmfValue object, AmfValue information);
Command error_of(double transaction, std::string_view code, std::string_view description);

// onStatus (section 7.2.2): level is "status" or "error".
struct Status {
    std::string level;
    std::string code;
    std::string description;
};
Command on_status(const Status& status);
AmfObject status_object(const Status& status);
// The status that an onStatus, _result or _error carries; empty members for what is not there.
Status read_status(const Command& command);

// A data message's body as AMF0: an AMF3-typed one (type 15) has a byte of zero before it.
Message as_amf0_data(Message message);

}  // namespace protocol::rtmp
