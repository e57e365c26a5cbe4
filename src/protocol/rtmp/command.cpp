#include "protocol/rtmp/command.h"

#include <cmath>

namespace protocol::rtmp {
namespace {

using base::ErrorCode;
using base::fail;

base::ByteView amf0_part(const Message& message, MessageType amf3_type) {
    const base::ByteView body = message.body.view();
    return message.type == amf3_type && !body.empty() && body.front() == 0 ? body.subspan(1) : body;
}

}  // namespace

const std::string* Command::text(std::size_t argument) const {
    return argument < arguments.size() ? arguments[argument].text() : nullptr;
}

const double* Command::number(std::size_t argument) const {
    return argument < arguments.size() ? arguments[argument].number() : nullptr;
}

const AmfObject* Command::information(std::size_t argument) const {
    return argument < arguments.size() ? arguments[argument].object() : nullptr;
}

ReadCommand read_command(const Message& message) {
    ReadCommand read;
    Command& command = read.command;
    AmfReader in(amf0_part(message, MessageType::command_amf3));
    const auto next = [&]() -> std::optional<AmfValue> {
        if (in.at_end()) return AmfValue(AmfNull{});
        auto value = in.read();
        if (value) return std::move(*value);
        read.result = fail(std::move(value.error()));
        return std::nullopt;
    };

    const auto name = next();
    if (!name) return read;
    if (!name->text()) {
        read.result = fail(ErrorCode::malformed, "a command without a name");
        return read;
    }
    command.name = *name->text();

    const auto transaction = next();
    if (!transaction) return read;
    if (transaction->number() && std::isfinite(*transaction->number()))
        command.transaction = *transaction->number();

    auto object = next();
    if (!object) return read;
    command.object = std::move(*object);
    while (!in.at_end()) {
        auto argument = next();
        if (!argument) return read;
        command.arguments.push_back(std::move(*argument));
    }
    return read;
}

base::Bytes write_command(const Command& command) {
    base::Bytes out;
    write_amf(out, command.name);
    write_amf(out, command.transaction);
    write_amf(out, command.object);
    for (const AmfValue& argument : command.arguments) write_amf(out, argument);
    return out;
}

Command result_of(double transaction, AmfValue object, AmfValue information) {
    return {"_result", transaction, std::move(object), {std::move(information)}};
}

Command error_of(double transaction, std::string_view code, std::string_view description) {
    const Status status{"error", std::string(code), std::string(description)};
    return {"_error", transaction, AmfNull{}, {status_object(status)}};
}

Command on_status(const Status& status) {
    return {"onStatus", 0, AmfNull{}, {status_object(status)}};
}

AmfObject status_object(const Status& status) {
    return {{"level", status.level}, {"code", status.code}, {"description", status.description}};
}

Status read_status(const Command& command) {
    Status status;
    for (const AmfValue& argument : command.arguments) {
        const AmfObject* information = argument.object();
        if (!information) continue;
        const auto text = [&](std::string_view name) {
            const std::string* value = information->text(name);
            return value ? *value : std::string();
        };
        status = {text("level"), text("code"), text("description")};
        break;
    }
    return status;
}

Message as_amf0_data(Message message) {
    if (message.type == MessageType::data_amf3) {
        message.body =
            message.body.from(message.body.size() - amf0_part(message, MessageType::data_amf3).size());
        message.type = MessageType::data_amf0;
    }
    return message;
}

}  // namespace protocol::rtmp
